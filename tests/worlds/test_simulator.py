"""The simulator does what the plan says, checked on small graphs by counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causalviz.events.log import TICKS_PER_S, Behaviour
from causalviz.worlds.plan import Delay, Influences, People, Recording, Shocks, WorldPlan
from causalviz.worlds.simulator import simulate


def plan_of(
    offspring: np.ndarray, *, delay_s: float = 10.0, family: Delay = Delay.UNIFORM, **changes: object
) -> WorldPlan:
    """A plain world: 200 users with 40 events over 100 000 s, no seasons, no sessions."""
    K = len(offspring)
    influences = replace(
        Influences.none(K, delay_s), offspring=offspring, delay=np.full((K, K), int(family)), **changes
    )
    return WorldPlan(
        family="branching",
        behaviours=tuple(Behaviour(name, name) for name in "abcdef"[:K]),
        shares=np.full(K, 1 / K),
        people=People(n_users=200, events_per_user=40, span_s=100_000, drift=np.zeros(K), groups=np.arange(K)),
        influences=influences,
        shocks=Shocks(per_user=0, members=np.zeros((1, K)), width_s=1, shared=False),
        recording=Recording(rounding_s=0.001, lost=0, duplicated=0, hidden=np.zeros(K, dtype=bool)),
    )


def followed_within(plan: WorldPlan, cause: int, effect: int, window_s: float) -> float:
    """Share of causes that see the effect of the same user within the window."""
    log = simulate(plan, np.random.default_rng(0)).log
    hits = total = 0
    for user in range(log.n_users):
        history = slice(log.offsets[user], log.offsets[user + 1])
        time, mark = log.time[history], log.behaviour[history]
        effects = time[mark == effect]
        for moment in time[mark == cause]:
            total += 1
            hits += bool(np.any((effects > moment) & (effects <= moment + window_s * TICKS_PER_S)))
    return hits / total


def edge(K: int, cause: int, effect: int, value: float) -> np.ndarray:
    matrix = np.zeros((K, K))
    matrix[cause, effect] = value
    return matrix


def test_a_cause_is_followed_by_its_effect_and_not_the_other_way_round() -> None:
    plan = plan_of(edge(2, 0, 1, 0.7))
    assert abs(followed_within(plan, 0, 1, 18.0) - (1 - np.exp(-0.7))) < 0.05
    assert followed_within(plan, 1, 0, 18.0) < 0.05


def test_shares_do_not_depend_on_the_graph() -> None:
    for plan in (plan_of(edge(3, 0, 1, 0.8)), plan_of(np.zeros((3, 3)))):
        log = simulate(plan, np.random.default_rng(1)).log
        assert np.allclose(np.bincount(log.behaviour) / log.n_events, 1 / 3, atol=0.06)


def test_suppression_makes_the_effect_scarce_after_the_cause() -> None:
    free = plan_of(np.zeros((2, 2)))
    held = plan_of(np.zeros((2, 2)), suppress=edge(2, 0, 1, 1.0), suppress_s=edge(2, 0, 1, 500.0))
    assert followed_within(held, 0, 1, 500.0) == 0
    assert followed_within(free, 0, 1, 500.0) > 0.05


def test_a_refractory_gap_keeps_repeats_apart() -> None:
    log = simulate(plan_of(np.zeros((2, 2)), refractory_s=np.array([300.0, 0.0])), np.random.default_rng(0)).log
    gaps = [
        np.diff(log.time[(log.user == user) & (log.behaviour == 0)]).min(initial=10**9) for user in range(log.n_users)
    ]
    assert min(gaps) >= 300 * TICKS_PER_S - 1


def test_delays_have_the_planned_median() -> None:
    for family in Delay:
        plan = plan_of(edge(2, 0, 1, 1.4), delay_s=20.0, family=family)
        within = followed_within(plan, 0, 1, 20.0)
        assert 0.4 < within / followed_within(plan, 0, 1, 5000.0) < 0.75, family


def test_hidden_mediator_makes_a_direct_edge_of_a_path() -> None:
    chain = edge(3, 0, 1, 0.5) + edge(3, 1, 2, 0.5)
    plan = plan_of(chain)
    hidden = replace(plan, recording=replace(plan.recording, hidden=np.array([False, True, False])))
    assert plan.truth.tolist() == [[False, True, False], [False, False, True], [False, False, False]]
    assert hidden.truth.tolist() == [[False, True], [False, False]]
    assert simulate(hidden, np.random.default_rng(0)).log.names == ("a", "c")


def set_off(plan: WorldPlan, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(V, V) events that each recorded behaviour set off in a world of the plan, and (V,) events of each."""
    world = simulate(plan, np.random.default_rng(seed))
    V, caused = world.log.n_behaviours, world.set_off
    number = np.bincount(caused.cause * V + caused.effect, minlength=V * V).reshape(V, V)
    return number, np.bincount(world.log.behaviour, minlength=V)


def test_every_caused_event_knows_its_cause_and_when_that_was() -> None:
    plan = plan_of(edge(3, 0, 1, 0.5) + edge(3, 1, 2, 0.5) + edge(3, 2, 2, 0.3), delay_s=20.0)
    number, events = set_off(plan)
    assert number / events[:, None] == pytest.approx(plan.influences.offspring, abs=0.05)
    world = simulate(plan, np.random.default_rng(0))
    assert np.median(world.set_off.delay_s) == pytest.approx(20.0, rel=0.05)
    assert world.set_off.delay_s.max() <= 36.0  # uniform from a fifth of the median to 1.8 times


def test_what_a_hidden_behaviour_passes_on_was_set_off_by_the_recorded_one_before_it() -> None:
    plan = plan_of(edge(3, 0, 1, 0.8) + edge(3, 1, 2, 0.5), delay_s=20.0)
    hidden = replace(plan, recording=replace(plan.recording, hidden=np.array([False, True, False])))
    number, events = set_off(hidden)
    assert number[0, 1] / events[0] == pytest.approx(0.4, abs=0.05)
    assert number.sum() == number[0, 1]  # what hidden events of no cause set off is nobody's
    assert np.median(simulate(hidden, np.random.default_rng(0)).set_off.delay_s) == pytest.approx(40.0, rel=0.1)


def test_only_recorded_events_were_set_off_and_one_recorded_twice_was_twice() -> None:
    plan = plan_of(edge(2, 0, 1, 0.5))
    whole, lossy, doubled = (
        set_off(replace(plan, recording=replace(plan.recording, **rule)))
        for rule in ({}, {"lost": 0.5}, {"duplicated": 0.5})
    )
    assert lossy[0][0, 1] / whole[0][0, 1] == pytest.approx(0.5, abs=0.05)
    assert doubled[0][0, 1] / whole[0][0, 1] == pytest.approx(1.5, abs=0.1)


def test_in_a_clickstream_no_event_has_one_cause() -> None:
    walk = replace(plan_of(np.zeros((3, 3)), boost=edge(3, 0, 1, 7.0) + 1.0), family="clickstream")
    assert all(len(column) == 0 for column in simulate(walk, np.random.default_rng(0)).set_off)


def test_rounding_losses_and_duplicates() -> None:
    plan = plan_of(np.zeros((2, 2)))
    rounded = replace(plan, recording=replace(plan.recording, rounding_s=60.0))
    assert np.all(simulate(rounded, np.random.default_rng(0)).log.time % (60 * TICKS_PER_S) == 0)
    whole = simulate(plan, np.random.default_rng(0)).log.n_events
    lossy = replace(plan, recording=replace(plan.recording, lost=0.5))
    doubled = replace(plan, recording=replace(plan.recording, duplicated=0.5))
    assert abs(simulate(lossy, np.random.default_rng(0)).log.n_events / whole - 0.5) < 0.05
    assert abs(simulate(doubled, np.random.default_rng(0)).log.n_events / whole - 1.5) < 0.05


def test_a_clickstream_walks_to_the_boosted_behaviour() -> None:
    plan = plan_of(np.zeros((3, 3)), boost=edge(3, 0, 1, 7.0) + 1.0, memory=1)
    walk = replace(plan, family="clickstream")
    log = simulate(walk, np.random.default_rng(0)).log
    same_user = np.diff(log.user) == 0
    after_cause = log.behaviour[1:][same_user & (log.behaviour[:-1] == 0)]
    after_other = log.behaviour[1:][same_user & (log.behaviour[:-1] == 2)]
    assert np.mean(after_cause == 1) > 1.8 * np.mean(after_other == 1)


def test_a_theme_gathers_a_behaviour_in_few_sessions() -> None:
    def same_next(theme: float) -> float:
        plan = plan_of(np.zeros((4, 4)))
        people = replace(plan.people, session_s=60.0, events_per_session=8.0, theme=theme)
        log = simulate(replace(plan, people=people), np.random.default_rng(0)).log
        close = (np.diff(log.user) == 0) & (np.diff(log.time) < 60 * TICKS_PER_S)
        return float(np.mean(log.behaviour[1:][close] == log.behaviour[:-1][close]))

    assert abs(same_next(float("inf")) - 0.25) < 0.05
    assert same_next(0.1) > 0.5


def test_behaviours_of_one_topic_share_their_sessions() -> None:
    plan = plan_of(np.zeros((4, 4)))
    people = replace(plan.people, session_s=60.0, events_per_session=8.0, theme=0.1, groups=np.array([0, 0, 1, 1]))
    log = simulate(replace(plan, people=people), np.random.default_rng(0)).log
    close = (np.diff(log.user) == 0) & (np.diff(log.time) < 60 * TICKS_PER_S)
    first, second = log.behaviour[:-1][close], log.behaviour[1:][close]
    assert np.mean(first // 2 == second // 2) > 0.7
    assert 0.4 < np.mean((first == second)[first // 2 == second // 2]) < 0.6


def test_a_corrected_effect_grows_rarer_with_every_cause() -> None:
    late = {}
    for strength in (0.0, 0.3):
        plan = plan_of(np.zeros((2, 2)), correction=edge(2, 0, 1, strength))
        log = simulate(plan, np.random.default_rng(0)).log
        behind = log.time > 60_000 * TICKS_PER_S
        late[strength] = np.mean(behind[log.behaviour == 1])
        assert plan.truth[0, 1] == (strength > 0)
    assert late[0.3] < 0.5 * late[0.0]


def test_a_sated_behaviour_comes_more_evenly_and_is_no_edge() -> None:
    spread = {}
    for strength in (0.0, 0.5):
        plan = plan_of(np.zeros((2, 2)), correction=edge(2, 0, 0, strength), correction_s=np.full(2, 20_000.0))
        log = simulate(plan, np.random.default_rng(0)).log
        counts = np.bincount(log.user[log.behaviour == 0], minlength=log.n_users)
        spread[strength] = counts.var() / counts.mean()
        assert not plan.truth.any()
    assert 0.7 < spread[0.0] < 1.3  # a Poisson process has 1
    assert spread[0.5] < 0.6 * spread[0.0]


def test_a_paired_cause_does_nothing_alone() -> None:
    both = edge(3, 0, 2, 1.4) + edge(3, 1, 2, 1.4)
    partner = np.array([[-1, -1, 1], [-1, -1, 0], [-1, -1, -1]])
    plan = replace(plan_of(both, partner=partner, partner_s=50.0), shares=np.array([0.45, 0.45, 0.1]))
    log = simulate(plan, np.random.default_rng(0)).log
    soon = {True: [], False: []}
    for user in range(log.n_users):
        history = slice(log.offsets[user], log.offsets[user + 1])
        time, mark = log.time[history] / TICKS_PER_S, log.behaviour[history]
        others, effects = time[mark == 1], time[mark == 2]
        for moment in time[mark == 0]:
            beside = bool(np.any((others < moment) & (others > moment - 50)))
            if beside or not np.any(np.abs(others - moment) < 120):
                soon[beside].append(bool(np.any((effects > moment) & (effects < moment + 18))))
    assert np.mean(soon[True]) > 0.6
    assert np.mean(soon[False]) < 0.05


def test_some_effects_come_on_a_second_scale() -> None:
    plan = plan_of(edge(2, 0, 1, 1.4), delay_s=5.0, late=edge(2, 0, 1, 0.5), late_factor=100.0)
    within = [followed_within(plan, 0, 1, window) for window in (10.0, 90.0, 900.0)]
    single = plan_of(edge(2, 0, 1, 1.4), delay_s=5.0)
    assert within[0] < 0.75 * followed_within(single, 0, 1, 10.0)
    assert within[1] < within[0] + 0.1
    assert within[2] > within[1] + 0.2


def test_the_recording_cuts_both_ends_off() -> None:
    plan = plan_of(np.zeros((2, 2)))
    cut = replace(plan, recording=replace(plan.recording, window=(0.2, 0.7)))
    seconds = simulate(cut, np.random.default_rng(0)).log.time / TICKS_PER_S
    assert 19_999 <= seconds.min() < 21_000
    assert 69_000 < seconds.max() <= 70_000


def test_drift_moves_a_behaviour_towards_a_users_end() -> None:
    plan = plan_of(np.zeros((2, 2)))
    for session_s in (0.0, 60.0):
        people = replace(plan.people, drift=np.array([0.0, 2.0]), session_s=session_s)
        log = simulate(replace(plan, people=people), np.random.default_rng(0)).log
        middle = [log.time[log.behaviour == code].mean() / TICKS_PER_S for code in (0, 1)]
        assert abs(middle[0] - 50_000) < 3_000
        assert middle[1] > 60_000


def test_growth_lets_most_users_begin_late() -> None:
    plan = plan_of(np.zeros((2, 2)))
    starts = {}
    for growth in (1.0, 4.0):
        log = simulate(
            replace(plan, people=replace(plan.people, lifetime=0.1, growth=growth)), np.random.default_rng(0)
        ).log
        starts[growth] = np.mean(log.time[log.offsets[:-1]]) / TICKS_PER_S
    assert starts[4.0] > 1.4 * starts[1.0]


def test_signs_multiply_along_what_is_hidden() -> None:
    suppress = edge(4, 1, 2, 0.8)
    plan = plan_of(edge(4, 0, 1, 0.5) + edge(4, 2, 3, 0.5), suppress=suppress, suppress_s=1_000.0 * (suppress > 0))
    assert plan.signs.tolist() == [[0, 1, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    hidden = replace(plan, recording=replace(plan.recording, hidden=np.array([False, True, True, False])))
    assert hidden.signs.tolist() == [[0, -1], [0, 0]]
    assert hidden.truth.tolist() == [[False, True], [False, False]]


def test_in_a_clickstream_a_weak_boost_among_strong_ones_prevents() -> None:
    boost = np.ones((4, 4))
    boost[0] = [1.0, 20.0, 20.0, 1.5]
    boost[1, 3] = 1.5
    plan = replace(plan_of(np.zeros((4, 4)), boost=boost), family="clickstream")
    assert plan.signs[0].tolist() == [0, 1, 1, -1]
    assert plan.signs[1, 3] == 1
    assert not plan.signs[2:].any()
    many = replace(plan, people=replace(plan.people, n_users=1_000))
    log = simulate(many, np.random.default_rng(0)).log
    same = np.diff(log.user) == 0
    latest, following = log.behaviour[:-1][same], log.behaviour[1:][same]
    assert np.mean(following[latest == 0] == 3) < 0.8 * np.mean(following == 3)
