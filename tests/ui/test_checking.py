"""Checks without a truth, as jobs."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from small_project import ended, open_small_project

from causalviz.errors import UnknownRecord
from causalviz.model.edge_model import EdgeModel
from causalviz.ui import checking, compute
from causalviz.ui.jobs import State
from causalviz.ui.session import Session

pytestmark = pytest.mark.usefixtures("own_home", "in_this_process")


@pytest.fixture
def session() -> Session:
    checking.checks.clear()
    return Session(project_id=open_small_project())


def test_users_are_resampled_and_the_answers_kept(session: Session) -> None:
    assert checking.current_check(session, "users") is None
    job_id = checking.start_check(session, "users", 2)
    job = ended(lambda: checking.current_check(session, "users"))
    assert (job.id, job.state, job.error) == (job_id, State.DONE, "")
    assert [step[1:] for step in job.steps] == [(0, 2), (1, 2), (2, 2)]
    assert job.result is not None
    assert job.result.answers.shape == (2, 7, 7)
    assert not np.array_equal(job.result.answers[0], job.result.answers[1])
    assert checking.current_check(session, "null") is None


def test_a_new_server_finds_the_check_of_the_old_one(session: Session) -> None:
    checking.start_check(session, "halves", 2)
    before = ended(lambda: checking.current_check(session, "halves")).result
    checking.checks.clear()
    job = checking.current_check(session, "halves")
    assert job is not None
    assert (job.state, job.error) == (State.DONE, "")
    assert before is not None
    assert job.result is not None
    assert np.array_equal(job.result.answers, before.answers, equal_nan=True)
    assert job.result.note == before.note


def test_halves_are_two_and_know_where_they_meet(session: Session) -> None:
    checking.start_check(session, "halves", 2)
    job = ended(lambda: checking.current_check(session, "halves"))
    log = compute.current_log(session)
    assert log is not None
    assert job.result is not None
    assert len(job.result.answers) == 2
    assert log.time.min() < job.result.note < log.time.max()


def test_a_shuffled_log_draws_less(session: Session) -> None:
    checking.start_check(session, "null", 1)
    job = ended(lambda: checking.current_check(session, "null"))
    discovery = compute.current_discovery(session)
    assert discovery is not None
    assert job.result is not None
    assert job.result.note > 0.9
    assert (job.result.answers >= 0.5).sum() < (np.nan_to_num(discovery.probability) >= 0.5).sum()


def test_a_check_can_be_cancelled_and_goes_on_with_what_it_has(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go = threading.Event(), threading.Event()

    discovery = compute.current_discovery(session)
    assert discovery is not None

    def answer(*_: object, model: EdgeModel) -> object:
        started.set()
        assert go.wait(60)
        return discovery

    monkeypatch.setattr("causalviz.trials.discover", answer)
    job_id = checking.start_check(session, "users", 20)
    assert started.wait(60)
    checking.checks().cancel(job_id)
    go.set()
    job = ended(lambda: checking.current_check(session, "users"))
    assert job.state is State.CANCELLED
    assert job.result is not None
    assert len(job.result.answers) == 1


def test_without_a_log_there_is_nothing_to_check() -> None:
    assert checking.current_check(Session(), "users") is None
    with pytest.raises(UnknownRecord, match="no log to check"):
        checking.start_check(Session(), "users", 2)


def test_the_next_answer_takes_about_as_long_as_the_last(session: Session) -> None:
    discovery = compute.current_discovery(session)
    assert discovery is not None
    assert checking.seconds_per_answer(discovery) == sum(discovery.seconds.values())
