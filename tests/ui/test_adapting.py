"""Trainings as the page finds them, and verdicts as labels; the training itself is in tests/pages/test_train.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_project import ended

from causalviz.errors import TrainingFailed
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.model.adapt_progress import AdaptStep
from causalviz.model.adapted import Adaptation, KnownEdge
from causalviz.ui import compute
from causalviz.ui.adapting import current_training, known_edges
from causalviz.ui.jobs import State
from causalviz.ui.session import Session

AT = "2026-01-01T00:00:00+00:00"


pytestmark = pytest.mark.usefixtures("own_home")


def told(*verdicts: tuple[Act, str, str]) -> History:
    history = History()
    for act, cause, effect in verdicts:
        history = history.append(Verdict(act, cause, effect, "Ada", AT))
    return history


def test_verdicts_become_labels() -> None:
    history = told((Act.ACCEPT, "a", "b"), (Act.REJECT, "b", "c"), (Act.ADD, "c", "d"), (Act.NOTE, "d", "e"))
    assert set(known_edges(history)) == {
        KnownEdge("a", "b", True),
        KnownEdge("b", "c", False),
        KnownEdge("c", "d", True),
    }


def test_a_turned_edge_teaches_both_directions() -> None:
    assert set(known_edges(told((Act.REVERSE, "a", "b")))) == {KnownEdge("a", "b", False), KnownEdge("b", "a", True)}


def test_a_training_is_found_by_its_project_in_every_tab() -> None:
    def work(on_step: Callable[[AdaptStep], None], _cancelled: Callable[[], bool]) -> Adaptation:
        on_step(AdaptStep("worlds", 1, 2))
        raise TrainingFailed("The loss became nan; lower the learning rate.")

    assert current_training(Session(project_id="of nobody")).job is None
    job_id = compute.trainings().start("project of this test", work)
    job = ended(lambda: current_training(Session(project_id="project of this test")).job)
    assert (job.id, job.state, len(job.steps)) == (job_id, State.FAILED, 1)
    assert current_training(Session()).job is None
    compute.trainings().forget(job_id)
    lost = current_training(Session(project_id="project of this test", job_id=job_id))
    assert lost.lost
    assert lost.job is None
