"""What a true graph claims mostly holds in its log; a graph that lacks an edge fails where it lacks it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from causalviz.errors import UnknownBehaviour
from causalviz.events.log import EventLog
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.independence import Equations, Outcome, check_independencies, fit_equations
from causalviz.graph.reading import GraphReading, Independence
from causalviz.worlds import World
from causalviz.worlds.demos import demo_log


def graph_of(world: World) -> CausalGraph:
    names = world.log.names
    edges = (Edge(names[c], names[e], 0.9) for c, e in np.argwhere(world.truth).tolist() if c != e)
    return CausalGraph(names, tuple(edges), 0)


@pytest.fixture(scope="module")
def social() -> tuple[World, Equations]:
    world = demo_log("social", users=900)
    return world, fit_equations(world.log)


def test_the_true_graphs_claims_mostly_hold(social: tuple[World, Equations]) -> None:
    world, equations = social
    tested = check_independencies(GraphReading(graph_of(world)).independencies(), equations)
    outcomes = [result.outcome for result in tested]
    assert len(outcomes) == 19
    assert outcomes.count(Outcome.FAILS) <= 1
    assert outcomes.count(Outcome.HOLDS) >= 8


def test_a_graph_without_an_edge_fails_there(social: tuple[World, Equations]) -> None:
    world, equations = social
    graph = graph_of(world)
    found = []
    for edge in graph.edges:
        less = CausalGraph(graph.behaviours, tuple(other for other in graph.edges if other != edge), 0)
        given = GraphReading(less).relatives(edge.effect).parents
        (result,) = check_independencies([Independence(*edge.pair, given)], equations)
        found.append(result.outcome)
        if result.outcome is Outcome.FAILS:
            assert result.statistic > 0
            assert result.ratio > 4 / 3
            assert result.q_value <= 0.05
            assert result.lag_s[0] < result.lag_s[1]
    assert found.count(Outcome.FAILS) >= len(found) - 1


def chain_log(users: int, seed: int = 1) -> EventLog:
    """a sets off m, m sets off b; a does nothing to b itself."""
    rng = np.random.default_rng(seed)
    user, time, behaviour = [], [], []
    for who in range(users):
        for start in rng.uniform(0, 4e6, 8):
            at, steps = start, rng.integers(1, 4)
            for code in range(steps):
                user.append(who)
                time.append(at)
                behaviour.append(code)
                at += rng.exponential(2e4) + 1
        for code in (0, 1, 2):
            for at in rng.uniform(0, 4e6, 4):
                user.append(who)
                time.append(at)
                behaviour.append(code)
    columns = (np.array(user, np.int32), np.array(time).astype(np.int64), np.array(behaviour, np.int32))
    return EventLog.from_columns(*columns, ("a", "m", "b"))


def test_a_mediator_explains_its_chain() -> None:
    equations = fit_equations(chain_log(300))
    blocked, open_ = check_independencies([Independence("a", "b", ("m",)), Independence("a", "b", ())], equations)
    assert blocked.outcome is not Outcome.FAILS
    assert open_.outcome is Outcome.FAILS
    assert abs(open_.statistic) > 5 > abs(blocked.statistic)


def test_little_data_decide_nothing() -> None:
    equations = fit_equations(chain_log(5))
    (result,) = check_independencies([Independence("a", "b", ())], equations)
    assert result.outcome is Outcome.UNDECIDED
    assert math.isnan(result.statistic)


def test_the_order_of_the_claims_does_not_matter(social: tuple[World, Equations]) -> None:
    world, equations = social
    claims = GraphReading(graph_of(world)).independencies()
    there, back = check_independencies(claims, equations), check_independencies(claims[::-1], equations)
    assert there == back[::-1]
    assert check_independencies([], equations) == ()


def test_names_of_behaviours_do_not_matter(social: tuple[World, Equations]) -> None:
    world, equations = social
    renamed = replace(equations, behaviours=tuple(f"x{name}" for name in equations.behaviours))
    claims = GraphReading(graph_of(world)).independencies()
    others = [Independence(f"x{c}", f"x{e}", tuple(f"x{name}" for name in given)) for c, e, given in claims]
    assert [r[1:] for r in check_independencies(claims, equations)] == [
        r[1:] for r in check_independencies(others, renamed)
    ]


def test_a_stranger_is_refused(social: tuple[World, Equations]) -> None:
    with pytest.raises(UnknownBehaviour, match="no behaviour “elsewhere”"):
        check_independencies([Independence("elsewhere", social[0].log.names[0], ())], social[1])
