"""Findings: the quality of a log in sentences, what each does to a causal reading, and its remedy where there is one.

A remedy is the rules with one more change, so that it is kept, shown and taken back like every other rule. What the
rules leave out already is told too, with the remedy that takes it back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal, NamedTuple

from causalviz.events.log import TICKS_PER_S
from causalviz.events.quality import BURST, RARE_EVENTS, Quality
from causalviz.events.report import ReadReport
from causalviz.events.rules import MAX_BEHAVIOURS, RARE, Rules, merged
from causalviz.events.times import moment_text

Severity = Literal["good", "info", "warning"]

MANY_TIES: Final = 0.2  # share of events from here on that blurs order
MANY_SINGLES: Final = 0.5
SOME_SINGLES: Final = 0.1
DROPPED_SHARE: Final = 0.05
DISORDER: Final = 0.01  # share of events out of order that is more than a late delivery
UNSORTED: Final = 0.2  # from here on the file is merely in another order
FAR_BACK_S: Final = 3_600
COARSE_S: Final = 60
FREQUENT: Final = 0.9
OPEN: Final = 0.2  # share of users cut off at an end of the log
ENOUGH_USERS: Final = 20  # for a share of them to say anything
NAMED: Final = 5  # names in a sentence
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


class Remedy(NamedTuple):
    """What one click does: the words on the button, its key, and the rules after it."""

    label: str
    key: str
    rules: Rules


class Note(NamedTuple):
    """One finding: how serious, what it is, what it means for causes, and what can be done at once."""

    severity: Severity
    sentence: str
    meaning_for_causes: str
    remedies: tuple[Remedy, ...] = ()


def notes(quality: Quality, report: ReadReport | None = None, rules: Rules | None = None) -> tuple[Note, ...]:
    """Says what the numbers mean; warnings first.

    Args:
        quality: Of the log.
        report: Of the reading; None for a log that was not read from a file.
        rules: In force, from which the remedies are made.

    Returns:
        At least one note.
    """
    rules = rules or Rules()
    found = [
        *_about_reading(report, rules),
        *_about_times(quality, report, rules),
        *_about_users(quality, rules),
        *_about_behaviours(quality, rules),
    ]
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


def left_out(rules: Rules, dated: bool = True) -> tuple[Note, ...]:
    """What the rules leave out, each with its way back.

    Args:
        rules: In force.
        dated: Whether the log's times are dates.
    """
    found = []
    if rules.drop_duplicates:
        remedy = Remedy("Keep exact duplicates again", "keep_duplicates", replace(rules, drop_duplicates=False))
        found.append(Note("info", "Exact duplicates are left out.", "Each event counts once.", (remedy,)))
    if rules.without_users:
        count = len(rules.without_users)
        found.append(
            Note(
                "info",
                f"{'1 user is' if count == 1 else f'{count:,} users are'} left out: {_listed(rules.without_users)}.",
                "Nothing that they did counts.",
                (Remedy("Take them back", "keep_users", replace(rules, without_users=())),),
            )
        )
    if rules.most_per_user is not None:
        found.append(
            Note(
                "info",
                f"Of each user, the first {rules.most_per_user:,} events count.",
                "A history that is cut stays whole up to its cut, so that order and distance are as they were.",
                (Remedy("Count all again", "uncap_users", replace(rules, most_per_user=None)),),
            )
        )
    if rules.period is not None:
        start, end = (moment_text(ticks, dated) for ticks in rules.period)
        found.append(
            Note(
                "info",
                f"Only events from {start} to {end} count.",
                "Histories begin and end there.",
                (Remedy("Count all times again", "whole_period", replace(rules, period=None)),),
            )
        )
    return tuple(found)


def _about_reading(report: ReadReport | None, rules: Rules) -> list[Note]:
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
    if report.duplicates and not rules.drop_duplicates:
        remedy = Remedy(
            f"Drop exact duplicates ({report.duplicates:,})", "drop_duplicates", replace(rules, drop_duplicates=True)
        )
        found.append(
            Note(
                "warning" if report.duplicates > 0.01 * report.events else "info",
                f"{_count(report.duplicates)} repeated exactly: same user, time, behaviour and item as another.",
                "A behaviour that was recorded twice seems to set itself off.",
                (remedy,),
            )
        )
    if report.out_of_order:
        share = report.out_of_order / report.events
        far = report.furthest_back_s > FAR_BACK_S and DISORDER < share < UNSORTED
        back = f", by {_rounded(report.furthest_back_s)} at most" if report.furthest_back_s else ""
        found.append(
            Note(
                "warning" if far else "info",
                f"{_count(report.out_of_order)} out of order in the file ({share:.1%}{back}), sorted by time since.",
                "A clock that jumped, or several that disagree, turns causes around."
                if far
                else "No harm, as long as the clocks of what recorded them agree.",
            )
        )
    return found


def _about_times(quality: Quality, report: ReadReport | None, rules: Rules) -> list[Note]:
    found = [
        Note("warning", doubt, "What is read as earlier or later than it was can turn a cause around.")
        for doubt in (report.time_doubts if report else ())
    ]
    if quality.stray is not None:
        events, example, period = quality.stray
        found.append(
            Note(
                "warning",
                f"{_count(events)} far away in time from all others, as at {moment_text(example, quality.dated)}.",
                "A clock that was not set makes a history end, or begin, with an event out of place.",
                (Remedy("Leave them out", "keep_period", replace(rules, period=period)),),
            )
        )
    if quality.silences:
        longest = max(quality.silences, key=lambda silence: silence.end - silence.start)
        more = _more(len(quality.silences) - 1, "once more", "more times")
        found.append(
            Note(
                "warning",
                f"Nobody did anything for {_rounded((longest.end - longest.start) / TICKS_PER_S)} from "
                f"{moment_text(longest.start, quality.dated)} on{more}.",
                "If nothing was recorded then, effects are missing that would have fallen into it.",
                _keep_stretch(quality, rules),
            )
        )
    if quality.ties_share > MANY_TIES:
        found.append(
            Note(
                "warning",
                f"{quality.ties_share:.0%} of the events share their moment with another event of the same user.",
                "Among them nobody can say which came first, so they speak neither for nor against an edge.",
            )
        )
    if quality.resolution_s >= COARSE_S:
        unit = {MINUTE_S: "minutes", HOUR_S: "hours"}.get(int(quality.resolution_s), "days")
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


def _keep_stretch(quality: Quality, rules: Rules) -> tuple[Remedy, ...]:
    if quality.stretch is None:
        return ()
    events, period = quality.stretch
    label = f"Count only the busiest part ({_count(events)})"
    return (Remedy(label, "keep_stretch", replace(rules, period=period)),)


def _about_users(quality: Quality, rules: Rules) -> list[Note]:
    found = []
    if quality.bots:
        found.append(_about_bots(quality, rules))
    burst = quality.burst
    if burst.events >= BURST and burst.user not in {bot.user for bot in quality.bots}:
        found.append(
            Note(
                "warning",
                f"User {burst.user!r} did {burst.events:,} things within one second, which no hand does.",
                "What a machine wrote at once says in which order it writes, not what caused what.",
                _leave_out(rules, (burst.user,)) if quality.users > 1 else (),
            )
        )
    if quality.single_users > SOME_SINGLES * quality.users:
        many = quality.single_users > MANY_SINGLES * quality.users
        found.append(
            Note(
                "warning" if many else "info",
                f"{quality.single_users:,} of {quality.users:,} users have one event only.",
                "Their events say nothing about order; perhaps another column names the users."
                if many
                else "Their events say nothing about order, and take nothing from what the others say.",
            )
        )
    if quality.users >= ENOUGH_USERS and max(quality.open_starts, quality.open_ends) > OPEN:
        found.append(
            Note(
                "info",
                f"{quality.open_starts:.0%} of the users are there from the log's first moments on, and "
                f"{quality.open_ends:.0%} in its last ones.",
                "What set off their first events, and what their last ones set off, is not in the log.",
            )
        )
    return found


def _about_bots(quality: Quality, rules: Rules) -> Note:
    first = quality.bots[0]
    share = sum(bot.events for bot in quality.bots) / quality.events
    if len(quality.bots) == 1:
        who = f"User {first.user!r} did {_part(share)} of all events, {first.times:,.0f} times the usual number"
    else:
        who = (
            f"{len(quality.bots):,} users ({_listed([repr(bot.user) for bot in quality.bots])}) did {_part(share)} of "
            f"all events, up to {first.times:,.0f} times the usual number"
        )
    remedies: tuple[Remedy, ...] = ()
    if quality.usual_most:
        cap = Remedy(
            f"Keep their first {quality.usual_most:,} events",
            "cap_users",
            replace(rules, most_per_user=quality.usual_most),
        )
        remedies = (*_leave_out(rules, tuple(bot.user for bot in quality.bots)), cap)
    return Note(
        "warning",
        f"{who}; this may be a robot or a shared account.",
        "What one source does fills the counts; check whether the edges hold without it.",
        remedies,
    )


def _leave_out(rules: Rules, users: tuple[str, ...]) -> tuple[Remedy, ...]:
    label = "Leave this user out" if len(users) == 1 else "Leave these users out"
    return (Remedy(label, f"drop_users_{len(users)}", replace(rules, without_users=(*rules.without_users, *users))),)


def _about_behaviours(quality: Quality, rules: Rules) -> list[Note]:
    found = []
    if quality.frequent_share >= FREQUENT and quality.behaviours > 1:
        hide = Remedy("Hide it", "hide_frequent", replace(rules, hidden=(*rules.hidden, quality.frequent)))
        found.append(
            Note(
                "warning",
                f"{quality.frequent_share:.0%} of all events are {quality.frequent!r}.",
                "What happens nearly always comes before everything else, and explains nothing of it.",
                (hide,) if quality.behaviours > 2 else (),
            )
        )
    if quality.together:
        one, other = quality.together[0]
        more = _more(len(quality.together) - 1, "1 more pair", "more pairs")
        found.append(
            Note(
                "warning",
                f"{one!r} and {other!r} are recorded at the same moment nearly always{more}.",
                "They are one behaviour under two names: neither comes first, and each hides what the other causes.",
                (Remedy("Merge the two", "merge_pair", merged(rules, (one, other), f"{one} + {other}")),),
            )
        )
    if quality.alike:
        joined = rules
        for group in quality.alike:
            joined = merged(joined, group, group[0])
        pairs = _listed([" = ".join(map(repr, group)) for group in quality.alike])
        found.append(
            Note(
                "warning",
                f"Names differ only in case, width, spaces or what cannot be seen: {pairs}.",
                "One behaviour under two names has its causes and effects split in two.",
                (Remedy("Merge them", "merge_alike", joined),),
            )
        )
    if quality.grouped:
        found.append(
            Note(
                "info",
                f"Only the {MAX_BEHAVIOURS - 1} most frequent behaviours are told apart; the others, "
                f"{quality.grouped / quality.events:.1%} of all events, stand together as {RARE.name!r}.",
                "An edge from or to a mixture says little; merge what belongs together before it is counted as rare.",
            )
        )
    if quality.rare:
        found.append(
            Note(
                "warning" if 2 * len(quality.rare) > quality.behaviours else "info",
                f"{'1 behaviour has' if len(quality.rare) == 1 else f'{len(quality.rare):,} behaviours have'} "
                f"fewer than {RARE_EVENTS} events: {_listed(quality.rare)}.",
                "Too few to carry a claim; merge them with others or hide them.",
                _hide_rare(quality, rules),
            )
        )
    return found


def _hide_rare(quality: Quality, rules: Rules) -> tuple[Remedy, ...]:
    if quality.behaviours - len(quality.rare) < 2:  # no log is made of one
        return ()
    label = "Hide it" if len(quality.rare) == 1 else "Hide them"
    return (Remedy(label, "hide_rare", replace(rules, hidden=(*rules.hidden, *quality.rare))),)


def _more(count: int, one: str, many: str) -> str:
    return "" if not count else f", and {one}" if count == 1 else f", and {count:,} {many}"


def _part(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "less than 1%"


def _count(events: int) -> str:
    return "1 event" if events == 1 else f"{events:,} events"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:NAMED]) + (" and others" if len(names) > NAMED else "")


def _rounded(seconds: float) -> str:
    for size, unit in ((DAY_S, "days"), (HOUR_S, "hours"), (MINUTE_S, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}" if seconds >= 10 * size else f"{seconds / size:.2g} {unit}"
    return f"{seconds:,.0f} seconds" if seconds >= 10 else f"{seconds:.2g} seconds"
