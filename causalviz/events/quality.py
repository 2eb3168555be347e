"""Quality: what about a log weakens or bends a causal reading, in numbers.

Causes are read from the order and the distance of events in one user's history. What blurs order (ties, coarse
clocks, clocks that were wrong), what fakes it (duplicates, robots, one behaviour under two names) and what is missing
(silences of the recorder, histories cut at the ends, rare behaviours) is measured here; ``findings`` says it in words.
Every measure costs time linear in the events, however they are spread over users and moments.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.events.rules import RARE

Ints = NDArray[np.int64]

RARE_EVENTS: Final = 5  # fewer cannot carry a claim
BUSY_SHARE: Final = 0.1  # of all events by one user, who then
BUSY_TIMES: Final = 20  # also does this many times the usual number
BOT_EVENTS: Final = 200  # fewer bend no count
BOT_SPREADS: Final = 6  # of the users' log activity, above its middle
LEAST_SPREAD: Final = 0.5  # in log events; six of it are 20 times
BURST: Final = 100  # events of one user in one second, which no hand does
BINS: Final = 200  # of the log's span at most, in which silences are looked for
SILENT_BINS: Final = 6
BUSY_BIN: Final = 20  # events of a bin on average, so that an empty one is no chance
STRAY_TIMES: Final = 10  # the length of all else, between it and a stray event
STRAY_S: Final = 86_400
STRAY_SHARE: Final = 0.25  # of the events at most, on either side
TOGETHER: Final = 0.95  # share of the moments of two behaviours that are the same
CROWD: Final = 50  # behaviours in one moment, beyond which it says nothing about any two
EDGE: Final = 0.02  # of the span is an end of the log
BINS_PER_DECADE: Final = 4  # of the gaps' histogram
VALLEY: Final = 0.5  # depth of a valley between two peaks, as a share of the lower, that parts them
PEAK: Final = 20  # gaps that a peak has at least
SHORTEST_PAUSE_S: Final = 60  # what is shorter parts no visits
DATED_MS: Final = 10**11  # smaller is no date after March 1973


_BETWEEN: Final = re.compile(r"[\s_-]+")


class Busy(NamedTuple):
    """A user who does far more than the others: the name, the events, and how many times the median user's."""

    user: str
    events: int
    times: float


class Burst(NamedTuple):
    """The most events of one user within one second."""

    user: str
    events: int


NO_BURST: Final = Burst("", 0)


class Stray(NamedTuple):
    """Events far away in time from all others: how many, one of their times, and from when to when the others are."""

    events: int
    example: int
    period: tuple[int, int]


class Silence(NamedTuple):
    """A stretch of the log without any event, ticks."""

    start: int
    end: int


class Stretch(NamedTuple):
    """A part of the log without a silence in it: its events, and from when to when they are."""

    events: int
    period: tuple[int, int]


@dataclass(frozen=True)
class Quality:
    """Numbers about a log.

    Attributes:
        events: M.
        users: U.
        behaviours: K.
        span_s: From the first to the last event, seconds.
        ties_share: Share of events at the same moment as another of the same user, 0 to 1.
        duplicates: Events that repeat the user, moment and behaviour of another.
        single_users: Users with one event, who say nothing about order.
        gap_quartiles_s: 25, 50 and 75 % of the gaps between different moments of one user; zeros if there are none.
        resolution_s: The largest of 1 ms, 1 s, 1 min, 1 h and 1 d of which all times are whole multiples.
        rare: Behaviours with fewer than ``RARE_EVENTS`` events.
        session_gap_s: A pause that parts visits, where gaps come in two kinds; else None.
        dated: Whether the times are dates, not seconds of the log's own clock.
        bots: Users who may be robots or shared accounts, the busiest first.
        usual_most: Events of the busiest user who is none of them.
        burst: The most events of one user within one second.
        frequent: The most frequent behaviour.
        frequent_share: Its share of all events, 0 to 1.
        grouped: Events of types so rare that they stand together.
        together: Pairs of behaviours that share nearly all their moments.
        alike: Groups of names that differ only in case, width, what cannot be seen, or what stands between words.
        silences: Stretches without any event.
        stretch: The part with most events that no silence interrupts; None without a silence.
        stray: Events far away from all others; None without.
        open_starts: Share of users who are there from the log's first moments on, 0 to 1.
        open_ends: Share of users who are there in its last moments.
    """

    events: int
    users: int
    behaviours: int
    span_s: float
    ties_share: float
    duplicates: int
    single_users: int
    gap_quartiles_s: tuple[float, float, float]
    resolution_s: float
    rare: tuple[str, ...] = ()
    session_gap_s: float | None = None
    dated: bool = True
    bots: tuple[Busy, ...] = ()
    usual_most: int = 0
    burst: Burst = NO_BURST
    frequent: str = ""
    frequent_share: float = 0.0
    grouped: int = 0
    together: tuple[tuple[str, str], ...] = ()
    alike: tuple[tuple[str, ...], ...] = ()
    silences: tuple[Silence, ...] = ()
    stretch: Stretch | None = None
    stray: Stray | None = None
    open_starts: float = 0.0
    open_ends: float = 0.0


def measure_quality(log: EventLog) -> Quality:
    """Measures a log.

    Args:
        log: The log, after its rules.
    """
    same_user = np.diff(log.user) == 0  # (M - 1,)
    gap = np.diff(log.time)
    tied = same_user & (gap == 0)
    in_tie = np.append(tied, False) | np.insert(tied, 0, False)  # (M,)
    gaps_s = gap[same_user & (gap > 0)] / TICKS_PER_S
    per_user = np.diff(log.offsets)  # (U,)
    per_behaviour = np.bincount(log.behaviour, minlength=log.n_behaviours)
    frequent = int(per_behaviour.argmax())
    low, middle, high = np.quantile(gaps_s, (0.25, 0.5, 0.75)) if len(gaps_s) else (0.0, 0.0, 0.0)
    bots, usual_most = _bots(log, per_user)
    stray = _stray(log.time)
    start, end = stray.period if stray else (int(log.time.min()), int(log.time.max()))
    silences = _silences(log.time, start, end)
    open_starts, open_ends = _open_ends(log, start, end)
    return Quality(
        events=log.n_events,
        users=log.n_users,
        behaviours=log.n_behaviours,
        span_s=float(log.time.max() - log.time.min()) / TICKS_PER_S,
        ties_share=float(in_tie.mean()),
        duplicates=int(np.count_nonzero(tied & (np.diff(log.behaviour) == 0))),
        single_users=int(np.count_nonzero(per_user == 1)),
        gap_quartiles_s=(float(low), float(middle), float(high)),
        resolution_s=_resolution_s(log.time),
        rare=tuple(name for name, n in zip(log.names, per_behaviour, strict=True) if n < RARE_EVENTS),
        session_gap_s=_session_gap_s(gaps_s),
        dated=float(np.median(log.time)) > DATED_MS,
        bots=bots,
        usual_most=usual_most,
        burst=_burst(log),
        frequent=log.names[frequent],
        frequent_share=float(per_behaviour[frequent] / log.n_events),
        grouped=int(per_behaviour[log.behaviours.index(RARE)]) if RARE in log.behaviours else 0,
        together=_together(log, tied),
        alike=_alike(log.names),
        silences=silences,
        stretch=_stretch(log.time, silences, start, end),
        stray=stray,
        open_starts=open_starts,
        open_ends=open_ends,
    )


def _bots(log: EventLog, per_user: Ints) -> tuple[tuple[Busy, ...], int]:
    """Who stands apart on the scale of log activity, on which users of one kind lie evenly; or does it nearly alone."""
    active = per_user[per_user > 0]
    level = np.log(active)
    middle = float(np.median(level))
    spread = max(
        LEAST_SPREAD,
        1.4826 * float(np.median(np.abs(level - middle))),  # both are the standard deviation of a normal curve,
        (float(np.quantile(level, 0.95)) - middle) / 1.645,  # the second of its upper half
    )
    usual = float(np.median(active))
    apart = (per_user >= BOT_EVENTS) & (per_user > np.exp(middle + BOT_SPREADS * spread))
    alone = (per_user > BUSY_SHARE * log.n_events) & (per_user > BUSY_TIMES * usual)
    is_bot = apart | alone
    found = sorted(np.flatnonzero(is_bot), key=lambda user: -per_user[user])
    bots = tuple(Busy(log.user_names[user], int(per_user[user]), float(per_user[user] / usual)) for user in found)
    return bots, int(per_user[~is_bot].max(initial=0))


def _burst(log: EventLog) -> Burst:
    second = log.time // TICKS_PER_S
    begins = np.flatnonzero(np.r_[True, (np.diff(log.user) != 0) | (np.diff(second) != 0)])
    sizes = np.diff(np.r_[begins, log.n_events])
    most = int(sizes.argmax())
    return Burst(log.user_names[log.user[begins[most]]], int(sizes[most]))


def _stray(time: Ints) -> Stray | None:
    low, high = np.quantile(time, (STRAY_SHARE, 1 - STRAY_SHARE))
    reach = STRAY_TIMES * max(high - low, 1.0)
    near = (time >= low - reach) & (time <= high + reach)
    if near.all():
        return None
    start, end = int(time[near].min()), int(time[near].max())
    far = time[~near]
    void = np.minimum(np.abs(far - start), np.abs(far - end)).min()
    if void <= max(STRAY_TIMES * (end - start), STRAY_S * TICKS_PER_S):
        return None  # the quiet part of a log with a busy hour
    return Stray(len(far), int(far[0]), (start, end))


def _silences(time: Ints, start: int, end: int) -> tuple[Silence, ...]:
    """Empty stretches that are long for this log: nights are no news."""
    width = (end - start) // max(1, min(BINS, len(time) // BUSY_BIN)) + 1
    events = np.bincount((time[(time >= start) & (time <= end)] - start) // width, minlength=1)
    if events.sum() < BUSY_BIN * len(events):
        return ()
    is_edge = np.diff(np.r_[False, events == 0, False].astype(np.int8))
    begins, ends = np.flatnonzero(is_edge == 1), np.flatnonzero(is_edge == -1)
    lengths = ends - begins
    long = lengths >= SILENT_BINS
    if len(lengths) > 2:
        long &= lengths > 2 * np.median(lengths)
    return tuple(
        Silence(start + int(a) * width, start + int(b) * width) for a, b in zip(begins[long], ends[long], strict=True)
    )


def _stretch(time: Ints, silences: tuple[Silence, ...], start: int, end: int) -> Stretch | None:
    if not silences:
        return None
    begins, ends = [start, *(silence.end for silence in silences)], [*(silence.start for silence in silences), end]
    events = [np.count_nonzero((time >= a) & (time <= b)) for a, b in zip(begins, ends, strict=True)]
    most = int(np.argmax(events))
    return Stretch(int(events[most]), (begins[most], ends[most]))


def _together(log: EventLog, tied: NDArray[np.bool_]) -> tuple[tuple[str, str], ...]:
    """Counts in how many moments two behaviours meet, a moment with many behaviours left out."""
    from scipy.sparse import csr_array

    moment = np.r_[0, np.cumsum(~tied)]  # (M,)
    first = np.r_[True, ~(tied & (np.diff(log.behaviour) == 0))]  # of its behaviour in its moment
    moment, mark = moment[first], log.behaviour[first]
    moments = np.bincount(mark, minlength=log.n_behaviours)  # (K,) of each behaviour
    size = np.bincount(moment)
    shared = (size[moment] > 1) & (size[moment] <= CROWD)
    if not shared.any():
        return ()
    _, row = np.unique(moment[shared], return_inverse=True)
    ones = np.ones(len(row), dtype=np.int64)
    met = csr_array((ones, (row, mark[shared])), shape=(int(row.max()) + 1, log.n_behaviours))
    meetings = (met.T @ met).tocoo()
    most = np.maximum(moments[meetings.row], moments[meetings.col])
    found = (meetings.row < meetings.col) & (meetings.data >= TOGETHER * most) & (meetings.data >= BUSY_BIN)
    return tuple((log.names[i], log.names[j]) for i, j in zip(meetings.row[found], meetings.col[found], strict=True))


def _alike(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    groups: dict[str, list[str]] = {}
    for name in names:
        seen = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
        groups.setdefault(_BETWEEN.sub(" ", seen.casefold()).strip(), []).append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _open_ends(log: EventLog, start: int, end: int) -> tuple[float, float]:
    active = np.diff(log.offsets) > 0
    first = log.time[log.offsets[:-1][active]]
    last = log.time[log.offsets[1:][active] - 1]
    edge = EDGE * (end - start)
    return float(np.mean(first <= start + edge)), float(np.mean(last >= end - edge))


def _resolution_s(time: NDArray[np.int64]) -> float:
    for unit_s in (86_400, 3_600, 60, 1):
        if not np.any(time % (unit_s * TICKS_PER_S)):
            return float(unit_s)
    return 1 / TICKS_PER_S


def _session_gap_s(gaps_s: NDArray[np.float64]) -> float | None:
    """The deepest valley of the histogram of log gaps, if it parts two peaks."""
    if len(gaps_s) < 100:
        return None
    places = np.round(np.log10(gaps_s) * BINS_PER_DECADE).astype(np.int64)
    first = places.min()
    heights = np.convolve(np.bincount(places - first), (0.25, 0.5, 0.25), mode="same")
    if len(heights) < 3:
        return None
    left, right = np.maximum.accumulate(heights), np.maximum.accumulate(heights[::-1])[::-1]
    lower = np.minimum(left, right)  # of the peaks on both sides
    depth = lower - heights
    pause_s = 10 ** ((np.arange(len(heights)) + first) / BINS_PER_DECADE)
    depth[(pause_s < SHORTEST_PAUSE_S) | (lower < PEAK)] = 0
    valley = int(depth.argmax())
    return float(pause_s[valley]) if depth[valley] > VALLEY * lower[valley] else None
