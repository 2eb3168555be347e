"""Sentences about edges, for people who do not read rate ratios; the same in Markdown and in HTML.

A *markup* says how a name and any other stranger's text is written where the sentence will stand, so that neither can
become more than text there.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from causalviz.errors import UnknownBehaviour
from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import duration_text, visible_text

if TYPE_CHECKING:
    import pandas as pd

RULINGS = {
    Ruling.ACCEPTED: "accepted",
    Ruling.ADDED: "added by hand",
    Ruling.REJECTED: "rejected",
    Ruling.REVERSED: "reversed",
}
SURE, LIKELY, OPEN = 0.9, 0.5, 0.1  # from here on an influence is called almost certain, likely, doubtful


class Markup(NamedTuple):
    """How strangers' text is written: ``name`` for a behaviour, ``plain`` for anything else."""

    name: Callable[[str], str]
    plain: Callable[[str], str]


class Finding(NamedTuple):
    """One pair as the discovery's table has it."""

    cause: str
    effect: str
    probability: float
    effect_size: float
    effect_low: float
    effect_high: float
    delay_s: float
    reason: str
    attributed: float = math.nan

    @property
    def lowers(self) -> bool:
        """Whether the cause clearly keeps the effect away."""
        return self.effect_high < 1


def finding_of(table: pd.DataFrame, cause: str, effect: str) -> Finding:
    """Reads one pair from the discovery's table.

    Raises:
        UnknownBehaviour: If the table does not have it.
    """
    rows = table[(table["cause"] == cause) & (table["effect"] == effect)]
    if rows.empty:
        raise UnknownBehaviour(f"The log has no pair {cause!r} -> {effect!r}; choose another edge.")
    return Finding(**{field: rows.iloc[0][field] for field in Finding._fields})


def finding_sentence(finding: Finding, markup: Markup) -> str:
    """What was found about one pair, in two sentences, and a third where the log cannot decide."""
    return f"{_belief(finding, markup)} {_size(finding, markup)} {_doubt(finding, markup)}".strip()


def chance_words(probability: float) -> str:
    """A probability in percent: "85 %", finer near the ends, and never 0 or 100."""
    if not math.isfinite(probability):
        return "unknown"
    percent = 100 * probability
    if percent < 0.1 or percent > 99.9:
        return "< 0.1 %" if percent < 0.1 else "> 99.9 %"
    return f"{percent:.1f} %" if percent < 1 or percent > 99 else f"{percent:.0f} %"


def ratio_words(ratio: float) -> str:
    """A rate ratio in two figures, never with an exponent: "0.4", "3.2", "2,200"."""
    return f"{float(f'{ratio:.2g}'):,.0f}" if abs(ratio) >= 100 else f"{ratio:.2g}"


def html_text(text: str) -> str:
    """Text as HTML that shows it literally, on one line."""
    return html.escape(visible_text(" ".join(text.split())))


HTML = Markup(lambda name: f"<b>{html_text(name)}</b>", html_text)


def _belief(finding: Finding, markup: Markup) -> str:
    pair = f"{markup.name(finding.cause)} → {markup.name(finding.effect)}"
    if not math.isfinite(finding.probability):
        return f"{pair} could not be judged."
    chance = chance_words(finding.probability)
    if finding.probability >= SURE:
        return f"{pair} is almost certainly a direct influence (probability {chance})."
    if finding.probability >= LIKELY:
        return f"{pair} is likely a direct influence (probability {chance})."
    if finding.probability >= OPEN:
        return f"{pair} is doubtful as a direct influence (probability {chance})."
    return f"{pair} is hardly a direct influence (probability {chance})."


def _size(finding: Finding, markup: Markup) -> str:
    size, low, high = finding.effect_size, finding.effect_low, finding.effect_high
    if not all(map(math.isfinite, (size, low, high))):
        return "The log holds too little to say how strong it would be."
    effect, cause = markup.name(finding.effect), markup.name(finding.cause)
    interval = f"{ratio_words(low)} to {ratio_words(high)} with 90 % confidence"
    when = f", typically {duration_text(finding.delay_s)} later" if math.isfinite(finding.delay_s) and size > 1 else ""
    if low <= 1 <= high:
        usual = ratio_words(size) == "1"
        rate = f"at {'about its' if usual else f'{ratio_words(size)} times its'} usual rate ({interval})"
        return f"After {cause}, {effect} comes {rate}, so its size is not certain."
    verb = "more often" if size > 1 else "more rarely"
    return f"After {cause}, {effect} comes {verb}: at {ratio_words(size)} times its usual rate ({interval}){when}."


def _doubt(finding: Finding, markup: Markup) -> str:
    return f"Take care: {markup.plain(finding.reason)}." if finding.reason else ""
