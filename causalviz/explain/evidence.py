"""What the log itself shows about one pair: the lag curve, the counts, and real users' histories.

The lag curve sets the pairs seen at each lag against the pairs that chance would give. Chance scatters like a Poisson
count whose variance is d times its mean, with the overdispersion d measured between the G groups of users:

    d = sum over groups g and bins l of (n_gl - m_gl)^2 / m_gl / ((G - 1) L),   m_gl = n_l e_gl / e_l,

n being pairs seen and e pairs expected. A *watched* cause event is one after which the user is seen until the window
has passed, or until the effect came; only those can speak against an edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError, UnknownBehaviour
from causalviz.events.log import TICKS_PER_S
from causalviz.lags.counts import EXPECTED_SCALE

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.lags import LagCounts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TAIL = 0.025  # of chance on either side of its band
MAX_OVERDISPERSION = 100.0
EXAMPLES = 4  # histories shown for an edge, and as many against it
MAX_EVENTS = 9  # of one shown history; fuller windows are taken only where there are no others, and cut
MAX_SCANNED = 2000  # users looked at for clear windows
LOOK_BACK = 0.5  # of the window, shown before the cause
DELAYS = 4.0  # typical delays within which an effect counts as following


class LagCurve(NamedTuple):
    """L lag bins of one pair.

    Attributes:
        low_s: (L,) lower ends, seconds.
        high_s: (L,) upper ends, seconds.
        observed: (L,) pairs.
        expected: (L,) pairs by chance.
        band_low: (L,) lower end of the 95 % range of chance, pairs.
        band_high: (L,) upper end.
    """

    low_s: Floats
    high_s: Floats
    observed: Floats
    expected: Floats
    band_low: Floats
    band_high: Floats


class PairCounts(NamedTuple):
    """The plain counts behind one pair.

    Attributes:
        cause_events: Events of the cause.
        effect_events: Events of the effect.
        users_with_both: Users who did both, in any order.
        pairs: Cause before effect within the longest lag, every such pair.
        expected: The same by chance.
        reverse_pairs: Effect before cause within the longest lag.
        nearest: Effects that come after a cause within the longest lag.
        ties: Pairs at the same moment, which carry no direction.
        follows: Moments with the effect directly after the cause.
    """

    cause_events: int
    effect_events: int
    users_with_both: int
    pairs: int
    expected: float
    reverse_pairs: int
    nearest: int
    ties: int
    follows: int


class Example(NamedTuple):
    """One user's history around one cause event.

    Attributes:
        user: Name.
        events: (behaviour, seconds from the cause event), oldest first.
        speaks_for: Whether it supports the edge.
    """

    user: str
    events: tuple[tuple[str, float], ...]
    speaks_for: bool


class Histories(NamedTuple):
    """Examples for and against an edge, and how typical each kind is.

    Attributes:
        window_s: How long after a cause the effect counts as following it, seconds.
        watched: Cause events after which the user is seen long enough.
        followed: How many of them the effect followed within the window.
        examples: Those for the edge first.
    """

    window_s: float
    watched: int
    followed: int
    examples: tuple[Example, ...]


class Evidence(NamedTuple):
    """Everything that the log shows about one pair."""

    curve: LagCurve
    counts: PairCounts
    histories: Histories


def lag_curve(counts: LagCounts, cause: int, effect: int) -> LagCurve:
    """The lag curve of a pair, by codes.

    Raises:
        SettingsError: If a code is no behaviour's, or both are the same.
    """
    _check(len(counts.behaviours), cause, effect)
    from scipy.stats import nbinom, poisson

    seen = counts.pairs[:, cause, effect].astype(np.float64)  # (G, L)
    by = counts.expected[:, cause, effect] / EXPECTED_SCALE  # (G, L)
    expected = by.sum(0)
    mean, d = np.maximum(expected, 1.0 / EXPECTED_SCALE), _overdispersion(seen, by)
    low, high = (
        nbinom.ppf(tail, mean / (d - 1), 1 / d) if d > 1 else poisson.ppf(tail, mean) for tail in (TAIL, 1 - TAIL)
    )
    return LagCurve(
        np.asarray(counts.grid.lows_s),
        np.asarray(counts.grid.highs_s),
        seen.sum(0),
        expected,
        np.where(expected > 0, low, 0.0),
        np.where(expected > 0, high, 0.0),
    )


def pair_counts(log: EventLog, counts: LagCounts, cause: int, effect: int) -> PairCounts:
    """The counts of a pair, by codes.

    Raises:
        SettingsError: If a code is no behaviour's, or both are the same.
    """
    _check(log.n_behaviours, cause, effect)
    doers, reachers = (np.unique(log.user[log.behaviour == code]) for code in (cause, effect))
    events = counts.events.sum(0)
    return PairCounts(
        int(events[cause]),
        int(events[effect]),
        len(np.intersect1d(doers, reachers, assume_unique=True)),
        int(counts.pairs[:, cause, effect].sum()),
        float(counts.expected[:, cause, effect].sum() / EXPECTED_SCALE),
        int(counts.pairs[:, effect, cause].sum()),
        int(counts.nearest[:, cause, effect].sum()),
        int(counts.ties[:, cause, effect].sum()),
        int(counts.follows[:, cause, effect].sum()),
    )


def pair_evidence(log: EventLog, counts: LagCounts, cause: str, effect: str, delay_s: float, lowers: bool) -> Evidence:
    """All of it for one pair, by names.

    Args:
        log: The log.
        counts: Of the same log.
        cause: Name of the cause.
        effect: Name of the effect.
        delay_s: Typical delay, seconds; NaN where there is none.
        lowers: The edge claims that the cause keeps the effect away.

    Raises:
        UnknownBehaviour: If a name is not among the behaviours.
        SettingsError: If both are the same.
    """
    for name in (cause, effect):
        if name not in log.names:
            raise UnknownBehaviour(f"The log has no behaviour {name!r}; choose another edge.")
    i, j = log.names.index(cause), log.names.index(effect)
    histories = find_histories(log, i, j, window_of(delay_s, counts), lowers=lowers)
    return Evidence(lag_curve(counts, i, j), pair_counts(log, counts, i, j), histories)


def window_of(delay_s: float, counts: LagCounts) -> float:
    """How long after a cause to look for the effect, seconds: a few typical delays, or all lags if there is none."""
    shortest, longest = counts.grid.highs_s[0], counts.grid.highs_s[-1]
    return min(max(DELAYS * delay_s, shortest), longest) if np.isfinite(delay_s) else longest


def find_histories(
    log: EventLog, cause: int, effect: int, window_s: float, *, lowers: bool = False, each: int = EXAMPLES
) -> Histories:
    """Real histories around the cause: where the effect followed, and where it did not.

    They are chosen evenly over all users who have one, at most one per user, so that they are typical and not
    picked for looks; the same log always gives the same ones.

    Args:
        log: The log.
        cause: Code of the cause.
        effect: Code of the effect.
        window_s: How long after a cause the effect counts as following it.
        lowers: The edge claims that the cause keeps the effect away, so that absence speaks for it.
        each: Examples for, and as many against.

    Raises:
        SettingsError: If a code is no behaviour's, both are the same, or the window is not positive.
    """
    _check(log.n_behaviours, cause, effect)
    window = round(window_s * TICKS_PER_S)
    if window < 1:
        raise SettingsError(f"The window after the cause must last at least a millisecond (got {window_s} s).")
    at = np.flatnonzero(log.behaviour == cause)  # (n,) places of the cause events
    followed = _followed(log, at, effect, window)
    ends = log.time[log.offsets[log.user[at] + 1] - 1]  # (n,) last moment of each one's user
    watched = followed | (ends - log.time[at] >= window)
    examples = [
        Example(log.user_names[log.user[place]], _around(log, place, effect, window), speaks_for)
        for speaks_for in (True, False)
        for place in _typical(log, at[watched & (followed == (speaks_for != lowers))], window, each).tolist()
    ]
    return Histories(window_s, int(watched.sum()), int(followed.sum()), tuple(examples))


def _check(K: int, cause: int, effect: int) -> None:
    if not (0 <= cause < K and 0 <= effect < K) or cause == effect:
        raise SettingsError(f"A pair needs two different codes from 0 to {K - 1} (got {cause} and {effect}).")


def _overdispersion(seen: Floats, by: Floats) -> float:
    """d of the module's docstring from (G, L) pairs seen and expected; at least 1."""
    expected = by.sum(0)
    share = np.divide(seen.sum(0), expected, out=np.zeros_like(expected), where=expected > 0)  # (L,)
    mean = by * share  # (G, L)
    terms = np.divide((seen - mean) ** 2, mean, out=np.zeros_like(mean), where=mean > 0)
    freedom = (np.any(mean > 0, axis=1).sum() - 1) * np.any(mean > 0, axis=0).sum()
    return float(np.clip(terms.sum() / freedom, 1.0, MAX_OVERDISPERSION)) if freedom > 0 else 1.0


def _followed(log: EventLog, at: Ints, effect: int, window: int) -> NDArray[np.bool_]:
    """(n,) whether the effect comes after each of the events at these places, within the window, same user."""
    effects = np.flatnonzero(log.behaviour == effect)  # (m,)
    if not len(effects) or not len(at):
        return np.zeros(len(at), dtype=bool)
    new_moment = np.concatenate([[True], (np.diff(log.user) != 0) | (np.diff(log.time) != 0)])
    moments = np.flatnonzero(new_moment)
    beyond = np.append(moments, log.n_events)[np.searchsorted(moments, at, side="right")]  # (n,) first later place
    found = np.searchsorted(effects, beyond)
    place = effects[np.minimum(found, len(effects) - 1)]
    same = (found < len(effects)) & (log.user[place] == log.user[at])
    return np.asarray(same & (log.time[place] - log.time[at] <= window))


def _typical(log: EventLog, at: Ints, window: int, each: int) -> Ints:
    """At most ``each`` of the places, the first of its user, evenly over the users, clear ones before crowded ones."""
    if not len(at) or each < 1:
        return at[:0]
    at = at[np.unique(log.user[at], return_index=True)[1]]
    at = at[_evenly(len(at), MAX_SCANNED)]
    low, high = np.array([_span(log, place, window) for place in at.tolist()]).T
    clear = at[high - low <= MAX_EVENTS]
    pool = clear if len(clear) else at
    return pool[_evenly(len(pool), each)]


def _evenly(n: int, most: int) -> Ints:
    """At most ``most`` of the numbers 0..n-1, evenly spaced, both ends among them."""
    return np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)


def _span(log: EventLog, place: int, window: int) -> tuple[int, int]:
    """Places from the first event looked back at to behind the last one of the window."""
    start, stop = log.offsets[log.user[place]], log.offsets[log.user[place] + 1]
    history, now = log.time[start:stop], log.time[place]
    low = np.searchsorted(history, now - round(LOOK_BACK * window), side="left")
    high = np.searchsorted(history, now + window, side="right")
    return int(start + low), int(start + high)


def _around(log: EventLog, place: int, effect: int, window: int) -> tuple[tuple[str, float], ...]:
    """The events around one place; of a crowded window, the nearest ones and the first effect."""
    low, high = _span(log, place, window)
    shown = np.arange(low, high)
    if len(shown) > MAX_EVENTS:
        later = shown[(log.time[shown] > log.time[place]) & (log.behaviour[shown] == effect)][:1]
        nearest = shown[np.argsort(np.abs(shown - place), kind="stable")]
        shown = np.sort(np.unique(np.concatenate([nearest[: MAX_EVENTS - len(later)], later])))
    return tuple(
        (log.behaviours[log.behaviour[n]].name, float(log.time[n] - log.time[place]) / TICKS_PER_S)
        for n in shown.tolist()
    )
