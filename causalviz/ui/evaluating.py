"""How good the graph is where there is a truth: a sample's own graph, an uploaded one, or the expert's verdicts.

Scores are cached under the fingerprints of what they were made from. Checks that need no truth are in ``checking``.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from causalviz.errors import UnknownRecord, UnreadableGraph
from causalviz.graph.verdicts import Ruling
from causalviz.ui.compute import (
    current_discovery,
    current_graph,
    current_history,
    current_log,
    current_project,
    current_raw,
    store,
)
from causalviz.ui.settings import KnownGraph, known_graph_of, rules_of, sample_of, with_known_graph

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.evaluate.intervals import Interval
    from causalviz.evaluate.metrics import Scores
    from causalviz.evaluate.truths import Case, Truth
    from causalviz.events.rules import RawEvents
    from causalviz.graph.store import Project
    from causalviz.ui.session import Session
    from causalviz.worlds.demos import DemoName, Language

TruthKind = Literal["sample", "upload", "verdicts"]
Floats = NDArray[np.float64]

OURS = "CausalViz"
LARGEST_TABLE = 16 * 2**20  # bytes of an uploaded truth


class Beside(NamedTuple):
    """The answer and the free lines beside a truth.

    Attributes:
        key: What they were made from.
        case: The answer and the truth.
        lines: Free line -> (K, K) scores in the case's order of behaviours.
        curated: (K, K) what the graph draws with verdicts and rules; None where there are none, or they are the truth.
    """

    key: tuple[str, ...]
    case: Case
    lines: dict[str, Floats]
    curated: NDArray[np.bool_] | None = None


class Measured(NamedTuple):
    """Scores of the answer, their 90 % intervals, and scores of the free lines."""

    scores: Scores
    intervals: dict[str, Interval]
    lines: dict[str, Scores]


def truth_kinds(session: Session) -> list[TruthKind]:
    """Which truths the project has, the most trustworthy first."""
    project = current_project(session)
    if project is None:
        return []
    kinds: list[TruthKind] = ["sample"] if sample_of(project) else []
    kinds += ["upload"] if known_graph_of(project) else []
    return [*kinds, "verdicts"] if _verdicts(session).judged else kinds


def known_graph_title(session: Session) -> str | None:
    """Name of the uploaded truth, or None."""
    project = current_project(session)
    known = None if project is None else known_graph_of(project)
    return None if known is None else known.title


def current_beside(session: Session, kind: TruthKind) -> Beside | None:
    """The answer beside a truth; None before a log was chosen.

    Raises:
        UnknownBehaviour: If the truth names behaviours that the log does not have.
        UnknownRecord: If the project has no such truth.
    """
    discovery = current_discovery(session)
    if discovery is None:
        return None
    truth = _truth(session, kind)
    said = repr((sorted(truth.edges), None if truth.judged is None else sorted(truth.judged)))
    beside = _beside((discovery.log_fingerprint, discovery.answer_id, said), discovery, truth)
    return beside if kind == "verdicts" else beside._replace(curated=_curated(session, beside.case.names))


def measured(beside: Beside, threshold: float) -> Measured:
    """Scores at a threshold; the free lines are drawn at 0.5, where each of them says more yes than no."""
    return _measured(beside.key, threshold, beside)


def change_known_graph(session: Session, upload: tuple[str, bytes] | None) -> None:
    """Reads a table of true edges and keeps it with the project, in place of the one before.

    Args:
        session: Of the project.
        upload: Name of the file, and a CSV table with the columns cause and effect; None drops the one there is.

    Raises:
        UnreadableGraph: If it is no such table.
        UnknownBehaviour: If it names behaviours that the log does not have.
        UnknownRecord: If there is no log.
        RevisionConflict: If another tab saved the project in between.
    """
    from causalviz.evaluate.truths import truth_of_table

    project, discovery, known = current_project(session), current_discovery(session), None
    if project is None or discovery is None:
        raise UnknownRecord("There is no graph to compare with; choose a log on the Data page.")
    if upload is not None:
        truth = truth_of_table(discovery.table(), _table(*upload))
        known = KnownGraph(upload[0], tuple(sorted(truth.edges)))
    store().save_project(with_known_graph(project, known))


def _curated(session: Session, names: Sequence[str]) -> NDArray[np.bool_] | None:
    """What the graph draws, in this order of behaviours; None where neither an expert nor a rule has spoken."""
    from causalviz.recommend.drawn import drawn_mask

    graph = current_graph(session)
    if graph is None or not any(edge.ruling is not Ruling.NONE or edge.by_rule for edge in graph.edges):
        return None
    order = [graph.behaviours.index(name) for name in names]
    return drawn_mask(graph)[np.ix_(order, order)]


def _truth(session: Session, kind: TruthKind) -> Truth:
    from causalviz.evaluate.truths import Truth

    project = current_project(session)
    if kind == "verdicts":
        return _verdicts(session)
    if project is not None and kind == "upload" and (known := known_graph_of(project)) is not None:
        return Truth(frozenset(known.edges))
    raw, sample = current_raw(session), None if project is None else sample_of(project)
    if project is None or raw is None or sample is None:
        raise UnknownRecord("This project has no such truth any more; choose another one.")
    return _truth_of_sample((raw.fingerprint, *sample, repr(rules_of(project))), raw, project)


def _verdicts(session: Session) -> Truth:
    from causalviz.evaluate.truths import truth_of_verdicts

    log = current_log(session)
    return truth_of_verdicts(current_history(session), () if log is None else log.names)


def _table(title: str, data: bytes) -> pd.DataFrame:
    """The upload as a table whose cells are text."""
    if len(data) > LARGEST_TABLE:
        raise UnreadableGraph(f"{title} is larger than 16 MB; give a CSV table with the columns cause and effect.")
    try:
        return pd.read_csv(BytesIO(data), dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except (UnicodeDecodeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UnreadableGraph(
            f"{title} is no plain CSV table ({reason}); give one with the columns cause and effect, in UTF-8."
        ) from error


@st.cache_resource(max_entries=8, show_spinner=False)
def _truth_of_sample(key: tuple[str, ...], _raw: RawEvents, _project: Project) -> Truth:
    from causalviz.evaluate.truths import truth_under_rules
    from causalviz.worlds.demos import demo_log

    name, language = key[1:3]
    world = demo_log(cast("DemoName", name), cast("Language", language), users=1)  # the graph does not depend on them
    return truth_under_rules(world.log.behaviours, world.truth, _raw, rules_of(_project))


@st.cache_resource(max_entries=8, show_spinner=False)
def _beside(key: tuple[str, ...], _discovery: Discovery, _truth: Truth) -> Beside:
    from causalviz.evaluate.metrics import free_lines
    from causalviz.evaluate.truths import case_of

    case = case_of(_discovery.table(), _truth)
    order = [_discovery.names.index(name) for name in case.names]
    lines = {name: line[np.ix_(order, order)] for name, line in free_lines(_discovery.counts).items()}
    return Beside(key, case, lines)


@st.cache_resource(max_entries=256, show_spinner=False)
def _measured(key: tuple[str, ...], threshold: float, _beside: Beside) -> Measured:
    from causalviz.evaluate.intervals import score_intervals
    from causalviz.evaluate.metrics import evaluate

    case = _beside.case

    def among(codes: NDArray[np.intp]) -> Scores:
        part = case.among(codes)
        return evaluate(part.probability, part.truth, threshold, part.known)

    everyone = np.arange(len(case.names))
    return Measured(among(everyone), score_intervals(among, len(everyone)), _line_scores(key, _beside))


@st.cache_resource(max_entries=8, show_spinner=False)
def _line_scores(key: tuple[str, ...], _beside: Beside) -> dict[str, Scores]:
    from causalviz.evaluate.metrics import THRESHOLD, evaluate_scores

    del key
    case = _beside.case
    return {
        name: evaluate_scores(line, np.asarray(line >= THRESHOLD), case.truth, case.known)
        for name, line in _beside.lines.items()
    }
