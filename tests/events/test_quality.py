"""Quality in numbers and sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causalviz.events.log import EventLog
from causalviz.events.mapping import Roles
from causalviz.events.quality import Quality, measure_quality, notes
from causalviz.events.report import ReadReport


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
        busiest_user="0",
        busiest_share=5 / 8,
        busiest_times=5 / 2,
        rare=("b",),
        session_gap_s=None,
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
    return Quality(1000, 50, 4, 9e5, 0.01, 0, 5, (10, 60, 600), 1, "bob", 0.04, 2, (), None)


def test_a_good_log_says_so() -> None:
    assert [note.severity for note in notes(good())] == ["good"]


@pytest.mark.parametrize(
    ("quality", "part"),
    [
        (replace(good(), ties_share=0.5), "50% of the events share their moment"),
        (replace(good(), resolution_s=86_400), "whole days"),
        (replace(good(), busiest_share=0.5, busiest_times=500), "'bob' did 50% of all events"),
        (replace(good(), single_users=40), "40 of 50 users have one event only"),
    ],
)
def test_what_bends_causes_is_a_warning_and_comes_first(quality: Quality, part: str) -> None:
    first = notes(quality)[0]
    assert first.severity == "warning"
    assert part in first.sentence
    assert first.meaning_for_causes.endswith(".")


def test_rare_behaviours_are_named() -> None:
    told = notes(replace(good(), rare=tuple("abcdef")))[-1].sentence
    assert told == "6 behaviours have fewer than 5 events: a, b, c, d, e and others."


def test_the_reading_is_told() -> None:
    told = {note.sentence: note.severity for note in notes(good(), REPORT)}
    assert told["Dropped 10 of 100 rows (10.0%): no user in 10."] == "warning"
    assert told["3 events repeated exactly: same user, time, behaviour and item as another."] == "warning"
    assert "2 events out of order in the file, sorted by time since." in told
