"""Figures of recommendations, as numbers, and rendered once each."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from causalviz.plots.because import ago_text, because_data, because_figure
from causalviz.plots.held_out import held_out_data, held_out_figure
from causalviz.plots.levers import change_data, levers_figure, promotion_data
from causalviz.recommend.promotion import Change, Promotion
from causalviz.recommend.reasons import Prediction, Reason

NASTY = "<b>buy</b>"
CART = (Reason("edge", "cart", 0.0, 1, 0, 6.0), Reason("habit", "buy", math.inf, 0, -1, 0.9))
VIEW = (
    Reason("itself", "cart", 0.0, 1, 0, 0.25),
    Reason("recency", "cart", 0.0, 1, 0, 2.0),
    Reason("edge", "view", 90.0, 2, 3, 1.5),
)
FOUND = (Prediction(NASTY, 0.4, 0.4, 0.1, CART), Prediction("cart", 0.2, 0.2, 0.3, VIEW))


def test_paths_lead_from_past_events_to_what_is_likely() -> None:
    data = because_data(FOUND)
    assert data.past == (("cart", "just now"), ("view", "90 s ago"))
    assert data.next == ((NASTY, 0.4), ("cart", 0.2))
    assert [(path.past, path.next, path.factor) for path in data.paths] == [(0, 0, 6.0), (0, 1, 0.5), (1, 1, 1.5)]
    figure = because_figure(data)
    assert "<b>buy</b>" not in [note.text.split("<br>")[0] for note in figure.layout.annotations]
    assert "&lt;b&gt;buy&lt;/b&gt;" in figure.layout.annotations[2].text
    widths = [trace.line.width for trace in figure.data if trace.mode == "lines" and trace.x[0] is not None]
    assert widths == sorted(widths)
    assert {trace.line.dash for trace in figure.data if trace.mode == "lines" and trace.x[0] is not None} == {"solid"}


def test_a_path_over_a_pair_that_is_not_drawn_is_dotted_and_says_so() -> None:
    unsure = Reason("unsure", "cart", 0.0, 1, 0, 2.0)
    path = because_figure(because_data((Prediction("buy", 0.4, 0.4, 0.1, (unsure,)),))).data[0]
    assert path.line.dash == "dot"
    assert "too unsure to be drawn" in path.text[0]


def test_empty_paths_say_why() -> None:
    assert "nothing to predict" in because_figure(because_data(())).layout.annotations[0].text
    only_habit = because_data((Prediction("a", 0.5, 0.5, 0.5, ()),))
    assert "usual for this user" in because_figure(only_habit).layout.annotations[0].text
    assert ago_text(math.inf) == "never so far"


def test_levers_in_order() -> None:
    levers = [Promotion("view", 0.1, 0.0, 0.3, 0.2, 0.4, 0.5, 100, 0.7, ("view", "cart", "buy")),
              Promotion("spam", -0.1, 0.0, -0.1, -0.2, math.nan, 0.1, 10, -0.1, ("spam", "buy"))]  # fmt: skip
    data = promotion_data(levers, "buy")
    assert data.labels == ("view", "spam")
    assert data.values == pytest.approx((300, -100))
    assert (
        data.hovers[0] == "+300 buy per 1000 users (90 %: +200 to +400)<br>view → cart → buy<br>50% of the users did it"
    )
    figure = levers_figure(data, x="extra", empty="none")
    assert figure.data[0].error_x.array == pytest.approx((100, 0))  # an unknown interval has no whisker
    assert levers_figure(promotion_data([], "buy"), x="extra", empty="none").layout.annotations[0].text == "none"


def test_changes_in_percent() -> None:
    data = change_data([Change("cart", 200, -50, -60, -40), Change("buy", 20, -3, -5, -1)])
    assert data.labels == ("buy", "cart")
    assert data.values == pytest.approx((-15, -25))
    assert data.lows == pytest.approx((-25, -30))


def test_scores_from_best_to_worst() -> None:
    table = pd.DataFrame({"method": ["a", "b"], "ndcg": [0.2, 0.5], "ndcg_low": [0.1, 0.4], "ndcg_high": [0.3, 0.6]})
    data = held_out_data(table, "a")
    assert data.methods == ("b", "a")
    assert data.ours == 1
    assert held_out_figure(data, "NDCG").data[0].x == (0.5, 0.2)
    assert "No method" in held_out_figure(held_out_data(table[:0], "a"), "NDCG").layout.annotations[0].text
