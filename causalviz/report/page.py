"""The report as one HTML page that needs nothing else, laid out for A4.

The page comes from ``template.html`` and ``report.css`` beside this module. It has no script at all, and a content
security policy that lets it use its own style and nothing else: no host is ever asked. Names are escaped text. To get
a PDF, print it from a browser.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import CLAIM, chance_text, duration_text
from causalviz.report.chart import lag_chart
from causalviz.report.content import Fact, Report, ScoreLine, Told
from causalviz.report.wording import HTML, RULINGS, finding_sentence, html_text, ratio_words

if TYPE_CHECKING:
    from causalviz.events.findings import Note
    from causalviz.graph.causal_graph import Edge
    from causalviz.graph.store.trail import TrailEntry
    from causalviz.graph.verdicts import Standing

PARTS = Path(__file__).parent
MOST_EDGES = 60  # rows of the table; a longer one is for the exports
NO_QUESTION = "Which behaviours lead to which others?"
EDGE_HEADS = (
    ("Cause", ""), ("Effect", ""), ("Probability", "number"), ("Rate ×", "number"), ("90 % interval", "number"),
    ("Typical delay", "number"), ("Verdict", ""),
)  # fmt: skip
TRAIL_HEADS = (("When (UTC)", "when"), ("Who", ""), ("What", ""), ("On", ""), ("Note", ""))
SCORE_HEADS = (
    ("Score", "word"),
    ("This graph", "number"),
    ("90 %", "number"),
    ("Best free line", "number"),
    ("Reads", ""),
)


def report_page(report: Report) -> str:
    """Writes the page.

    Args:
        report: What it says.

    Returns:
        HTML, to be stored as UTF-8.
    """
    style = (PARTS / "report.css").read_text(encoding="utf-8")
    template = Template((PARTS / "template.html").read_text(encoding="utf-8"))
    return template.substitute(
        policy=f"default-src 'none'; style-src {_hash(style)}; base-uri 'none'; form-action 'none'",
        style=style,
        title=html_text(report.title),
        by=f"{html_text(report.written[:16].replace('T', ' '))} UTC, by {html_text(report.author)}",
        question=_lines(report.question or NO_QUESTION),
        answer=_answer(report),
        claim=html_text(CLAIM),
        graph=report.graph.partition("?>")[2] if report.graph.startswith("<?xml") else report.graph,
        findings_lead="The drawn edges that account for most events, with what speaks for (+) and against (−) each; "
        "weights are in log-odds. What sounds strong still speaks against where it is less than the rest of the pair "
        "suggests. Bars: how many times as often as by chance the effect comes at each delay; "
        "the grey band is where chance alone would lie.",
        findings="\n".join(map(_finding, report.findings)) or "<p>No edge is drawn.</p>",
        edges_lead=_edges_lead(report),
        edges=_table(EDGE_HEADS, map(_edge_row, report.edges[:MOST_EDGES]), [e.denied for e in report.edges]),
        log=_facts(report.log),
        edits=_edits(report),
        caveats=_caveats(report),
        scores=_scores(report.truth, report.scores),
        settings=_facts(report.settings),
        commands=_commands(report.commands),
    )


def _answer(report: Report) -> str:
    drawn = [edge for edge in report.edges if not edge.denied]
    said = sum(edge.ruling is not Ruling.NONE or edge.by_rule != "" for edge in report.edges)
    by_hand = f" An expert ruled on {said:,} of those shown." if said else " No expert has ruled on any of them yet."
    return f"Of {report.pairs:,} ordered pairs of behaviours, {len(drawn):,} are drawn as direct influences.{by_hand}"


def _finding(told: Told) -> str:
    finding = told.finding
    arguments = "".join(
        f'<li><span class="weight{" against" if step < 0 else ""}">{f"{step:+.2f}".replace("-", "−")}</span>'
        f"{html_text(sentence)}</li>"
        for step, sentence in told.arguments
    )
    badge = f' <span class="badge">{_standing(told.standing)}</span>' if _standing(told.standing) else ""
    counts = ""
    if told.counts is not None:
        seen = told.counts
        counts = (
            f'<p class="counts">{seen.pairs:,} pairs against {seen.expected:,.0f} by chance; '
            f"{seen.users_with_both:,} users did both.</p>"
        )
    chart = "" if told.curve is None else lag_chart(told.curve)
    return (
        f'<article class="finding"><p class="wide">{finding_sentence(finding, HTML)}{badge}</p>'
        f"<div><ul>{arguments}</ul>{counts}</div><div>{chart}</div></article>"
    )


def _standing(standing: Standing | None) -> str:
    if standing is None or standing.ruling not in RULINGS:
        return ""
    return f"{RULINGS[standing.ruling]} by {html_text(standing.author)}, {html_text(standing.at[:10])}"


def _edges_lead(report: Report) -> str:
    shown, more = min(len(report.edges), MOST_EDGES), len(report.edges) - MOST_EDGES
    rest = f"; {more:,} less probable ones are left out here and are in the exports" if more > 0 else ""
    denied = sum(edge.denied for edge in report.edges)
    struck = f", of which {denied:,} struck out: rejected by an expert or a rule" if denied else ""
    return f"{shown:,} edges{struck}; the most probable first{rest}."


def _edge_row(edge: Edge) -> tuple[str, ...]:
    interval = (
        f"{ratio_words(edge.low)} to {ratio_words(edge.high)}"
        if math.isfinite(edge.low) and math.isfinite(edge.high)
        else ""
    )
    verdict = edge.by_rule or RULINGS.get(edge.ruling, "")
    return (
        edge.cause,
        edge.effect,
        chance_text(edge.probability) if math.isfinite(edge.probability) else "",
        ratio_words(edge.effect_size) if math.isfinite(edge.effect_size) else "",
        interval,
        duration_text(edge.delay_s) if math.isfinite(edge.delay_s) else "",
        f"{verdict}: {edge.note}" if edge.note and verdict else verdict or edge.note,
    )


def _edits(report: Report) -> str:
    rules = f"<h3>Rules of an expert</h3>{_notes(report.rules)}" if report.rules else ""
    if not report.edits:
        return f"<p>Nothing: the graph is as the network found it.</p>{rules}"
    left = report.edits_in_all - len(report.edits)
    lead = f"{report.edits_in_all:,} {'edits' if report.edits_in_all != 1 else 'edit'}, the latest first"
    lead += f"; the {left:,} oldest are left out here." if left > 0 else "."
    return f'<p class="quiet">{lead}</p>{_table(TRAIL_HEADS, map(_trail_row, report.edits))}{rules}'


def _trail_row(entry: TrailEntry) -> tuple[str, ...]:
    on = f"{entry.cause} → {entry.effect}" if entry.cause or entry.effect else entry.subject
    return entry.at[:16].replace("T", " "), entry.author, entry.what, on, entry.note


def _caveats(report: Report) -> str:
    about_log = "".join(map(_note, report.quality))
    return f'<h3>The log</h3><ul class="notes">{about_log}</ul><h3>The answers</h3>{_notes(report.caveats)}'


def _note(note: Note) -> str:
    strong = "b" if note.severity == "warning" else "span"
    return (
        f"<li><{strong}>{html_text(note.sentence)}</{strong}>"
        f'<span class="quiet">{html_text(note.meaning_for_causes)}</span></li>'
    )


def _scores(truth: str, scores: Sequence[ScoreLine]) -> str:
    if not scores:
        return "<h3>Against a truth</h3><p>No true graph is known for this log, so nothing was scored.</p>"
    return (
        f'<h3>Against a truth: {html_text(truth)}</h3><p class="quiet">A free line is a score that costs nothing, such '
        f"as what directly follows what; a graph that beats none of them says nothing.</p>{_table(SCORE_HEADS, scores)}"
    )


def _commands(commands: Sequence[str]) -> str:
    if not commands:
        return ""
    return f"<h3>The same from the command line</h3><pre>{_lines(chr(10).join(commands))}</pre>"


def _facts(facts: Sequence[Fact]) -> str:
    rows = "".join(f'<tr><th scope="row">{html_text(name)}</th><td>{html_text(said)}</td></tr>' for name, said in facts)
    return f'<table class="facts"><tbody>{rows}</tbody></table>'


def _table(
    heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], denied: Sequence[bool] | None = None
) -> str:
    """Rows of plain text under heads with a class each; ``denied`` rows are struck out."""
    head = "".join(f'<th scope="col" class="{kind}">{html_text(text)}</th>' for text, kind in heads)
    body = []
    for place, row in enumerate(rows):
        cells = "".join(
            f'<td class="{kind}">{html_text(text)}</td>' for text, (_, kind) in zip(row, heads, strict=True)
        )
        body.append(f"<tr{' class=denied' if denied and denied[place] else ''}>{cells}</tr>")
    if not body:
        return "<p>None.</p>"
    return f'<div class="tablebox"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def _notes(sentences: Sequence[str]) -> str:
    return f'<ul class="notes">{"".join(f"<li>{html_text(sentence)}</li>" for sentence in sentences)}</ul>'


def _lines(text: str) -> str:
    """Text whose line breaks stay."""
    return "\n".join(html_text(line) for line in text.strip().splitlines())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
