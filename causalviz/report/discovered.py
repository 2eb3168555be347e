"""The report of a discovery that nobody has curated by hand: what the command line writes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from causalviz.errors import SettingsError
from causalviz.graph.layout import layered_positions
from causalviz.report import content

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.events.log import EventLog
    from causalviz.graph.verdicts import History
    from causalviz.model.edge_model import EdgeModel


def told_and_drawn(
    log: EventLog,
    discovery: Discovery,
    history: History,
    model: EdgeModel,
    findings: int,
    on_progress: content.OnProgress,
) -> tuple[tuple[content.Told, ...], content.Drawn]:
    """The findings of a discovery in words, and its graph laid out.

    Args:
        log: The log.
        discovery: What was found in it.
        history: What is known of its pairs.
        model: The network that judged.
        findings: How many edges are told, at most.
        on_progress: Told (steps done, steps in all, what is done now).

    Raises:
        SettingsError: If no findings, or more than the page has room for, are asked for.
    """
    if not 1 <= findings <= content.MOST_FINDINGS:
        raise SettingsError(f"A report tells 1 to {content.MOST_FINDINGS} findings in words (got {findings}).")
    graph, table = discovery.graph(history), discovery.table()
    explain, show = partial(discovery.explanation, model), partial(discovery.evidence, log)
    told = content.tell_all(content.top_edges(graph, table, findings), table, {}, explain, show, on_progress)
    places = layered_positions(graph.behaviours, [edge.pair for edge in graph.edges], {})
    return told, content.Drawn(graph, places, {behaviour.name: behaviour.kind for behaviour in log.behaviours})
