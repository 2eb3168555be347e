"""Two groups of users by rules, on logs where everybody's place can be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.errors import UnknownBehaviour, UnusableLog
from causalviz.events import segments
from causalviz.events.log import EventLog
from causalviz.events.segments import Rule, Segments, Split, split_users


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "LEAST_USERS", 1)


def log_of(*histories: str) -> EventLog:
    """One user per text; a letter a tick, "." is a tick without an event."""
    rows = [(who, tick, sign) for who, text in enumerate(histories) for tick, sign in enumerate(text) if sign != "."]
    user, time, signs = zip(*rows, strict=True)
    names = sorted(set(signs))
    return EventLog.from_columns(
        np.array(user, np.int32),
        np.array(time, np.int64),
        np.array([names.index(sign) for sign in signs], np.int32),
        names,
        [f"u{who}" for who in range(len(histories))],
    )


def users(split: Segments) -> tuple[set[str], set[str]]:
    return set(split.first.user_names), set(split.second.user_names)


def test_early_users_have_their_middle_in_the_first_half() -> None:
    log = log_of("ab........", "a....b....", "........ab", "a........b", ".a.......b")
    assert users(split_users(log, Split(Rule.TIME))) == ({"u0", "u1", "u3"}, {"u2", "u4"})


def test_heavy_users_did_more_than_the_median() -> None:
    log = log_of("ab", "abab", "ba", "ababa", "bab")
    assert users(split_users(log, Split(Rule.ACTIVITY))) == ({"u0", "u2", "u4"}, {"u1", "u3"})


def test_a_behaviour_tells_those_who_did_it_from_those_who_never_did() -> None:
    log = log_of("ab", "abc", "ba", "cab")
    found = split_users(log, Split(Rule.BEHAVIOUR, "c"))
    assert users(found) == ({"u0", "u2"}, {"u1", "u3"})
    assert found.first.names == found.second.names == log.names  # the boxes stay the same


@given(event_logs(), st.sampled_from([Split(Rule.TIME), Split(Rule.ACTIVITY), Split(Rule.BEHAVIOUR, "b0")]))
def test_everybody_is_in_one_group_with_the_whole_history(log: EventLog, split: Split) -> None:
    try:
        first, second = split_users(log, split)
    except UnusableLog:
        return
    assert sorted(first.user_names + second.user_names) == sorted(log.user_names)
    assert first.n_events + second.n_events == log.n_events
    for part in (first, second):
        for code, name in enumerate(part.user_names):
            whole = log.user_names.index(name)
            there = slice(*log.offsets[whole : whole + 2])
            here = slice(*part.offsets[code : code + 2])
            assert np.array_equal(part.time[here], log.time[there])
            assert np.array_equal(part.behaviour[here], log.behaviour[there])


def test_a_group_that_is_too_small_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "LEAST_USERS", 2)
    with pytest.raises(UnusableLog, match="needs 2 users, and of users who did “c” there are only 1;"):
        split_users(log_of("ab", "abc", "ba"), Split(Rule.BEHAVIOUR, "c"))
    with pytest.raises(UnusableLog, match="of heavy users there are only 0;"):
        split_users(log_of("ab", "ba"), Split(Rule.ACTIVITY))


def test_a_group_needs_two_behaviours() -> None:
    with pytest.raises(UnusableLog, match=r"never did “b” did one thing only"):
        split_users(log_of("aa", "ab", "ba"), Split(Rule.BEHAVIOUR, "b"))


def test_a_behaviour_must_be_there_and_belong_to_its_rule() -> None:
    with pytest.raises(UnknownBehaviour, match="“z”"):
        split_users(log_of("ab", "ba"), Split(Rule.BEHAVIOUR, "z"))
    for rule, behaviour in ((Rule.BEHAVIOUR, ""), (Rule.TIME, "a")):
        with pytest.raises(ValueError, match="does not go with"):
            Split(rule, behaviour)
