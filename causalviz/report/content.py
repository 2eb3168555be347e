"""What a report says, gathered from a discovery and what stands beside it; nothing here knows HTML.

The *findings* are those of the drawn edges that account for most events: share of the effect that is blamed on the
cause, times how often the effect happened. Their *arguments* are the ones that move the probability most, for and
against. A *fact* is a name and what is said under it.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from causalviz.events.findings import Note, notes
from causalviz.events.log import TICKS_PER_S
from causalviz.events.quality import measure_quality
from causalviz.graph.causal_graph import attributed_events
from causalviz.graph.moment import now
from causalviz.graph.store.records import DeedKind
from causalviz.graph.verdicts import Act
from causalviz.plots.lag_curve import LagCurveData, lag_curve_data
from causalviz.plots.network import Dress, duration_text, network_data
from causalviz.plots.vector import graph_svg
from causalviz.report.wording import Finding, finding_of
from causalviz.results import LIBRARIES

if TYPE_CHECKING:
    import pandas as pd

    from causalviz.discovery import Discovery
    from causalviz.events.log import EventLog
    from causalviz.events.report import ReadReport
    from causalviz.explain.evidence import Evidence, PairCounts
    from causalviz.explain.shapley import EdgeExplanation
    from causalviz.graph.causal_graph import CausalGraph, Edge
    from causalviz.graph.store.trail import TrailEntry
    from causalviz.graph.verdicts import Standing

MOST_FINDINGS = 12
ARGUMENTS = 3  # told for a finding, and one against it if there is any
MOST_EDITS = 40  # lines of the trail; all of it is in the project's own file
EDITS = frozenset(
    {act.value for act in Act} | {kind.value for kind in (DeedKind.RESTORED, DeedKind.BRANCHED, DeedKind.JUDGED)}
)

Places = Mapping[str, tuple[float, float]]
OnProgress = Callable[[int, int, str], None]


class Heading(NamedTuple):
    """What stands above a report.

    Attributes:
        title: Of the page.
        question: That it answers; empty for the usual one.
        author: Who wrote it.
    """

    title: str
    question: str
    author: str


class Drawn(NamedTuple):
    """The graph that a report shows, where its boxes stand, and the event type of each behaviour."""

    graph: CausalGraph
    places: Places
    kinds: Mapping[str, str]


class Fact(NamedTuple):
    """A name and what is said under it."""

    name: str
    said: str


class Argument(NamedTuple):
    """What moves a probability: by how much in log-odds, and the sentence with the pair's own numbers."""

    step: float
    sentence: str


class Told(NamedTuple):
    """One finding with its evidence.

    Attributes:
        finding: What was found about the pair.
        standing: What an expert said of it, or None.
        arguments: The strongest for it, then the strongest against it.
        curve: Pairs at each lag over chance; None where there is no evidence.
        counts: The plain counts; None where there is no evidence.
    """

    finding: Finding
    standing: Standing | None
    arguments: tuple[Argument, ...]
    curve: LagCurveData | None
    counts: PairCounts | None


class ScoreLine(NamedTuple):
    """One score against a truth: ours, its 90 % interval, the free line that does best, and how to read it."""

    name: str
    ours: str
    interval: str
    best_free: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that the page says, in its order.

    Attributes:
        title: Of the project.
        question: What was asked; empty where nobody said.
        author: Who wrote it.
        written: When, ISO 8601.
        log: The log in figures.
        quality: What about the log weakens a causal reading.
        graph: SVG.
        edges: The drawn edges, the most probable first.
        pairs: How many ordered pairs were judged.
        findings: The edges that account for most events.
        edits: What was done to the edges and the project, the latest first.
        edits_in_all: How many such entries there are.
        rules: What an expert knows beforehand, a clause each.
        caveats: Further doubts, a sentence each.
        truth: What the scores are against; empty where there is no truth.
        scores: Against it.
        settings: What is needed to do it again.
        commands: That do it again.
    """

    title: str
    question: str
    author: str
    written: str
    log: tuple[Fact, ...]
    quality: tuple[Note, ...]
    graph: str
    edges: tuple[Edge, ...]
    pairs: int
    findings: tuple[Told, ...]
    edits: tuple[TrailEntry, ...] = ()
    edits_in_all: int = 0
    rules: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    truth: str = ""
    scores: tuple[ScoreLine, ...] = ()
    settings: tuple[Fact, ...] = ()
    commands: tuple[str, ...] = ()


def report_of(
    heading: Heading,
    log: EventLog,
    reading: ReadReport | None,
    discovery: Discovery,
    drawn: Drawn,
    findings: tuple[Told, ...],
    settings: Mapping[str, str],
    commands: Sequence[str],
) -> Report:
    """The report of a discovery, without edits, rules and scores.

    Args:
        heading: What stands above it.
        log: The log.
        reading: How it was read; None where no file was.
        discovery: What was found in it.
        drawn: What is shown of that.
        findings: The edges that are told in words.
        settings: What was chosen, by name.
        commands: That do it again.
    """
    facts, quality = log_facts(log, reading)
    return Report(
        title=heading.title,
        question=heading.question.strip(),
        author=heading.author,
        written=now(),
        log=facts,
        quality=quality,
        graph=drawing(*drawn),
        edges=drawn.graph.edges,
        pairs=len(discovery.names) * (len(discovery.names) - 1),
        findings=findings,
        caveats=doubt_sentences(drawn.graph, discovery),
        settings=reproduction(discovery, settings),
        commands=tuple(commands),
    )


def top_edges(graph: CausalGraph, table: pd.DataFrame, most: int) -> tuple[Edge, ...]:
    """The drawn edges that account for most events, those first of which the table knows how many.

    Args:
        graph: What is drawn; denied edges are passed over.
        table: Of the discovery.
        most: At most so many.
    """
    weight = attributed_events(table)
    drawn = [edge for edge in graph.edges if not edge.denied and edge.pair in weight]
    return tuple(sorted(drawn, key=lambda edge: -weight[edge.pair])[:most])


def tell(
    edge: Edge,
    table: pd.DataFrame,
    standing: Standing | None,
    explanation: EdgeExplanation | None,
    evidence: Evidence | None,
) -> Told:
    """One finding from what is known of its pair.

    Args:
        edge: The drawn edge.
        table: Of the discovery.
        standing: What an expert said, or None.
        explanation: Why the network believes it, or None.
        evidence: What the log shows, or None.
    """
    parts = sorted(() if explanation is None else explanation.parts, key=lambda part: -abs(part.shap))
    told = [part for part in parts if part.shap > 0][:ARGUMENTS] + [part for part in parts if part.shap < 0][:1]
    return Told(
        finding_of(table, *edge.pair),
        standing,
        tuple(Argument(part.shap, part.sentence) for part in told),
        None if evidence is None else lag_curve_data(evidence.curve),
        None if evidence is None else evidence.counts,
    )


def tell_all(
    edges: Sequence[Edge],
    table: pd.DataFrame,
    standing: Mapping[tuple[str, str], Standing],
    explain: Callable[[str, str], EdgeExplanation | None],
    show: Callable[[str, str], Evidence | None],
    on_progress: OnProgress,
) -> tuple[Told, ...]:
    """The findings, one after another, because each takes a while.

    Args:
        edges: The drawn edges to tell.
        table: Of the discovery.
        standing: What experts said, by pair.
        explain: Why the network believes (cause, effect).
        show: What the log shows of (cause, effect).
        on_progress: Told (steps done, steps in all, what is done now).
    """
    told = []
    for done, edge in enumerate(edges):
        on_progress(done, len(edges) + 1, f"{edge.cause} → {edge.effect}")
        told.append(tell(edge, table, standing.get(edge.pair), explain(*edge.pair), show(*edge.pair)))
    on_progress(len(edges), len(edges) + 1, "scores and settings")
    return tuple(told)


def drawing(graph: CausalGraph, places: Places, kinds: Mapping[str, str]) -> str:
    """The graph as SVG without a title, which the page has."""
    return graph_svg(network_data(graph, places, dress=Dress(kinds=kinds)), "")


def log_facts(log: EventLog, reading: ReadReport | None) -> tuple[tuple[Fact, ...], tuple[Note, ...]]:
    """The log in figures, and what about it weakens a causal reading."""
    quality = measure_quality(log)
    start, end = (
        datetime.fromtimestamp(int(at) / TICKS_PER_S, UTC).strftime("%Y-%m-%d %H:%M")
        for at in (log.time.min(), log.time.max())
    )
    low, middle, high = map(duration_text, quality.gap_quartiles_s)
    facts = [
        Fact("Users", f"{quality.users:,}"),
        Fact("Events", f"{quality.events:,}"),
        Fact("Behaviours", f"{quality.behaviours:,}"),
        Fact("Span", f"{duration_text(quality.span_s)}, from {start} to {end} UTC"),
        Fact("Between two events of a user", f"{middle} in the middle; half of them {low} to {high}"),
        Fact("Events that share their moment", f"{100 * quality.ties_share:.2g} %"),
        Fact("Users with a single event", f"{quality.single_users:,}"),
    ]
    if reading is not None:
        dropped = sum(reading.dropped.values())
        facts += [
            Fact("File", f"{reading.file}, {reading.format}"),
            Fact("Rows read", f"{reading.events:,} of {reading.rows:,}; {dropped:,} dropped"),
        ]
    return tuple(facts), notes(quality, reading)


def doubt_sentences(graph: CausalGraph, discovery: Discovery, names: int = 5) -> tuple[str, ...]:
    """What the network itself cannot decide, and how well it knows such logs.

    Args:
        graph: What is drawn.
        discovery: What it was drawn from.
        names: How many edges are named at most.
    """
    table = discovery.table()
    reasons = dict(zip(zip(table["cause"], table["effect"], strict=True), table["reason"], strict=True))
    doubted = [edge for edge in graph.edges if not edge.denied and reasons.get(edge.pair)]
    told = [f"“{edge.cause}” → “{edge.effect}”: {reasons[edge.pair]}." for edge in doubted[:names]]
    if len(doubted) > names:
        told.append(f"{len(doubted) - names:,} more of the drawn edges are doubtful for such reasons.")
    weighty = int((discovery.doubts.weight > 0).sum())
    told.append(
        f"Of {len(table):,} ordered pairs the log cannot fully decide {weighty:,}; their probabilities are drawn "
        "towards what is usual for any pair."
        if weighty
        else f"The log holds enough to decide all {len(table):,} ordered pairs."
    )
    alike = discovery.resemblance
    if alike is not None:
        told.append(
            alike.sentence
            or f"The log looks like the simulated worlds that the network learned on: {alike.share_farther:.0%} of "
            "them lie farther out.".replace("%", " %")
        )
    return tuple(told)


def reproduction(discovery: Discovery, chosen: Mapping[str, str]) -> tuple[Fact, ...]:
    """Versions, fingerprints and settings.

    Args:
        discovery: What is reported.
        chosen: The project's own settings, by name.
    """
    made = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    edges_s = ", ".join(duration_text(edge / TICKS_PER_S) for edge in discovery.counts.grid.edges if edge)
    return (
        Fact("Log fingerprint", discovery.log_fingerprint),
        Fact("Network", discovery.model_id),
        Fact("Answer", discovery.answer_id),
        *(Fact(name, said) for name, said in chosen.items()),
        Fact("Lag bins end at", edges_s),
        Fact("Made with", f"Python {platform.python_version()}, {made}"),
    )


def edited(trail: Sequence[TrailEntry]) -> tuple[TrailEntry, ...]:
    """The lines of the trail that changed what is drawn, the latest first."""
    return tuple(entry for entry in trail if entry.what in EDITS)
