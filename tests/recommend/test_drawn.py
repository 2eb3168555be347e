"""Edges between behaviours, read as edges between event types."""

from __future__ import annotations

from causalviz.events.log import Behaviour
from causalviz.graph.causal_graph import Estimate, View, lay_over
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.recommend.drawn import kind_mask


def test_items_do_not_matter_and_denied_edges_are_gone() -> None:
    behaviours = [Behaviour("view A", "view", "A"), Behaviour("cart A", "cart", "A"), Behaviour("view B", "view", "B")]
    behaviours += [Behaviour("bought", "buy")]
    names = [one.name for one in behaviours]
    history = History()
    for act, cause, effect in ((Act.ADD, "view A", "cart A"), (Act.ADD, "cart A", "bought")):
        history = history.append(Verdict(act, cause, effect, "me", "2026-01-01T00:00:00+00:00"))
    empty: tuple[Estimate, ...] = ()
    found = kind_mask(lay_over(names, empty, history, View()), behaviours, ["buy", "cart", "share", "view"])
    assert {(int(i), int(j)) for i, j in zip(*found.nonzero(), strict=True)} == {(3, 1), (1, 0)}
    gone = history.append(Verdict(Act.REJECT, "view A", "cart A", "me", "2026-01-01T00:00:01+00:00"))
    assert not kind_mask(lay_over(names, empty, gone, View()), behaviours, ["cart", "view"]).any()
