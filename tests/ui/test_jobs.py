"""The registry of jobs, without streamlit."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from causalviz.errors import TrainingFailed, UnknownRecord
from causalviz.ui.jobs import BROKEN, Job, JobRegistry, State

PATIENCE_S = 10.0


def finished(registry: JobRegistry[int, str], job_id: str) -> Job[int, str]:
    """Waits for the job, on an event and not on a clock."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        job = registry.get(job_id)
        if job.state.is_final:
            return job
        pause.wait(0.01)
    raise AssertionError(f"job {job_id} did not end")


class Gate:
    """Work that runs until it is let go or cancelled."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self, on_step: Callable[[int], None], cancelled: Callable[[], bool]) -> str:
        self.entered.set()
        on_step(1)
        while not self.open.wait(0.005):
            if cancelled():
                return "half"
        on_step(2)
        return "whole"


def test_a_job_reports_its_steps_and_its_result() -> None:
    registry: JobRegistry[int, str] = JobRegistry()
    gate = Gate()
    job_id = registry.start("a", gate)
    assert gate.entered.wait(PATIENCE_S)
    assert registry.get(job_id).state is State.RUNNING
    assert not registry.is_idle
    gate.open.set()
    job = finished(registry, job_id)
    assert (job.state, job.steps, job.result, job.error) == (State.DONE, (1, 2), "whole", "")
    assert registry.find("a") == job
    assert registry.is_idle


def test_a_snapshot_does_not_change_afterwards() -> None:
    registry: JobRegistry[int, str] = JobRegistry()
    gate = Gate()
    job_id = registry.start("a", gate)
    assert gate.entered.wait(PATIENCE_S)
    before = registry.get(job_id)
    gate.open.set()
    finished(registry, job_id)
    assert len(before.steps) <= 1
    assert before.state is State.RUNNING


def test_a_second_job_waits_for_the_first_and_starts_by_itself() -> None:
    registry: JobRegistry[int, str] = JobRegistry(max_running=1)
    first, second = Gate(), Gate()
    one, two = registry.start("a", first), registry.start("b", second)
    assert first.entered.wait(PATIENCE_S)
    assert registry.get(two).state is State.WAITING
    first.open.set()
    assert second.entered.wait(PATIENCE_S)
    second.open.set()
    assert finished(registry, two).result == "whole"
    assert registry.get(one).state is State.DONE


def test_one_key_has_one_unfinished_job() -> None:
    registry: JobRegistry[int, str] = JobRegistry()
    gate = Gate()
    assert registry.start("a", gate) == registry.start("a", gate)
    gate.open.set()
    first = registry.find("a")
    assert first is not None
    finished(registry, first.id)
    assert registry.ensure("a", gate) == first.id
    assert registry.start("a", gate) != first.id


def test_cancelling_a_running_job_keeps_what_it_has() -> None:
    registry: JobRegistry[int, str] = JobRegistry()
    gate = Gate()
    job_id = registry.start("a", gate)
    assert gate.entered.wait(PATIENCE_S)
    registry.cancel(job_id)
    job = finished(registry, job_id)
    assert (job.state, job.result) == (State.CANCELLED, "half")


def test_a_cancelled_job_that_waited_never_starts() -> None:
    registry: JobRegistry[int, str] = JobRegistry()
    first, second = Gate(), Gate()
    one, two = registry.start("a", first), registry.start("b", second)
    registry.cancel(two)
    first.open.set()
    finished(registry, one)
    assert registry.get(two).state is State.CANCELLED
    assert not second.entered.is_set()


def test_an_expected_error_is_kept_as_its_sentence_and_may_be_tried_again() -> None:
    def fails(_on_step: Callable[[int], None], _cancelled: Callable[[], bool]) -> str:
        raise TrainingFailed("The loss is not a number; lower the learning rate.")

    registry: JobRegistry[int, str] = JobRegistry()
    job_id = registry.ensure("a", fails)
    job = finished(registry, job_id)
    assert (job.state, job.error) == (State.FAILED, "The loss is not a number; lower the learning rate.")
    assert registry.ensure("a", fails) != job_id


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the bug is the point
def test_a_bug_ends_the_job_and_is_reported_by_its_thread() -> None:
    def broken(_on_step: Callable[[int], None], _cancelled: Callable[[], bool]) -> str:
        raise ZeroDivisionError

    registry: JobRegistry[int, str] = JobRegistry()
    gate = Gate()
    broken_id, next_id = registry.start("a", broken), registry.start("b", gate)
    assert finished(registry, broken_id).error == BROKEN
    gate.open.set()
    assert finished(registry, next_id).state is State.DONE


def test_the_oldest_finished_jobs_are_forgotten() -> None:
    registry: JobRegistry[int, str] = JobRegistry(max_kept=2)
    gate = Gate()
    gate.open.set()
    ids = []
    for key in "abc":
        ids.append(registry.start(key, gate))
        finished(registry, ids[-1])
    with pytest.raises(UnknownRecord, match="start it again"):
        registry.get(ids[0])
    registry.forget(ids[1])
    assert registry.find("b") is None
    assert registry.find("c") is not None


class Asking:
    """Work that reports each time it was allowed to go on; the test hands it the steps one by one."""

    def __init__(self) -> None:
        self.turn, self.asked = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, on_step: Callable[[int], None], cancelled: Callable[[], bool]) -> str:
        for number in range(1, 4):
            assert self.turn.acquire(timeout=PATIENCE_S)
            if cancelled():
                return f"stopped before {number}"
            on_step(number)
            self.asked.release()
        return "whole"


def test_a_paused_job_stands_still_and_goes_on_where_it_was() -> None:
    registry: JobRegistry[int, str] = JobRegistry()
    work = Asking()
    job_id = registry.start("a", work)
    work.turn.release()
    assert work.asked.acquire(timeout=PATIENCE_S)
    registry.pause(job_id)
    work.turn.release()
    paused = registry.get(job_id)
    assert (paused.state, paused.steps) == (State.PAUSED, (1,))
    assert not work.asked.acquire(timeout=0.05)  # it stands at its question
    assert registry.get(job_id) == paused  # and its clock stands too
    registry.resume(job_id)
    assert work.asked.acquire(timeout=PATIENCE_S)
    work.turn.release()
    job = finished(registry, job_id)
    assert (job.state, job.steps, job.result) == (State.DONE, (1, 2, 3), "whole")
    assert job.seconds > paused.seconds


def test_a_paused_job_gives_its_place_and_waits_its_turn_again() -> None:
    registry: JobRegistry[int, str] = JobRegistry(max_running=1)
    first, second = Asking(), Gate()
    one = registry.start("a", first)
    two = registry.start("b", second)
    assert registry.get(two).state is State.WAITING
    registry.pause(one)
    assert second.entered.wait(PATIENCE_S)
    registry.resume(one)
    assert registry.get(one).state is State.WAITING
    second.open.set()
    finished(registry, two)
    first.turn.release(3)
    assert finished(registry, one).result == "whole"


def test_a_paused_job_can_be_cancelled() -> None:
    registry: JobRegistry[int, str] = JobRegistry()
    work = Asking()
    job_id = registry.start("a", work)
    registry.pause(job_id)
    work.turn.release()
    registry.cancel(job_id)
    job = finished(registry, job_id)
    assert (job.state, job.result) == (State.CANCELLED, "stopped before 1")


def test_pausing_what_does_not_run_changes_nothing() -> None:
    registry: JobRegistry[int, str] = JobRegistry(max_running=1)
    first, second = Gate(), Gate()
    one, two = registry.start("a", first), registry.start("b", second)
    registry.pause(two)
    registry.resume(one)
    assert (registry.get(one).state, registry.get(two).state) == (State.RUNNING, State.WAITING)
    first.open.set()
    second.open.set()
    finished(registry, one)
    done = finished(registry, two)
    registry.pause(two)
    assert registry.get(two) == done
