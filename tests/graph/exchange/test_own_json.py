"""Our own JSON is strict, and a broken file is one sentence."""

from __future__ import annotations

import json
import math

import pytest
from exchange_samples import RUDE, SHOP
from graph_strategies import causal_graphs
from hypothesis import given

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange import read_json, write_json


@given(causal_graphs())
def test_json_comes_back_as_it_went(graph: CausalGraph) -> None:
    assert repr(read_json(write_json(graph))) == repr(graph)  # repr, because NaN differs from itself


def test_json_is_strict_and_plain() -> None:
    written = json.loads(write_json(SHOP), parse_constant=lambda word: pytest.fail(word))
    assert written["edges"][0]["probability"] == 0.9
    assert written["edges"][2]["probability"] is None
    assert written["total"] == 6


def spoiled(**parts: object) -> str:
    """The shop's file with some parts replaced."""
    return json.dumps({**json.loads(write_json(SHOP)), **parts})


def with_edges(*changes: dict[str, object]) -> str:
    edges = json.loads(write_json(SHOP))["edges"]
    return spoiled(edges=[{**edge, **change} for edge, change in zip(edges, changes, strict=False)])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not json", "no JSON (line 1, column 1: Expecting value)"),
        ("[" * 100_000, "nested too deeply"),
        (write_json(SHOP).replace('"total": 6', '"total": ' + "9" * 5000), "thousands of digits"),
        ("[]", "no graph of CausalViz"),
        ("{}", "no graph of CausalViz"),
        ('{"format": "causalviz-graph", "form": 2}', "its form 1"),
        ('{"format": "causalviz-graph", "form": 1}', "the graph has no “behaviours”"),
        (spoiled(behaviours=[1]), "behaviour 1 is no text"),
        (spoiled(behaviours="view"), "“behaviours” is no list"),
        (spoiled(behaviours=["a", "b", "a"]), "behaviour 3 is listed twice"),
        (spoiled(behaviours=["a", "\ud800"]), "behaviour 2 holds half a character"),
        (spoiled(edges={}), "“edges” is no list"),
        (spoiled(edges=[5]), "edge 1 is no object"),
        (spoiled(total=-1), "“total” is no number of pairs"),
        (spoiled(total=True), "“total” is no number of pairs"),
        (spoiled(total=10**400), "“total” is no number of pairs"),
        (write_json(SHOP).replace('"total": 6', '"total": 1e999'), "“total” is no number of pairs"),
        (write_json(SHOP).replace('"effect":', '"affect":'), "edge 1 has no “effect”"),
        (with_edges({"ruling": "perhaps"}), "“ruling” of edge 1 is none of none, accepted"),
        (with_edges({"probability": "high"}), "“probability” of edge 1 is no number"),
        (with_edges({}, {"probability": 1.01}), "“probability” of edge 2 is not between 0 and 1"),
        (with_edges({"probability": "inf"}), "“probability” of edge 1 is not between 0 and 1"),
        (with_edges({"probability": math.nan}), "“probability” of edge 1 is no number"),
        (with_edges({"probability": 10**400}), "“probability” of edge 1 is too large"),
        (with_edges({"cause": "elsewhere"}), "edge 1 names “elsewhere”"),
        (with_edges({"cause": ["view"]}), "“cause” of edge 1 is no text"),
        (with_edges({"cause": RUDE}), "edge 1 makes a behaviour its own cause"),
        (with_edges({}, {"cause": "view", "effect": RUDE}), "edge 2 is there twice"),
    ],
    ids=range(28),
)
def test_a_broken_file_is_one_sentence(text: str, why: str) -> None:
    with pytest.raises(UnreadableGraph) as refusal:
        read_json(text)
    assert why in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 250
