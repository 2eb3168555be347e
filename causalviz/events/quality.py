"""Quality: what about a log weakens or bends a causal reading, in numbers and in sentences.

Causes are read from the order and the distance of events in one user's history. What blurs order (ties, coarse
clocks), what fakes it (duplicates, robots) and what is too little to carry a claim (rare behaviours, short histories)
is measured here and said beside the graph's source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.events.report import ReadReport

Severity = Literal["good", "info", "warning"]

RARE_EVENTS: Final = 5  # fewer cannot carry a claim
MANY_TIES: Final = 0.2  # share of events from here on that blurs order
MANY_SINGLES: Final = 0.5
BUSY_SHARE: Final = 0.1  # of all events by one user, who then
BUSY_TIMES: Final = 20  # also does this many times the usual number
DROPPED_SHARE: Final = 0.05
COARSE_S: Final = 60
BINS_PER_DECADE: Final = 4  # of the gaps' histogram
VALLEY: Final = 0.5  # depth of a valley between two peaks, as a share of the lower, that parts them
PEAK: Final = 20  # gaps that a peak has at least
SHORTEST_PAUSE_S: Final = 60  # what is shorter parts no visits


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
        busiest_user: Name of the user with most events.
        busiest_share: Share of all events by that user, 0 to 1.
        busiest_times: That user's events over the median user's.
        rare: Behaviours with fewer than ``RARE_EVENTS`` events.
        session_gap_s: A pause that parts visits, where gaps come in two kinds; else None.
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
    busiest_user: str
    busiest_share: float
    busiest_times: float
    rare: tuple[str, ...]
    session_gap_s: float | None


class Note(NamedTuple):
    """One finding: how serious, what it is, and what it means for causes."""

    severity: Severity
    sentence: str
    meaning_for_causes: str


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
    busiest = int(per_user.argmax())
    low, middle, high = np.quantile(gaps_s, (0.25, 0.5, 0.75)) if len(gaps_s) else (0.0, 0.0, 0.0)
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
        busiest_user=log.user_names[busiest],
        busiest_share=float(per_user[busiest] / log.n_events),
        busiest_times=float(per_user[busiest] / max(1.0, float(np.median(per_user)))),
        rare=tuple(name for name, n in zip(log.names, per_behaviour, strict=True) if n < RARE_EVENTS),
        session_gap_s=_session_gap_s(gaps_s),
    )


def notes(quality: Quality, report: ReadReport | None = None) -> tuple[Note, ...]:
    """Says what the numbers mean; warnings first.

    Args:
        quality: Of the log.
        report: Of the reading; None for a log that was not read from a file.

    Returns:
        At least one note.
    """
    found = [*_about_reading(report), *_about_times(quality), *_about_users(quality), *_about_behaviours(quality)]
    if not any(note.severity == "warning" for note in found):
        found.insert(
            0,
            Note(
                "good",
                "Nothing here stands against reading causes.",
                "Order and distance of events are recorded well enough to compare with chance.",
            ),
        )
    order: tuple[Severity, ...] = ("warning", "good", "info")
    return tuple(sorted(found, key=lambda note: order.index(note.severity)))


def _about_reading(report: ReadReport | None) -> list[Note]:
    if report is None:
        return []
    found = []
    dropped = sum(report.dropped.values())
    if dropped:
        share = dropped / report.rows
        reasons = ", ".join(f"{reason} in {count:,}" for reason, count in report.dropped.items())
        found.append(
            Note(
                "warning" if share > DROPPED_SHARE else "info",
                f"Dropped {dropped:,} of {report.rows:,} rows ({share:.1%}): {reasons}.",
                "Steps that are missing from a history make their neighbours look direct.",
            )
        )
    if report.duplicates:
        found.append(
            Note(
                "warning" if report.duplicates > 0.01 * report.events else "info",
                f"{_count(report.duplicates)} repeated exactly: same user, time, behaviour and item as another.",
                "A behaviour that was recorded twice seems to set itself off.",
            )
        )
    if report.out_of_order:
        found.append(
            Note(
                "info",
                f"{_count(report.out_of_order)} out of order in the file, sorted by time since.",
                "No harm, as long as the clocks of what recorded them agree.",
            )
        )
    return found


def _about_times(quality: Quality) -> list[Note]:
    found = []
    if quality.ties_share > MANY_TIES:
        found.append(
            Note(
                "warning",
                f"{quality.ties_share:.0%} of the events share their moment with another event of the same user.",
                "Among them nobody can say which came first, so they speak neither for nor against an edge.",
            )
        )
    if quality.resolution_s >= COARSE_S:
        unit = {60: "minutes", 3600: "hours"}.get(int(quality.resolution_s), "days")
        found.append(
            Note(
                "warning",
                f"All times are whole {unit}.",
                "Influences that act faster than that cannot be seen.",
            )
        )
    if quality.session_gap_s is not None:
        found.append(
            Note(
                "info",
                f"Pauses beyond {_rounded(quality.session_gap_s)} part the events of a user into visits.",
                "Delays within a visit and between visits are told apart by the lag bins.",
            )
        )
    return found


def _about_users(quality: Quality) -> list[Note]:
    found = []
    if quality.busiest_share > BUSY_SHARE and quality.busiest_times > BUSY_TIMES:
        found.append(
            Note(
                "warning",
                f"User {quality.busiest_user!r} did {quality.busiest_share:.0%} of all events, "
                f"{quality.busiest_times:.0f} times the usual number; this may be a robot or a shared account.",
                "What one source does fills the counts; check whether the edges hold without it.",
            )
        )
    if quality.single_users > MANY_SINGLES * quality.users:
        found.append(
            Note(
                "warning",
                f"{quality.single_users:,} of {quality.users:,} users have one event only.",
                "Their events say nothing about order; perhaps another column names the users.",
            )
        )
    return found


def _about_behaviours(quality: Quality) -> list[Note]:
    if not quality.rare:
        return []
    named = ", ".join(quality.rare[:5]) + (" and others" if len(quality.rare) > 5 else "")
    return [
        Note(
            "info",
            f"{len(quality.rare)} behaviours have fewer than {RARE_EVENTS} events: {named}.",
            "Too few to carry a claim; merge them with others or hide them.",
        )
    ]


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


def _count(events: int) -> str:
    return "1 event" if events == 1 else f"{events:,} events"


def _rounded(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} seconds"
