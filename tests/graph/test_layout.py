"""Places of boxes, on small graphs whose layers are plain to see."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.graph.layout import Place, box_size, layered_positions, text_units

CHAIN = [("view", "cart"), ("cart", "buy")]


def overlapping(places: dict[str, Place]) -> list[tuple[str, str]]:
    found = []
    for (one, (x1, y1)), (two, (x2, y2)) in itertools.combinations(places.items(), 2):
        (w1, h1), (w2, h2) = box_size(one), box_size(two)
        if abs(x1 - x2) < (w1 + w2) / 2 - 0.2 and abs(y1 - y2) < (h1 + h2) / 2 - 0.2:
            found.append((one, two))
    return found


def in_order(places: dict[str, Place], *names: str) -> bool:
    """Whether the boxes follow each other along the axis on which the first and the last are further apart."""
    (x1, y1), (x2, y2) = places[names[0]], places[names[-1]]
    axis = 0 if abs(x2 - x1) > abs(y2 - y1) else 1
    depths = [places[name][axis] for name in names]
    return depths == sorted(set(depths))


def test_causes_stand_before_their_effects() -> None:
    assert in_order(layered_positions(("buy", "cart", "view"), CHAIN, {}), "view", "cart", "buy")


def test_a_cycle_is_broken_at_its_least_sure_edge() -> None:
    places = layered_positions(("buy", "cart", "view"), [*CHAIN, ("buy", "view")], {})
    assert in_order(places, "view", "cart", "buy")


def test_a_long_edge_leaves_room_for_what_lies_between() -> None:
    (x1, y1), (x2, y2), (x3, y3) = layered_positions(("view", "cart", "buy"), [*CHAIN, ("view", "buy")], {}).values()
    assert (x2 - x1) * (y3 - y1) != (y2 - y1) * (x3 - x1)  # cart does not stand on the line from view to buy


def test_two_chains_do_not_cross() -> None:
    names = ("view A", "view B", "buy B", "buy A")
    places = layered_positions(names, [("view A", "buy A"), ("view B", "buy B")], {})
    along = 0 if places["view A"][1] == places["view B"][1] else 1
    views = places["view A"][along] - places["view B"][along]
    buys = places["buy A"][along] - places["buy B"][along]
    assert views * buys > 0


def test_a_source_stands_close_to_its_effect() -> None:
    names = ("a", "b", "c", "d", "late")
    places = layered_positions(names, [("a", "b"), ("b", "c"), ("c", "d"), ("late", "d")], {})
    axis = 0 if places["a"][0] < places["b"][0] else 1
    assert places["late"][axis] == places["c"][axis]


def test_behaviours_without_an_edge_stand_below() -> None:
    places = layered_positions(("view", "cart", "login", "logout"), [("view", "cart")], {})
    assert places["login"][1] == places["logout"][1] > max(places["view"][1], places["cart"][1])


def test_only_loose_behaviours_and_none_at_all() -> None:
    assert layered_positions((), [], {}) == {}
    places = layered_positions([f"n{row}" for row in range(30)], [], {})
    assert len({y for _, y in places.values()}) > 1
    assert overlapping(places) == []


def test_what_was_placed_stays_and_the_new_one_comes_near_its_neighbours() -> None:
    placed = {"view": (0.0, 0.0), "cart": (0.0, 200.0), "gone": (5.0, 5.0)}
    places = layered_positions(("view", "cart", "buy", "login"), CHAIN, placed)
    assert (places["view"], places["cart"]) == ((0.0, 0.0), (0.0, 200.0))
    assert abs(places["buy"][0]) + abs(places["buy"][1] - 200) < 250
    assert places["login"][1] > 200
    assert "gone" not in places
    assert overlapping(places) == []


def test_a_deep_graph_is_folded_to_stay_legible() -> None:
    names = [f"step {row}" for row in range(24)]
    wheel = [(f"step {row}", f"step {row + 1}") for row in range(23)]
    places = layered_positions(names, wheel, {})
    assert max(y for _, y in places.values()) - min(y for _, y in places.values()) < 23 * 60
    assert overlapping(places) == []


def test_a_layer_too_long_for_the_window_is_folded() -> None:
    """One cause of 200 effects: in one line they would be 200 boxes high and two wide."""
    effects = [f"effect {number}" for number in range(200)]
    places = layered_positions(("cause", *effects), [("cause", effect) for effect in effects], {})
    x, y = zip(*places.values(), strict=True)
    assert 0.8 < (max(x) - min(x)) / (max(y) - min(y)) < 3.5
    assert all(places["cause"][0] < places[effect][0] for effect in effects) or all(
        places["cause"][1] < places[effect][1] for effect in effects
    )
    assert not overlapping(places)


@pytest.mark.parametrize(("text", "units"), [("view", 4), ("加购", 4), ("a购", 3), ("", 0)])
def test_text_is_measured_in_half_widths(text: str, units: int) -> None:
    assert text_units(text) == units


def test_long_names_take_two_lines() -> None:
    assert box_size("x" * 18)[1] < box_size("x" * 19)[1]
    assert box_size("x" * 40) == box_size("x" * 19)


NODES = [f"behaviour {row}" for row in range(9)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=20),
    st.dictionaries(st.sampled_from(NODES[:3]), st.tuples(st.floats(-500, 500), st.floats(-500, 500)), max_size=1),
)
def test_the_laws_of_layout(pairs: list[tuple[str, str]], placed: dict[str, Place]) -> None:
    places = layered_positions(NODES, pairs, placed)
    assert set(places) == set(NODES)
    assert {name: places[name] for name in placed} == placed
    assert overlapping(places) == []
    assert layered_positions(NODES, pairs, placed) == places
    assert layered_positions(NODES, pairs, places) == places
