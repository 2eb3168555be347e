"""An imported graph becomes verdicts, and stands as it did where it came from."""

from __future__ import annotations

import math

from exchange_samples import DAGITTY, PLACES, RUDE, SHOP
from graph_strategies import AT, causal_graphs, histories
from hypothesis import given

from causalviz.graph.causal_graph import Estimate, View, lay_over
from causalviz.graph.exchange import edges_to_verdicts, news_of, read_graph, unknown_names, write_csv, write_json
from causalviz.graph.verdicts import ASSERTED, DENIED, Act, History, Verdict


def test_listed_edges_are_added_and_strangers_reported() -> None:
    graph = read_graph("cause,effect,note\nview,cart,seen\ncart,elsewhere,\n", "edges.csv")
    assert unknown_names(graph, ("view", "cart", "buy")) == ("elsewhere",)
    assert edges_to_verdicts(graph, ("view", "cart", "buy"), "Ada", AT) == [
        Verdict(Act.ADD, "view", "cart", "Ada", AT, "seen")
    ]


def test_what_a_graph_says_of_itself_is_no_news() -> None:
    chances = {("view", "cart"): 0.912345, ("cart", "buy"): 0.7, ("view", "buy"): 0.6}
    told = [Estimate(*pair, chance, 2.0, 1.5, 3.0, 60.0) for pair, chance in chances.items()]
    said = History().append(Verdict(Act.ACCEPT, "cart", "buy", "Bo", AT))
    drawn = lay_over(("view", "cart", "buy"), told, said, View())
    again = read_graph(write_csv(drawn), "edges.csv")
    assert [edge.pair for edge in again.edges] == [edge.pair for edge in drawn.edges]
    assert [edge.pair for edge in news_of(again, drawn).edges] == [("cart", "buy")]  # a ruling, which stands already
    assert edges_to_verdicts(news_of(again, drawn), drawn.behaviours, "Ada", AT, said) == []
    other = read_graph("cause,effect,probability\nview,cart,0.8\nview,buy,0.6\nbuy,view,\n", "edges.csv")
    assert [edge.pair for edge in news_of(other, drawn).edges] == [("view", "cart"), ("buy", "view")]


def test_rulings_are_kept() -> None:
    graph = read_graph(write_json(SHOP), "graph.json")
    said = edges_to_verdicts(graph, graph.behaviours, "Ada", AT)
    assert [(verdict.act, verdict.cause, verdict.note) for verdict in said] == [
        (Act.ADD, "view", ""),
        (Act.ACCEPT, RUDE, "sure"),
        (Act.REJECT, "buy", ""),
    ]


def test_probabilities_come_along_and_are_shown_where_no_log_gives_one() -> None:
    graph = read_graph("cause,effect,probability\nview,cart,0.7\ncart,buy,\nview,buy,0.2\n", "edges.csv")
    said = History(tuple(edges_to_verdicts(graph, graph.behaviours, "Ada", AT)))
    assert [verdict.probability for verdict in said.entries] == [0.7, None, 0.2]
    said = said.append(Verdict(Act.REJECT, "view", "cart", "Bo", AT))
    told = Estimate("view", "buy", 0.9, 2.0, 1.5, 3.0, 60.0)
    drawn = lay_over(graph.behaviours, [told], said, View())
    assert [(edge.pair, edge.probability, edge.imported) for edge in drawn.edges[:2]] == [
        (("view", "buy"), 0.9, False),
        (("view", "cart"), 0.7, True),
    ]
    assert math.isnan(drawn.edges[2].probability)


def test_what_stands_already_is_not_said_again() -> None:
    graph = read_graph("cause,effect,note\nview,cart,new words\nview,buy,\n", "edges.csv")
    stands = (
        History().append(Verdict(Act.ADD, "view", "cart", "Ada", AT)).append(Verdict(Act.ADD, "view", "buy", "Ada", AT))
    )
    assert edges_to_verdicts(graph, ("view", "cart", "buy"), "Bo", AT, stands) == [
        Verdict(Act.NOTE, "view", "cart", "Bo", AT, "new words")
    ]


@given(causal_graphs(), histories())
def test_every_history_takes_the_verdicts(graph, history: History) -> None:  # type: ignore[no-untyped-def]
    names = dict(zip(graph.behaviours, ("view", "cart", "buy", "x", "y"), strict=False))
    text = "cause,effect\n" + "".join(f"{names[edge.cause]},{names[edge.effect]}\n" for edge in graph.edges)
    if not graph.edges:
        return
    imported = read_graph(text, "edges.csv")
    for verdict in edges_to_verdicts(imported, names.values(), "Bo", AT, history):
        history = history.append(verdict)
    assert all(history.standing()[edge.pair].ruling in ASSERTED for edge in imported.edges)


def test_a_file_makes_a_graph_without_a_log_stand_as_it_was() -> None:
    imported = read_graph(write_json(SHOP, PLACES), "graph.json")
    said = History(tuple(edges_to_verdicts(imported, imported.behaviours, "Ada", AT)))
    drawn = lay_over(imported.behaviours, (), said, View())
    assert drawn.behaviours == SHOP.behaviours
    assert {edge.pair for edge in drawn.edges if not edge.denied} == {("view", RUDE), (RUDE, "buy")}
    assert [edge.pair for edge in drawn.edges if edge.ruling in DENIED] == [("buy", "view")]


def test_a_strangers_model_is_added_edge_by_edge() -> None:
    imported = read_graph(DAGITTY, "model.txt")
    said = edges_to_verdicts(imported, imported.behaviours, "Ada", AT)
    assert [verdict.act for verdict in said] == [Act.ADD] * 4
