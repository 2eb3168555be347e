"""Quality in numbers and sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

import numpy as np
import pytest

from causalviz.events.findings import left_out, notes
from causalviz.events.log import EventLog
from causalviz.events.mapping import Roles
from causalviz.events.quality import Burst, Busy, Quality, Silence, Stray, Stretch, measure_quality
from causalviz.events.raw import RawEvents
from causalviz.events.report import ReadReport
from causalviz.events.rules import MAX_BEHAVIOURS, Rules, apply_rules


def log_of(*rows: tuple[int, float, str]) -> EventLog:
    names = sorted({name for _, _, name in rows})
    return EventLog.from_columns(
        np.array([user for user, _, _ in rows], np.int32),
        np.array([round(1000 * at) for _, at, _ in rows], np.int64),
        np.array([names.index(name) for _, _, name in rows], np.int32),
        names,
    )


REPORT = ReadReport("log.csv", "CSV", 100, 90, {"no user": 10}, (), 3, 2, "UTC", Roles("u", "e", "t"))


def test_numbers_of_a_small_log() -> None:
    found = measure_quality(
        log_of((0, 0, "a"), (0, 0, "a"), (0, 0, "b"), (0, 10, "b"), (0, 30, "a"), (1, 5, "a"), (2, 7, "a"), (2, 8, "b"))
    )
    assert found == Quality(
        events=8,
        users=3,
        behaviours=2,
        span_s=30,
        ties_share=3 / 8,
        duplicates=1,
        single_users=1,
        gap_quartiles_s=(5.5, 10, 15),  # of the gaps 1, 10 and 20 s
        resolution_s=1,
        rare=("b",),
        dated=False,
        usual_most=5,
        burst=Burst("0", 3),
        frequent="a",
        frequent_share=5 / 8,
        open_starts=1 / 3,
        open_ends=1 / 3,
    )


def test_a_log_without_gaps_has_none() -> None:
    found = measure_quality(log_of((0, 0.5, "a"), (1, 0.25, "b")))
    assert (found.gap_quartiles_s, found.single_users, found.resolution_s) == ((0, 0, 0), 2, 0.001)


def test_pauses_between_visits_are_found() -> None:
    rng = np.random.default_rng(0)
    gaps = np.concatenate([rng.lognormal(np.log(20), 0.7, 900), rng.lognormal(np.log(40_000), 0.7, 100)])
    rng.shuffle(gaps)
    log = log_of(*((0, at, "ab"[k % 2]) for k, at in enumerate(np.cumsum(gaps))))
    gap_s = measure_quality(log).session_gap_s
    assert gap_s is not None
    assert 120 < gap_s < 10_000
    assert "part the events of a user into visits" in " ".join(note.sentence for note in notes(measure_quality(log)))


def test_one_kind_of_gap_has_no_visits() -> None:
    gaps = np.random.default_rng(0).lognormal(np.log(60), 1.0, 1000)
    log = log_of(*((0, at, "ab"[k % 2]) for k, at in enumerate(np.cumsum(gaps))))
    assert measure_quality(log).session_gap_s is None


def good() -> Quality:
    return Quality(1000, 50, 4, 9e5, 0.01, 0, 5, (10, 60, 600), 1)


BOB = Busy("bob", 500, 400.0)
EARLY = int(datetime(2024, 3, 13, 12, tzinfo=UTC).timestamp() * 1000)


def test_a_good_log_says_so() -> None:
    assert [note.severity for note in notes(good())] == ["good"]


@pytest.mark.parametrize(
    ("quality", "part"),
    [
        (replace(good(), ties_share=0.5), "50% of the events share their moment"),
        (replace(good(), resolution_s=86_400), "whole days"),
        (replace(good(), bots=(BOB,)), "User 'bob' did 50% of all events, 400 times the usual number"),
        (replace(good(), bots=(Busy("bob", 1, 30.0),)), "User 'bob' did less than 1% of all events, 30 times"),
        (replace(good(), bots=(BOB, Busy("eve", 100, 80.0))), "2 users ('bob', 'eve') did 60% of all events"),
        (replace(good(), burst=Burst("job", 5_000)), "User 'job' did 5,000 things within one second"),
        (replace(good(), single_users=40), "40 of 50 users have one event only"),
        (replace(good(), frequent="ping", frequent_share=0.93), "93% of all events are 'ping'"),
        (replace(good(), together=(("a", "b"), ("c", "d"))), "'a' and 'b' are recorded at the same moment"),
        (replace(good(), alike=(("Buy", "buy "),)), "spaces or what cannot be seen: 'Buy' = 'buy '"),
        (replace(good(), stray=Stray(3, 0, (EARLY, EARLY))), "3 events far away in time from all others, as at 1970"),
        (
            replace(good(), silences=(Silence(EARLY, EARLY + 7_200_000), Silence(0, 10))),
            "Nobody did anything for 2 hours from 2024-03-13 12:00:00 on, and once more",
        ),
    ],
)  # fmt: skip
def test_what_bends_causes_is_a_warning_and_comes_first(quality: Quality, part: str) -> None:
    first = notes(quality)[0]
    assert first.severity == "warning"
    assert part in first.sentence
    assert first.meaning_for_causes.endswith(".")


def remedies(quality: Quality, report: ReadReport | None = None, rules: Rules | None = None) -> dict[str, Rules]:
    return {remedy.key: remedy.rules for note in notes(quality, report, rules) for remedy in note.remedies}


def test_remedies_are_rules_and_are_taken_back() -> None:
    bad = replace(
        good(), bots=(BOB,), usual_most=40, frequent="ping", frequent_share=0.9, together=(("a", "b"),),
        alike=(("Buy", "buy"),), stray=Stray(3, 0, (5, 9)), silences=(Silence(9, 20),), stretch=Stretch(7, (20, 30)),
        rare=("r",),
    )  # fmt: skip
    offered = remedies(bad, REPORT, Rules(hidden=("x",)))
    assert offered == {
        "drop_duplicates": Rules(hidden=("x",), drop_duplicates=True),
        "keep_period": Rules(hidden=("x",), period=(5, 9)),
        "keep_stretch": Rules(hidden=("x",), period=(20, 30)),
        "drop_users_1": Rules(hidden=("x",), without_users=("bob",)),
        "cap_users": Rules(hidden=("x",), most_per_user=40),
        "hide_frequent": Rules(hidden=("x", "ping")),
        "merge_pair": Rules(hidden=("x",), merged=(("a + b", ("a", "b")),)),
        "merge_alike": Rules(hidden=("x",), merged=(("Buy", ("Buy", "buy")),)),
        "hide_rare": Rules(hidden=("x", "r")),
    }
    assert "hide_rare" not in remedies(replace(bad, behaviours=2))  # one would be left
    used = Rules(drop_duplicates=True, without_users=("bob",), most_per_user=40, period=(5, 9))
    assert not remedies(good(), REPORT, used)
    back = {remedy.key: remedy.rules for note in left_out(used) for remedy in note.remedies}
    assert list(back) == ["keep_duplicates", "keep_users", "uncap_users", "whole_period"]
    assert back["keep_users"] == replace(used, without_users=())
    told = " ".join(note.sentence for note in left_out(used))
    assert "1 user is left out: bob." in told
    assert "Of each user, the first 40 events count." in told


def busy_log(bot_events: int) -> EventLog:
    """50 users with 20 to 40 events each over ten days, and a robot."""
    rng = np.random.default_rng(0)
    per_user = np.r_[rng.integers(20, 40, 50), bot_events]
    user = np.repeat(np.arange(51, dtype=np.int32), per_user)
    time = EARLY + rng.integers(0, 864_000_000, len(user))
    mark = rng.integers(0, 3, len(user)).astype(np.int32)
    return EventLog.from_columns(user, time, mark, list("abc"), [*(f"u{k}" for k in range(50)), "bot"])


def test_a_robot_is_named_and_the_rule_that_drops_it_works() -> None:
    log = busy_log(2_000)
    quality = measure_quality(log)
    assert [(bot.user, bot.events) for bot in quality.bots] == [("bot", 2_000)]
    raw = RawEvents.from_log(log)
    offered = remedies(quality)
    capped = measure_quality(apply_rules(raw, offered["cap_users"]))
    assert (capped.users, capped.bots, capped.events) == (51, (), log.n_events - 2_000 + quality.usual_most)
    left = measure_quality(apply_rules(raw, offered["drop_users_1"]))
    assert (left.users, left.events, left.bots) == (50, log.n_events - 2_000, ())
    assert measure_quality(busy_log(100)).bots == ()


def test_users_whose_activity_spreads_widely_are_no_robots() -> None:
    rng = np.random.default_rng(0)
    per_user = np.ceil(rng.pareto(1.2, 3_000)).astype(np.int64)  # as in shops: half come once, some hundreds of times
    user = np.repeat(np.arange(3_000, dtype=np.int32), per_user)
    log = EventLog.from_columns(
        user, rng.integers(0, 10**9, len(user)), rng.integers(0, 2, len(user)).astype(np.int32), ["a", "b"]
    )
    assert len(measure_quality(log).bots) <= 1


def test_silences_and_stray_events_are_found() -> None:
    log = busy_log(5_000)
    assert measure_quality(log).silences == ()
    day = 86_400_000
    awake = (log.time < EARLY + 3 * day) | (log.time > EARLY + 5 * day)
    cut = EventLog.from_columns(log.user[awake], log.time[awake], log.behaviour[awake], log.behaviours, log.user_names)
    quality = measure_quality(cut)
    (silence,) = quality.silences
    assert abs(silence.start - (EARLY + 3 * day)) < day / 10
    assert abs(silence.end - (EARLY + 5 * day)) < day / 10
    assert quality.stretch is not None
    assert quality.stretch.events == np.count_nonzero(cut.time > EARLY + 4 * day)
    kept = apply_rules(RawEvents.from_log(cut), remedies(quality)["keep_stretch"])
    assert kept.n_events == quality.stretch.events
    time = log.time.copy()
    time[:3] = (0, 0, EARLY * 5)
    quality = measure_quality(EventLog.from_columns(log.user, time, log.behaviour, log.behaviours, log.user_names))
    assert quality.stray == Stray(3, 0, (int(time[3:].min()), int(time[3:].max())))
    assert quality.silences == ()
    assert measure_quality(log).stray is None


def test_a_silence_is_found_in_a_small_log_too() -> None:
    times = [float(k) for k in range(300)] + [1_000.0 + k for k in range(300)]
    (silence,) = measure_quality(log_of(*((0, at, "view") for at in times))).silences
    assert abs(silence.start - 300_000) < 50_000
    assert abs(silence.end - 1_000_000) < 50_000


def test_a_busy_hour_makes_the_rest_of_a_log_no_stray() -> None:
    rng = np.random.default_rng(0)
    time = np.r_[rng.integers(0, 30 * 86_400_000, 400), 10**9 + rng.integers(0, 3_600_000, 600)]
    log = EventLog.from_columns(np.zeros(1000, np.int32), time, np.arange(1000, dtype=np.int32) % 2, ["a", "b"])
    assert measure_quality(log).stray is None


def test_behaviours_that_are_always_together_are_found() -> None:
    rows = [
        (k % 3, 10.0 * k, name)
        for k in range(60)
        for name in (("page", "session", "x") if k % 2 else ("page", "session"))
    ]
    quality = measure_quality(log_of(*rows))
    assert quality.together == (("page", "session"),)
    assert quality.burst == Burst("0", 3)


def test_names_that_look_the_same_are_found() -> None:
    names = ("Buy", "b\u200buy", "ＢＵＹ", "add cart", "add_cart", "view")
    log = log_of(*((0, float(k), name) for k, name in enumerate(names)))
    assert {frozenset(group) for group in measure_quality(log).alike} == {frozenset(names[:3]), frozenset(names[3:5])}


def test_histories_cut_at_the_ends_are_told() -> None:
    quality = replace(good(), open_starts=0.5, open_ends=0.25)
    told = notes(quality)[-1].sentence
    assert told == "50% of the users are there from the log's first moments on, and 25% in its last ones."


def test_rare_types_that_stand_together_are_told() -> None:
    names = [f"e{k:04d}" for k in range(10_000)]
    raw = RawEvents.from_names(["u"] * 20_000, np.arange(20_000) * 1000, names * 2)
    quality = measure_quality(apply_rules(raw, Rules()))
    assert (quality.behaviours, quality.grouped) == (MAX_BEHAVIOURS, 2 * (10_000 - MAX_BEHAVIOURS + 1))
    told = [note.sentence for note in notes(quality)]
    assert any("Only the 499 most frequent behaviours are told apart" in sentence for sentence in told)


def test_the_cost_is_linear_for_a_long_history_and_a_crowded_second() -> None:
    """A million events of one user, 5000 behaviours in one second: seconds, where pairs would take hours."""
    million = np.arange(1_000_000)
    user = np.r_[np.zeros(1_000_000, np.int32), np.repeat(np.arange(1, 101, dtype=np.int32), 5_000)]
    time = np.r_[million * 500, np.repeat(np.arange(100) * 10**6, 5_000)]
    mark = np.r_[million % 500, np.tile(np.arange(5_000) % 500, 100)].astype(np.int32)
    log = EventLog.from_columns(user, time, mark, [f"b{k}" for k in range(500)])
    begin = process_time()
    quality = measure_quality(log)
    assert process_time() - begin < 10
    assert quality.burst.events == 5_000
    assert quality.together == ()  # such a moment says nothing about any two


def test_rare_behaviours_are_named() -> None:
    told = notes(replace(good(), rare=tuple("abcdef")))[-1].sentence
    assert told == "6 behaviours have fewer than 5 events: a, b, c, d, e and others."
    assert notes(replace(good(), rare=("a",)))[-1].sentence == "1 behaviour has fewer than 5 events: a."
    assert "Pauses beyond 100 seconds" in notes(replace(good(), session_gap_s=100.0))[-1].sentence
    for behaviours, severity in ((12, "info"), (11, "warning")):  # where most are rare, nothing can be claimed
        found = notes(replace(good(), behaviours=behaviours, rare=tuple("abcdef")))
        assert next(note.severity for note in found if "6 behaviours" in note.sentence) == severity


def test_the_reading_is_told() -> None:
    told = {note.sentence: note.severity for note in notes(good(), REPORT)}
    assert told["Dropped 10 of 100 rows (10.0%): no user in 10."] == "warning"
    assert told["3 events repeated exactly: same user, time, behaviour and item as another."] == "warning"
    assert told["2 events out of order in the file (2.2%), sorted by time since."] == "info"
    unsorted = replace(REPORT, out_of_order=40, furthest_back_s=7_200)
    assert all(note.severity == "info" for note in notes(good(), unsorted) if "out of order" in note.sentence)
    jumped = replace(REPORT, furthest_back_s=7_200, time_doubts=("Day and month may be swapped.",))
    told = {note.sentence: note.severity for note in notes(good(), jumped)}
    assert told["2 events out of order in the file (2.2%, by 2 hours at most), sorted by time since."] == "warning"
    assert told["Day and month may be swapped."] == "warning"
