"""Levers and changes on a chain that one can multiply by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causalviz.errors import SettingsError, UnknownBehaviour
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.verdicts import Ruling
from causalviz.model.direct import Direct
from causalviz.model.repeats import Repeats
from causalviz.recommend.drawn import drawn_mask
from causalviz.recommend.influence import WIDER, Doubtful, Influence, Ways
from causalviz.recommend.promotion import likely_goal, next_actions, promote, what_if
from causalviz.recommend.tables import all_changes, promotions_table

# view -> cart 0.5, cart -> buy 0.4, view -> buy 0.1; search -> view is denied
DIRECT = np.array([[0, 0.5, 0.1, 0], [0, 0, 0.4, 0], [0, 0, 0, 0], [0.9, 0, 0, 0]])
NAMES = ("view", "cart", "buy", "search")
GRAPH = CausalGraph(
    NAMES,
    (Edge("view", "cart"), Edge("cart", "buy"), Edge("view", "buy"), Edge("search", "view", ruling=Ruling.REJECTED)),
    4,
)
ONCE = Repeats.none(4)
HAPPENED = (np.array([100.0, 60.0, 40.0, 10.0]), np.array([50.0, 30.0, 20.0, 10.0]), 100)


SURE = Doubtful.none(4)


def influence(spread: float = 0.0, repeats: Repeats = ONCE, doubtful: Doubtful = SURE) -> Influence:
    direct = Direct(DIRECT, DIRECT * (1 - spread), DIRECT * (1 + spread)).within(drawn_mask(GRAPH), repeats)
    ways = Ways(direct, doubtful)
    return Influence(NAMES, ways, ways, *HAPPENED)


def plain(offspring: np.ndarray) -> Ways:
    return Ways(Direct(offspring, offspring, offspring), Doubtful.none(len(offspring)))


def doubt(cause: str, effect: str, chance: float, amount: float) -> Doubtful:
    """One pair that is too unsure to be drawn."""
    matrices = np.zeros((2, 4, 4))
    matrices[:, NAMES.index(cause), NAMES.index(effect)] = chance, amount
    return Doubtful(*matrices)


def test_only_edges_that_nobody_denied_are_drawn() -> None:
    assert drawn_mask(GRAPH).sum() == 3
    assert influence().once.direct.offspring[3].tolist() == [0, 0, 0, 0]


def test_levers_are_ranked_by_their_total() -> None:
    cart, view = promote(influence(), "buy")
    assert (cart.behaviour, view.behaviour) == ("cart", "view")
    assert cart.total == pytest.approx(0.4)
    assert view.total == pytest.approx(0.1 + 0.5 * 0.4)
    assert view.direct == pytest.approx(0.1)
    assert view.extra[0] == pytest.approx(300)
    assert view.path == ("view", "cart", "buy")
    assert view.reach == 0.5
    assert view.goal_share == pytest.approx(100 * 0.3 / 40)
    assert (view.low, view.high) == pytest.approx((view.total, view.total))


def test_repeats_multiply_what_comes_through() -> None:
    own = np.array([0.0, 0.5, 0.0, 0.0])  # each cart sets off half a cart
    found = {one.behaviour: one for one in promote(influence(repeats=Repeats(own, own, own)), "buy")}
    assert found["cart"].total == pytest.approx(0.4 / (1 - 0.5))
    assert found["view"].total == pytest.approx(0.1 + 0.5 * 0.4 / (1 - 0.5))
    assert (found["cart"].repeats, found["view"].repeats) == (0.5, 0.0)
    assert found["cart"].goal_share == pytest.approx(60 * 0.4 / 40)  # without carts there are no repeats of carts


def test_what_is_too_unsure_to_be_drawn_counts_by_its_chance() -> None:
    found = {one.behaviour: one for one in promote(influence(doubtful=doubt("search", "view", 0.4, 0.5)), "buy")}
    assert found["search"].total == pytest.approx(0.4 * 0.5 * 0.3)
    assert found["search"].path == ("search", "view", "cart", "buy")
    assert [found[name].doubtful for name in ("search", "view", "cart")] == [True, False, False]
    assert found["view"].total == pytest.approx(0.3)
    assert (found["search"].low, found["search"].high) == pytest.approx((0.0, 0.15))  # there in four draws of ten
    table = promotions_table(found.values(), "buy")
    assert table.set_index("behaviour")["path_is_drawn"].to_dict() == {"cart": True, "view": True, "search": False}


def test_a_doubtful_way_that_hardly_matters_is_not_told() -> None:
    barely = influence(doubtful=doubt("search", "view", 0.1, 0.04))  # 0.0012 goals
    assert {one.behaviour for one in promote(barely, "buy")} == {"cart", "view"}
    assert what_if(barely, "search", 0.0) == ()
    notable = influence(doubtful=doubt("search", "view", 0.4, 0.9))
    assert [one.behaviour for one in what_if(notable, "search", 0.0)] == ["view", "cart", "buy"]


def test_doubtful_pairs_are_left_out_where_with_them_nothing_has_an_end() -> None:
    endless = influence(doubtful=doubt("buy", "view", 0.4, 9.0))
    assert endless.once.totals == pytest.approx(influence().once.totals)
    assert [one.path for one in promote(endless, "buy")] == [one.path for one in promote(influence(), "buy")]


def test_intervals_hold_the_estimate_and_widen_with_the_edges() -> None:
    narrow, wide = (promote(influence(spread), "buy")[1] for spread in (0.1, 0.5))
    assert wide.low < narrow.low < narrow.total < narrow.high < wide.high
    one = promote(influence(0.3), "buy")[0]  # a single edge: its own interval comes back, wider
    assert (one.low, one.high) == pytest.approx((0.4 * (1 - 0.3 * WIDER), 0.4 * (1 + 0.3 * WIDER)), abs=0.02)
    assert all(one.low >= 0 for one in promote(influence(0.9), "buy"))  # however wide: what sets off prevents nothing


def test_switching_off_and_doubling_are_opposite() -> None:
    off, double = ({c.behaviour: c for c in what_if(influence(), "view", factor)} for factor in (0.0, 2.0))
    assert off["cart"].change == pytest.approx(-50)
    assert off["buy"].change == pytest.approx(-30)
    assert double["buy"].change == pytest.approx(30)
    assert double["buy"].share == pytest.approx(30 / 40)
    assert what_if(influence(), "view", 1.0) == ()


def test_switching_off_in_a_circle_is_the_branching_mean_without_it() -> None:
    direct = np.array([[0, 0.5, 0], [0.3, 0, 0.4], [0, 0, 0]])
    base = np.array([100.0, 20.0, 10.0])
    events = base @ np.linalg.inv(np.eye(3) - direct)
    without = direct.copy()
    without[:, 0] = 0
    left = np.r_[0.0, base[1:]] @ np.linalg.inv(np.eye(3) - without)
    circle = Influence(("a", "b", "c"), plain(direct), plain(direct), events, events, 100)
    changes = {c.behaviour: c.change for c in what_if(circle, "a", 0.0)}
    assert changes["b"] == pytest.approx(left[1] - events[1])
    assert changes["c"] == pytest.approx(left[2] - events[2])


def test_nothing_falls_below_nothing() -> None:
    prevents = np.clip(-9 * DIRECT * np.array([1, 0, 0, 0])[:, None], -0.9, 0)
    assert what_if(replace(influence(), happened=plain(prevents)), "view", 3.0)[0].change == -60


def test_one_more_prevents_less_than_those_that_happened() -> None:
    lasting = replace(influence(), happened=plain(-0.4 * (DIRECT > 0)), once=plain(-0.1 * (DIRECT > 0)))
    view = next(one for one in promote(lasting, "buy") if one.behaviour == "view")
    assert view.total == pytest.approx(-0.1 + 0.1**2)
    assert view.goal_share == pytest.approx(100 * (-0.4 + 0.4**2) / 40)


def test_the_next_action_weighs_chance_and_effect() -> None:
    chances = np.array([[0.2, 0.1, 0.6, 0.1], [0.1, 0.5, 0.3, 0.1]])
    first, second = next_actions(influence(), "buy", chances)
    assert [one.behaviour for one in first] == ["view", "cart"]  # 0.2 x 0.3 against 0.1 x 0.4
    assert first[0].gain == pytest.approx(0.06)
    assert second[0].behaviour == "cart"


def test_tables_name_everything() -> None:
    table = promotions_table(promote(influence(), "buy"), "buy")
    assert table.loc[1, "path"] == "view > cart > buy"
    assert set(all_changes(influence())["factor"]) == {0.0, 2.0}


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(UnknownBehaviour, match="'sell'"):
        promote(influence(), "sell")
    with pytest.raises(SettingsError, match="0 or more"):
        what_if(influence(), "view", -1.0)
    endless = replace(influence(), once=plain(DIRECT + np.eye(4)))
    with pytest.raises(SettingsError, match="no end"):
        promote(endless, "buy")


def test_a_goal_is_told_by_its_name_and_else_by_what_leads_there() -> None:
    assert likely_goal(influence()) == "buy"
    renamed = replace(influence(), names=("浏览", "加购", "看评价", "提交订单并支付"))
    assert likely_goal(renamed) == "提交订单并支付"
    assert likely_goal(replace(influence(), names=("view", "cart", "review", "reorder"))) == "review"
    assert likely_goal(replace(influence(), names=("view", "BUY_now", "pay", "search"))) == "pay"
    assert likely_goal(replace(influence(), names=("view", "buy", "pay_failed", "search"))) == "buy"
