"""What a report says, against hand-made tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from causalviz.events.log import EventLog
from causalviz.explain.shapley import EdgeExplanation, Part
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.store.trail import TrailEntry
from causalviz.graph.verdicts import Ruling
from causalviz.report.content import edited, log_facts, tell, top_edges

TABLE = pd.DataFrame(
    {
        "cause": ["a", "b", "a"],
        "effect": ["b", "c", "c"],
        "probability": [0.9, 0.8, 0.7],
        "effect_size": 2.0,
        "effect_low": 1.5,
        "effect_high": 3.0,
        "delay_s": 9.0,
        "attributed": [0.1, 0.5, math.nan],
        "effect_count": [100, 40, 40],
        "reason": "",
    }
)


def test_findings_are_the_edges_that_account_for_most_events() -> None:
    edges = (Edge("a", "b", 0.9), Edge("b", "c", 0.8), Edge("a", "c", 0.7), Edge("c", "a", 0.6))
    graph = CausalGraph(("a", "b", "c"), edges, 6)
    assert [edge.pair for edge in top_edges(graph, TABLE, 9)] == [("b", "c"), ("a", "b"), ("a", "c")]
    assert [edge.pair for edge in top_edges(graph, TABLE, 1)] == [("b", "c")]
    denied = CausalGraph(("a", "b", "c"), (Edge("b", "c", 0.8, ruling=Ruling.REJECTED),), 6)
    assert top_edges(denied, TABLE, 9) == ()


def test_a_finding_tells_the_strongest_arguments_and_one_against() -> None:
    steps = (0.5, -0.2, 3.0, -1.0, 0.1, 2.0)
    parts = tuple(Part(f"g{k}", f"G{k}", step, f"says {step}", 0.0) for k, step in enumerate(steps))
    explanation = EdgeExplanation("a", "b", 0.0, 4.4, 0.98, parts)
    told = tell(Edge("a", "b", 0.9), TABLE, None, explanation, None)
    assert [argument.step for argument in told.arguments] == [3.0, 2.0, 0.5, -1.0]
    assert told.finding.probability == 0.9
    assert (told.curve, told.counts) == (None, None)
    assert tell(Edge("a", "b", 0.9), TABLE, None, None, None).arguments == ()


def test_only_edits_are_told() -> None:
    def entry(what: str) -> TrailEntry:
        return TrailEntry("2026-01-01T00:00:00+00:00", "Ada", what, "", "", "", "")

    said = [entry(what) for what in ("created", "add", "note", "renamed", "version restored")]
    assert [line.what for line in edited(said)] == ["add", "note", "version restored"]


def test_the_log_in_figures() -> None:
    user, time = np.array([0, 0, 1], np.int32), np.array([0, 60_000, 120_000], np.int64)
    log = EventLog.from_columns(user, time, np.array([0, 1, 1], np.int32), ["a", "b"], ["u", "v"])
    facts, notes = log_facts(log, None)
    said = dict(facts)
    assert (said["Users"], said["Events"], said["Behaviours"]) == ("2", "3", "2")
    assert said["Span"] == "2 min, from 1970-01-01 00:00 to 1970-01-01 00:02 UTC"
    assert said["Users with a single event"] == "1"
    assert notes
