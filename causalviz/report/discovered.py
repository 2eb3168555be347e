"""The report of a discovery that nobody has curated: what the command line writes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from causalviz.errors import SettingsError
from causalviz.graph.layout import layered_positions
from causalviz.graph.moment import now
from causalviz.report import content

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from causalviz.events.log import EventLog
    from causalviz.events.report import ReadReport
    from causalviz.model.network import EdgeModel
    from causalviz.pipeline import Discovery


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


def report_of(
    heading: Heading,
    log: EventLog,
    reading: ReadReport,
    discovery: Discovery,
    model: EdgeModel,
    findings: int,
    settings: Mapping[str, str],
    commands: Sequence[str],
    on_progress: content.OnProgress,
) -> content.Report:
    """Gathers the report.

    Args:
        heading: What stands above it.
        log: The log.
        reading: How it was read.
        discovery: What was found in it.
        model: The network that judged.
        findings: How many edges are told in words, at most.
        settings: What was chosen, by name.
        commands: That do it again.
        on_progress: Told (steps done, steps in all, what is done now).

    Raises:
        SettingsError: If no findings, or more than the page has room for, are asked for.
    """
    if not 1 <= findings <= content.MOST_FINDINGS:
        raise SettingsError(f"A report tells 1 to {content.MOST_FINDINGS} findings in words (got {findings}).")
    graph, table = discovery.graph(), discovery.table()
    facts, quality = content.log_facts(log, reading)
    places = layered_positions(graph.behaviours, [edge.pair for edge in graph.edges], {})
    explain, show = partial(discovery.explanation, model), partial(discovery.evidence, log)
    return content.Report(
        title=heading.title,
        question=heading.question.strip(),
        author=heading.author,
        written=now(),
        log=facts,
        quality=quality,
        graph=content.drawing(graph, places, {behaviour.name: behaviour.kind for behaviour in log.behaviours}),
        edges=graph.edges,
        pairs=len(table),
        findings=content.tell_all(content.top_edges(graph, table, findings), table, {}, explain, show, on_progress),
        caveats=content.doubt_sentences(graph, discovery),
        settings=content.reproduction(discovery, settings),
        commands=tuple(commands),
    )
