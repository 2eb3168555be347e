"""The drawing as plain marks, and as the document that the browser gets."""

from __future__ import annotations

import json
import math

import pytest
from graph_strategies import causal_graphs
from hypothesis import given

from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import (
    Dress,
    Follow,
    chance_text,
    document,
    duration_text,
    network_data,
    ratio_text,
    visible_text,
    wrap_name,
)

PLACES = {"view": (0.0, 0.0), "cart": (0.0, 120.0), "buy": (200.0, 120.0)}


def drawn(*edges: Edge) -> CausalGraph:
    return CausalGraph(("view", "cart", "buy"), edges, 6)


def test_boxes_carry_name_place_and_what_is_known_of_them() -> None:
    data = network_data(drawn(), PLACES, dress=Dress({"view": "see", "cart": "take", "buy": "take"}, {"view": 1200}))
    first = data.nodes[0]
    assert (first.id, first.name, first.label, (first.x, first.y)) == ("n0", "view", "view", (0.0, 0.0))
    assert first.title == "view\ntype see\n1,200 events"
    assert (data.kinds, [node.tone for node in data.nodes], data.total) == (("see", "take"), [0, 1, 1], 6)


def test_kinds_that_tell_nothing_are_left_out() -> None:
    assert network_data(drawn(), PLACES, dress=Dress(kinds={name: name for name in PLACES})).kinds == ()
    assert network_data(drawn(), PLACES, dress=Dress(kinds=dict.fromkeys(PLACES, "one"))).kinds == ()


def test_arrows_say_probability_effect_and_ruling() -> None:
    data = network_data(
        drawn(
            Edge("view", "cart", 0.93, 4.0, 3.0, 5.0, 90.0),
            Edge("cart", "buy", 0.42, 0.5, 0.4, 0.7, 9.0, Ruling.ACCEPTED, "sure"),
            Edge("buy", "view", 0.81, 1.0, ruling=Ruling.REJECTED),
            Edge("view", "buy", ruling=Ruling.ADDED),
        ),
        PLACES,
    )
    sure, weak, denied, added = data.edges
    assert (sure.id, sure.label, sure.tone, sure.inhibits, sure.dashed) == ("e0-1", "0.93", "excite5", False, False)
    assert sure.title == "view → cart\nprobability 0.93\nrate × 4 (90 %: 3 to 5)\ntypical delay 90 s"
    assert (weak.label, weak.tone, weak.inhibits) == ("✓ 0.42", "inhibit0", True)
    assert weak.title.endswith("expert: accepted\nnote: sure")
    assert (denied.label, denied.tone, denied.dashed) == ("✕ 0.81", "rejected", True)
    assert (added.label, added.tone) == ("＋", "excite5")
    assert sure.width > weak.width > denied.width == added.width


def test_the_selection_is_found_by_id() -> None:
    assert network_data(drawn(), PLACES, ("view", "cart")).selected == ("e0-1",)
    assert network_data(drawn(), PLACES, ("buy",)).selected == ("n2",)
    assert network_data(drawn(), PLACES, ("gone", "cart")).selected == ()


def test_a_behaviour_without_a_place_is_a_bug() -> None:
    with pytest.raises(KeyError):
        network_data(drawn(), {"view": (0, 0)})


def test_the_document_is_what_vis_network_draws() -> None:
    graph = drawn(Edge("view", "cart", 0.9, 2.0), Edge("cart", "view", 0.8, 0.5))
    made = document(network_data(graph, PLACES, ("view", "cart")))
    assert [node["id"] for node in made["nodes"]] == ["n0", "n1", "n2"]
    assert [(edge["from"], edge["to"], edge["text"]) for edge in made["edges"]] == [
        ("n0", "n1", "0.90"),
        ("n1", "n0", "0.80"),
    ]
    assert [edge["arrows"]["to"]["type"] for edge in made["edges"]] == ["arrow", "bar"]
    assert (made["selected"], made["labelled"], made["options"]["physics"]) == (["e0-1"], True, {"enabled": False})
    assert set(made["palettes"]["light"]) == set(made["palettes"]["dark"])


@given(causal_graphs())
def test_any_graph_becomes_json_and_ids_are_never_names(graph: CausalGraph) -> None:
    places = {name: (100.0 * row, 50.0 * row) for row, name in enumerate(graph.behaviours)}
    made = document(network_data(graph, places))
    json.dumps(made, allow_nan=False, default=dict)
    assert [node["id"] for node in made["nodes"]] == [f"n{row}" for row in range(len(graph.behaviours))]
    assert len(made["edges"]) == len(graph.edges)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("view item A", "view item A"),
        ("add to cart from the recommendation list", "add to cart from\nthe recommendatio…"),
        ("领取优惠券并分享给三位好友", "领取优惠券并分享给\n三位好友"),
        ("领取优惠券并分享给三位好友然后返回商品详情页", "领取优惠券并分享给\n三位好友然后返回…"),
        ("  ", "(empty)"),
        ("a\x00b", "a\ufffdb"),
    ],
)
def test_names_are_wrapped_to_two_lines(name: str, lines: str) -> None:
    assert wrap_name(name) == lines


def test_what_would_lie_about_a_name_is_made_visible() -> None:
    assert visible_text("pay\u202egnp\n") == "pay\ufffdgnp\ufffd"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "250 ms"),
        (45, "45 s"),
        (90, "90 s"),
        (210, "3.5 min"),
        (7200, "2 h"),
        (864_000, "10 d"),
        (math.nan, "unknown"),
    ],
)
def test_durations_come_in_peoples_units(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(("chance", "text"), [(0.85, "0.85"), (0.9951, ">0.99"), (0.004, "<0.01"), (1.0, ">0.99")])
def test_a_probability_never_claims_certainty(chance: float, text: str) -> None:
    assert chance_text(chance) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.302, "0.302"), (7.4812, "7.48"), (2190.3, "2,190"), (1e-5, "<0.001"), (0.0, "0"), (math.inf, "inf")],
)
def test_rate_ratios_have_no_exponents(ratio: float, text: str) -> None:
    assert ratio_text(ratio) == text


def test_what_follows_is_a_layer_of_its_own_and_never_covers_an_edge() -> None:
    follows = (Follow("view", "cart", 9), Follow("buy", "view", 1200), Follow("buy", "gone", 3))
    made = document(
        network_data(drawn(Edge("view", "cart", 0.9), Edge("cart", "buy", 0.8)), PLACES, dress=Dress(follows=follows))
    )
    layer = [edge for edge in made["edges"] if edge.get("layer")]
    assert [(edge["id"], edge["from"], edge["to"], edge["tone"], edge["text"]) for edge in layer] == [
        ("f2-0", "n2", "n0", "follows", "")
    ]
    assert "1,200 times right after it" in layer[0]["title"]
    assert made["meanings"] == ["follows"]


def test_a_meaning_colours_its_edge_and_lets_the_others_fade() -> None:
    made = document(
        network_data(
            drawn(Edge("view", "cart", 0.9), Edge("cart", "buy", 0.8)),
            PLACES,
            dress=Dress(tones={("view", "cart"): "causal", ("buy", "gone"): "x"}),
        )
    )
    assert {edge["id"]: edge["tone"] for edge in made["edges"]}["e0-1"] == "causal"
    assert (made["emphasis"], made["meanings"]) == (["e0-1"], ["causal"])


def test_an_assumed_behaviour_and_notes_are_told_in_the_box() -> None:
    made = document(
        network_data(
            drawn(Edge("view", "cart", 0.9), Edge("cart", "buy", 0.8)),
            PLACES,
            dress=Dress(assumed={"buy"}, notes={"view": "a <b>\nnote"}),
        )
    )
    assert [node.get("assumed") for node in made["nodes"]] == [None, None, True]
    assert "the log has no such events" in made["nodes"][2]["title"]
    assert "note: a <b>\ufffdnote" in made["nodes"][0]["title"]
