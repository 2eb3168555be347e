"""Edges between behaviours, read as edges between event types."""

from __future__ import annotations

from causalviz.events.log import Behaviour
from causalviz.graph.causal_graph import Estimate, View, lay_over
from causalviz.graph.knowledge import Knowledge
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.recommend.drawn import doubtful_chances, edge_chances, kind_mask


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


def test_a_pair_is_doubtful_below_the_threshold_until_somebody_says_something_of_it() -> None:
    names = ["view", "cart", "buy"]
    chances = {("view", "cart"): 0.9, ("cart", "buy"): 0.4, ("view", "buy"): 0.3, ("buy", "view"): 0.05}
    chances |= {("buy", "cart"): 0.01, ("cart", "view"): 0.02}
    estimates = [Estimate(*pair, p, 1.0, 1.0, 1.0, 1.0) for pair, p in chances.items()]
    graph = lay_over(names, estimates, History(), View())
    assert doubtful_chances(graph).tolist() == [[0, 0, 0.3], [0, 0, 0.4], [0, 0, 0]]
    assert edge_chances(graph).tolist() == [[0, 1, 0.3], [0.02, 0, 0.4], [0.05, 0, 0]]
    strict = lay_over(names, estimates, History(), View(threshold=0.95))
    assert doubtful_chances(strict)[0, 1] == 0.9
    for act in (Act.REJECT, Act.ACCEPT):
        said = History().append(Verdict(act, "cart", "buy", "me", "2026-01-01T00:00:00+00:00"))
        assert doubtful_chances(lay_over(names, estimates, said, View())).tolist() == [[0, 0, 0.3], [0] * 3, [0] * 3]
    ruled = lay_over(names, estimates, History(), View(), Knowledge(goals=("buy",), forbidden=(("view", "buy"),)))
    assert doubtful_chances(ruled).tolist() == [[0] * 3, [0, 0, 0.4], [0] * 3]
