"""The recurrent network beside the graph's: ranks on the same pairs, and a job that can be followed."""

from __future__ import annotations

import numpy as np
import pytest
from small_project import ended, open_small_project

from causalviz.model.recurrent import RecurrentConfig, RecurrentScores
from causalviz.ui import compute
from causalviz.ui.jobs import State
from causalviz.ui.recurring import contrast, recurrent_job, recurrents, start_recurrent
from causalviz.ui.session import Session
from causalviz.ui.settings import KnownGraph, with_known_graph

pytestmark = pytest.mark.usefixtures("own_home", "in_this_process")


@pytest.fixture
def session() -> Session:
    return Session(project_id=open_small_project())


def scores_of(names: tuple[str, ...], score: np.ndarray) -> RecurrentScores:
    return RecurrentScores("x", names, score, np.ones(len(names), np.int64), 1.0, 2.0, (), RecurrentConfig())


def test_it_trains_as_a_job_of_the_log_and_outlives_the_server(session: Session) -> None:
    job_id = start_recurrent(session, RecurrentConfig(epochs=1, windows=20, window=8, hidden=4))
    job = ended(lambda: recurrent_job(session))
    assert (job.id, job.state) == (job_id, State.DONE)
    assert job.result is not None
    recurrents.clear()
    again = recurrent_job(session)
    assert again is not None
    assert again.result is not None
    assert np.array_equal(again.result.score, job.result.score, equal_nan=True)
    assert (again.result.steps, again.result.config) == (job.result.steps, job.result.config)
    found = contrast(session, again.result)
    assert found is not None
    assert found.ranks == {}
    assert found.truth is None
    assert found.theirs.shape == found.ours.shape


def test_both_are_ranked_on_the_pairs_that_both_have_scored(session: Session) -> None:
    project, discovery = compute.current_project(session), compute.current_discovery(session)
    assert project is not None
    assert discovery is not None
    edges = (("impression", "watch"),)
    compute.store().save_project(with_known_graph(project, KnownGraph("t.csv", edges)))
    names = discovery.names[::-1]  # another order
    score = np.full((len(names), len(names)), 0.1)
    np.fill_diagonal(score, np.nan)
    score[names.index("impression"), names.index("watch")] = -3.0  # strong, and lowering
    found = contrast(session, scores_of(names, score))
    assert found is not None
    ours, theirs = found.ranks["upload"]
    assert (theirs.auroc, theirs.auprc) == (1.0, 1.0)
    assert 0 <= ours.auroc <= 1
    assert found.truth is not None
    assert found.truth.sum() == 1
    assert found.theirs[discovery.names.index("impression"), discovery.names.index("watch")] == -3.0
