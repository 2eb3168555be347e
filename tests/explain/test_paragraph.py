"""The paragraph on one edge."""

from __future__ import annotations

import math

from causalviz.explain.counterfactual import Change, Counterfactual
from causalviz.explain.evidence import Histories
from causalviz.explain.neighbourhood import Neighbourhood, Way
from causalviz.explain.paragraph import edge_paragraph
from causalviz.explain.shapley import EdgeExplanation, Part

PARTS = (
    Part("a", "A", 1.5, "It follows.", 0.0),
    Part("b", "B", -0.4, "It precedes.", 0.0),
    Part("c", "C", 0.01, "", 0.0),
)
TOLD = EdgeExplanation("view", "buy", 0.0, 1.11, 0.75, PARTS)
SEEN = Histories(600.0, 40, 10, ())
FLIP = Counterfactual(True, Change(("A",), 0.5, -0.01), None, None)


def test_it_tells_arguments_histories_neighbours_and_what_would_flip_it() -> None:
    around = Neighbourhood(1.11, (), (Way("cart", -1.0),), 5)
    assert edge_paragraph(TOLD, SEEN, around, FLIP) == (
        "Most for it: it follows. Most against it, being less than the rest of the pair suggests: it precedes. "
        "The effect followed within 10 min in 10 of 40 cases. "
        "Some of it is put down to the way “view” → “cart” → “buy”: without the evidence for both steps its "
        "probability would be 89 % instead of 75 %. Its probability would fall below 50 % if “A” went 50 % of the way "
        "to a usual pair that is no edge."
    )


def test_what_is_not_clear_is_left_out() -> None:
    weak = TOLD._replace(parts=(PARTS[2],))
    told = edge_paragraph(weak, SEEN._replace(watched=0), Neighbourhood(0.0, (), (Way("cart", 0.01),), 1), None)
    assert told == "No evidence of this kind could flip it: the log cannot decide this pair at all."
    nothing = EdgeExplanation("view", "buy", math.nan, math.nan, math.nan, ())
    assert edge_paragraph(nothing, SEEN, None, None).startswith("The network did not look at it")
