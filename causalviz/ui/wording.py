"""Sentences about edges, for people who do not read rate ratios."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from causalviz.errors import UnknownBehaviour
from causalviz.plots.network import duration_text
from causalviz.ui.components.text import arrow, plain

if TYPE_CHECKING:
    import pandas as pd

SURE, LIKELY, OPEN = 0.9, 0.5, 0.1  # from here on an influence is called almost certain, likely, doubtful


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


def edge_sentence(finding: Finding) -> str:
    """What was found about one pair, in two sentences of Markdown, and a third where the log cannot decide."""
    return f"{_belief(finding)} {_size(finding)} {_doubt(finding)}".strip()


def chance_words(probability: float) -> str:
    """A probability in percent: "85 %", finer near the ends, and never 0 or 100."""
    if not math.isfinite(probability):
        return "unknown"
    percent = 100 * probability
    if percent < 0.1 or percent > 99.9:
        return "< 0.1 %" if percent < 0.1 else "> 99.9 %"
    return f"{percent:.1f} %" if percent < 1 or percent > 99 else f"{percent:.0f} %"


def _belief(finding: Finding) -> str:
    pair = arrow(finding.cause, finding.effect)
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


def _size(finding: Finding) -> str:
    size, low, high = finding.effect_size, finding.effect_low, finding.effect_high
    if not all(map(math.isfinite, (size, low, high))):
        return "The log holds too little to say how strong it would be."
    effect, cause = f"**{plain(finding.effect)}**", f"**{plain(finding.cause)}**"
    interval = f"{low:.2g} to {high:.2g} with 90 % confidence"
    when = f", typically {duration_text(finding.delay_s)} later" if math.isfinite(finding.delay_s) and size > 1 else ""
    if low <= 1 <= high:
        rate = f"at {size:.2g} times its usual rate ({interval})"
        return f"After {cause}, {effect} comes {rate}, so its size is not certain."
    verb = "more often" if size > 1 else "more rarely"
    return f"After {cause}, {effect} comes {verb}: at {size:.2g} times its usual rate ({interval}){when}."


def _doubt(finding: Finding) -> str:
    return f"Take care: {plain(finding.reason)}." if finding.reason else ""
