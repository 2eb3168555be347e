"""The causal reading of a graph, kept for the whole process: of each graph once, of each log its equations once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.ui.compute import current_log

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.graph.causal_graph import CausalGraph
    from causalviz.graph.independence import ClaimResult, Equations
    from causalviz.graph.reading import GraphReading, Independence
    from causalviz.ui.session import Session

MAX_CLAIMS = 5_000  # of a graph; with more, those about the chosen behaviours are tested


class Checked(NamedTuple):
    """Claims of a graph, tested against the log.

    Attributes:
        tested: The results.
        left: Claims that were not tested, because they do not concern the chosen behaviours of a very large graph.
        unknown: Claims about behaviours that the log does not have.
    """

    tested: tuple[ClaimResult, ...]
    left: int
    unknown: int


def reading_of(graph: CausalGraph) -> GraphReading:
    """The graph made ready to be read."""
    return _reading(_fingerprint(graph), graph)


def current_checks(session: Session, graph: CausalGraph, about: Collection[str] = ()) -> Checked | None:
    """What the graph implies, tested against the project's log; None before one was chosen.

    Args:
        session: Whose project.
        graph: The graph.
        about: The chosen behaviours, which limit the claims where there are more than ``MAX_CLAIMS``.

    Raises:
        CausalVizError: If the log cannot be used.
    """
    log = current_log(session)
    if log is None:
        return None
    claims, left, unknown = checkable(_claims(_fingerprint(graph), graph), log.names, about)
    return Checked(
        _tested(_fingerprint(graph), log.fingerprint, tuple(sorted(about)) if left else (), claims, log), left, unknown
    )


def checkable(
    claims: Sequence[Independence], known: Collection[str], about: Collection[str], most: int = MAX_CLAIMS
) -> tuple[tuple[Independence, ...], int, int]:
    """The claims to test, how many are left out for their number, and how many name behaviours that are not known."""
    names, chosen = frozenset(known), frozenset(about)
    sound = [claim for claim in claims if names.issuperset((claim.cause, claim.effect, *claim.given))]
    kept = sound
    if len(sound) > most:
        kept = [claim for claim in sound if claim.cause in chosen or claim.effect in chosen][:most]
    return tuple(kept), len(sound) - len(kept), len(claims) - len(sound)


def _fingerprint(graph: CausalGraph) -> str:
    said = [(edge.pair, edge.probability, edge.ruling, edge.by_rule) for edge in graph.edges]
    return hashlib.blake2b(repr((graph.behaviours, said)).encode(), digest_size=16).hexdigest()


@st.cache_resource(max_entries=8, show_spinner=False)
def _reading(fingerprint: str, _graph: CausalGraph) -> GraphReading:
    from causalviz.graph.reading import GraphReading

    del fingerprint  # the key
    return GraphReading(_graph)


@st.cache_resource(max_entries=8, show_spinner=False)
def _claims(fingerprint: str, _graph: CausalGraph) -> tuple[Independence, ...]:
    return _reading(fingerprint, _graph).independencies()


@st.cache_resource(max_entries=8, show_spinner="Testing what the graph implies")
def _tested(
    graph: str, log: str, about: tuple[str, ...], _claims: Sequence[Independence], _log: EventLog
) -> tuple[ClaimResult, ...]:
    from causalviz.graph.independence import check_independencies

    del graph, about  # part of the key
    return check_independencies(_claims, _equations(log, _log))


@st.cache_resource(max_entries=2, show_spinner="Reading the log for tests")
def _equations(fingerprint: str, _log: EventLog) -> Equations:
    from causalviz.graph.independence import fit_equations

    del fingerprint  # the key
    return fit_equations(_log)
