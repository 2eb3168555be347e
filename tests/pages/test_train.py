"""The Train page, run headless: offer, live view, decision, and how a training may end."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from small_project import ended, open_small_project
from streamlit.testing.v1 import AppTest

from causalviz.errors import TrainingFailed
from causalviz.graph.store import DeedKind
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.model import adaptation, training
from causalviz.model.adapt_progress import AdaptStep
from causalviz.model.adapted import Adaptation, AdaptScores
from causalviz.model.recalibration import LEAST_VERDICTS
from causalviz.ui import compute
from causalviz.ui.jobs import State
from causalviz.ui.session import Session
from causalviz.ui.settings import KnownGraph, with_known_graph

PAGE = Path(__file__).resolve().parents[2] / "pages" / "train.py"
PATIENCE_S = 90
NOTHING_LEFT = "nothing was changed"
WORSE, BETTER = AdaptScores(0.8, 0.5, 0.1, 0.5), AdaptScores(0.9, 0.6, 0.05, 0.4)


pytestmark = pytest.mark.usefixtures("own_home", "in_this_process")


@pytest.fixture
def project_id() -> str:
    return open_small_project()


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE_S)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def told(page: AppTest) -> str:
    blocks = [*page.markdown, *page.caption, *page.subheader, *page.info, *page.warning, *page.error]
    return "\n".join(str(block.value) for block in blocks)


class Slow:
    """A training that reports and then waits until it is let go or cancelled."""

    def __init__(self, *steps: AdaptStep) -> None:
        self.steps, self.reported, self.go = steps, threading.Event(), threading.Event()

    def __call__(self, on_step: Callable[[AdaptStep], None], cancelled: Callable[[], bool]) -> Adaptation:
        for step in self.steps:
            on_step(step)
        self.reported.set()
        while not self.go.wait(0.005) and not cancelled():
            pass
        raise TrainingFailed("The loss became nan in epoch 1; lower the learning rate (was 0.5).")


def test_without_a_log_the_page_offers_one() -> None:
    page = visit()
    assert not page.exception
    assert page.subheader[0].value == "No event log yet"


def test_the_offer_counts_the_verdicts_that_would_be_learned_from(project_id: str) -> None:
    assert "no verdicts of yours so far" in told(visit(project=project_id))
    said = Verdict(Act.ACCEPT, "impression", "watch", "Ada", "2026-01-02T00:00:00+00:00")
    compute.store().append_verdicts(project_id, History().append(said), 0)
    page = visit(project=project_id)
    assert not page.exception
    assert "**1** so far" in told(page)
    assert "The shipped network judges this log" in told(page)


@pytest.fixture
def helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every training does better than before, whatever the shipped network is."""
    scores = itertools.cycle([WORSE, BETTER])
    monkeypatch.setattr(adaptation, "_scores", lambda *_: next(scores))


@pytest.mark.usefixtures("helps")
def test_a_training_runs_is_compared_and_kept(project_id: str) -> None:
    page = visit(project=project_id)
    page.slider(key="adapt_worlds").set_value(20)
    page.slider(key="adapt_epochs").set_value(2)
    page.button(key="adapt").click().run()
    assert not page.exception
    job = ended(lambda: compute.trainings().find(project_id))
    assert job.state is State.DONE
    assert [step.done for step in job.steps if step.stage == "training"] == [0, 1, 2]
    assert page.query_params["job"] == job.id

    compute.trainings().forget(job.id)
    page = visit(project=project_id, job=job.id)  # as after a refresh, and in a server that was restarted since
    assert not page.exception
    assert [metric.label for metric in page.metric] == [
        "Ranking (AUROC)", "Average precision", "Calibration error", "Loss",
    ]  # fmt: skip
    assert "It does" in told(page)
    assert "than before" in told(page) or "as well as before" in told(page)
    assert "has not changed yet" in told(page)
    assert compute.store().project(project_id).model_id is None
    page.button(key="keep_training").click().run()
    model_id = compute.store().project(project_id).model_id
    assert model_id is not None
    assert compute.store().model(model_id).card["adapted to log"]

    page = visit(project=project_id)
    assert "adapted to this log judges it" in told(page)
    page.button(key="use_prior").click().run()
    assert not page.exception
    assert compute.store().project(project_id).model_id is None
    assert [record.id for record in compute.store().models(project_id)] == [model_id]
    said = [deed.subject for deed in compute.store().deeds(project_id) if deed.kind is DeedKind.JUDGED]
    assert said == [f"by the network “{compute.store().model(model_id).name}”", "by the shipped network"]


def train_briefly(project_id: str, epochs: int = 1) -> AppTest:
    """A training of few epochs, and the page after it."""
    page = visit(project=project_id)
    page.slider(key="adapt_worlds").set_value(20)
    page.slider(key="adapt_epochs").set_value(epochs)
    page.button(key="adapt").click().run()
    ended(lambda: compute.trainings().find(project_id))
    return visit(project=project_id)


def test_a_training_that_does_worse_changes_nothing(project_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([BETTER, WORSE])
    monkeypatch.setattr(adaptation, "_scores", lambda *_: next(scores))
    page = train_briefly(project_id)
    assert not page.exception
    assert "changes nothing" in told(page)
    assert "stays as it was" in told(page)
    assert "keep_training" not in [button.key for button in page.button]
    page.button(key="discard_training").click().run()
    assert compute.store().models(project_id) == ()


@pytest.mark.usefixtures("helps")
def test_what_a_training_brought_can_be_discarded(project_id: str) -> None:
    train_briefly(project_id)
    assert compute.store().undecided_model(project_id) is not None
    visit(project=project_id).button(key="discard_training").click().run()
    assert compute.store().models(project_id) == ()
    assert compute.store().project(project_id).model_id is None
    assert "The shipped network judges this log" in told(visit(project=project_id))


def rule(project_id: str, exists: Callable[[float], bool], pairs: int) -> None:
    """Rules on every other pair of the log, from the most probable to the least."""
    table = compute.prior_discovery(Session(project_id=project_id)).table().iloc[::2][:pairs]
    history = History()
    for row in table.itertuples():
        act = Act.ADD if exists(row.probability) else Act.REJECT
        history = history.append(Verdict(act, row.cause, row.effect, "Ada", "2026-01-02T00:00:00+00:00"))
    compute.store().append_verdicts(project_id, history, 0)


def test_few_verdicts_do_not_recalibrate(project_id: str) -> None:
    rule(project_id, lambda p: p > 0.5, LEAST_VERDICTS - 1)
    page = visit(project=project_id)
    assert page.button(key="recalibrate").disabled
    assert f"there are {LEAST_VERDICTS - 1}" in told(page)


def test_verdicts_recalibrate_at_once_and_can_be_kept(project_id: str) -> None:
    turn = itertools.cycle([True, False, False])
    rule(project_id, lambda _: next(turn), LEAST_VERDICTS)  # verdicts at random: the network is far too sure
    page = visit(project=project_id)
    page.button(key="recalibrate").click().run()
    assert not page.exception
    assert "Your verdicts recalibrate the probabilities" in told(page)
    assert [metric.label for metric in page.metric] == ["Calibration error", "Brier score", "Loss"]
    page.button(key="keep_training").click().run()
    assert compute.store().project(project_id).model_id is not None
    assert "recalibrated by your verdicts" in told(visit(project=project_id))


def test_verdicts_that_agree_change_nothing(project_id: str) -> None:
    rule(project_id, lambda _: False, LEAST_VERDICTS)
    page = visit(project=project_id)
    page.button(key="recalibrate").click().run()
    assert not page.exception
    assert "stay as they are" in told(page)
    assert compute.store().models(project_id) == ()


def test_a_running_training_shows_where_it_stands_and_can_be_cancelled(project_id: str) -> None:
    work = Slow(
        AdaptStep("worlds", 20, 20), AdaptStep("training", 1, 4, 0.5, 0.6, 0.91, 0.01, 90.0)
    )  # fmt: skip
    job_id = compute.trainings().start(project_id, work)
    assert work.reported.wait(PATIENCE_S)
    page = visit(project=project_id)  # another tab, without the job in its address
    assert not page.exception
    shown = {metric.label: metric.value for metric in page.metric}
    assert (shown["Worlds simulated"], shown["Epochs trained"]) == ("20 of 20", "1 of 4")
    assert (shown["Ranking (AUROC)"], shown["Calibration error"], shown["Time left"]) == ("0.910", "0.010", "90 s")
    assert shown["Server's memory"].endswith(" MB")
    page.button(key="cancel_training").click().run()
    ended(lambda: compute.trainings().find(project_id))
    page = visit(project=project_id, job=job_id)
    assert NOTHING_LEFT in told(page) or "lower the learning rate" in told(page)
    page.button(key="dismiss_training").click().run()
    assert "The shipped network judges this log" in told(page)
    assert "job" not in page.query_params


def test_a_training_can_be_paused_and_resumed_in_any_tab(project_id: str) -> None:
    work = Slow(AdaptStep("worlds", 5, 20))
    compute.trainings().start(project_id, work)
    assert work.reported.wait(PATIENCE_S)
    visit(project=project_id).button(key="pause_training").click().run()
    paused = compute.trainings().find(project_id)
    assert paused is not None
    assert paused.state is State.PAUSED
    page = visit(project=project_id)
    assert not page.exception
    assert "pause_training" not in [button.key for button in page.button]
    page.button(key="resume_training").click().run()
    assert compute.trainings().find(project_id).state is State.RUNNING
    visit(project=project_id).button(key="cancel_training").click().run()
    ended(lambda: compute.trainings().find(project_id))


@pytest.mark.usefixtures("helps")
def test_a_loss_that_is_no_number_ends_with_a_sentence_and_the_last_good_model(
    project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, calls = training._loss, itertools.count()
    monkeypatch.setattr(
        training, "_loss", lambda logits, batch: good(logits, batch) * (1.0 if next(calls) < 2 else float("nan"))
    )
    page = train_briefly(project_id, epochs=3)
    assert not page.exception
    assert "The loss became nan in epoch 2; lower the learning rate" in page.warning[0].value.replace("\\", "")
    page.button(key="keep_training").click().run()
    model = compute.current_model(Session(project_id=project_id))
    assert all(bool(weight.isfinite().all()) for weight in model.network.state_dict().values())


def test_a_known_graph_is_brought_used_and_forgotten(project_id: str) -> None:
    project = compute.store().project(project_id)
    known = KnownGraph("truth.csv", (("impression", "watch"), ("watch", "gone by now")))
    compute.store().save_project(with_known_graph(project, known))
    page = visit(project=project_id)
    box = page.checkbox(key=f"learn_graph_{project_id}")
    assert not box.value  # what is to test the graph does not teach it unasked
    assert "1 edge" in box.label
    box.check().run()
    assert not page.exception
    assert "So does the graph" in told(page)
    page.checkbox(key="learn_worlds").uncheck().run()
    assert "the worlds only test it" in told(page)
    page.button(key="forget_train_graph").click().run()
    assert not page.exception
    assert page.button(key="adapt").disabled
    assert "Nothing to learn from" in told(page)


def test_from_scratch_has_widths_of_its_own(project_id: str) -> None:
    page = visit(project=project_id)
    assert "adapt_hidden" not in [slider.key for slider in page.slider]
    page.segmented_control(key="adapt_start").set_value("scratch").run()
    assert not page.exception
    assert "Train from scratch" in [button.label for button in page.button]
    assert "adapt_rounds" in [slider.key for slider in page.slider]
    assert page.checkbox(key="learn_worlds_scratch").disabled


def test_a_failed_training_says_its_sentence(project_id: str) -> None:
    work = Slow(AdaptStep("worlds", 1, 20))
    work.go.set()
    compute.trainings().start(project_id, work)
    ended(lambda: compute.trainings().find(project_id))
    page = visit(project=project_id)
    assert not page.exception
    assert "lower the learning rate" in page.error[0].value
    page.button(key="dismiss_training").click().run()
    assert not page.error


def test_a_training_of_a_server_that_has_ended_is_said_to_be_lost(project_id: str) -> None:
    page = visit(project=project_id, job="gone")
    assert not page.exception
    assert "no longer in the server" in page.warning[0].value
    page.button(key="dismiss_training").click().run()
    assert "The shipped network judges this log" in told(page)


def test_a_training_that_waits_says_so(project_id: str) -> None:
    first, second = Slow(), Slow()
    compute.trainings().start("another project", first)
    compute.trainings().start(project_id, second)
    assert first.reported.wait(PATIENCE_S)
    page = visit(project=project_id)
    assert not page.exception
    assert "–" in [metric.value for metric in page.metric]
    compute.trainings().cancel(compute.trainings().find(project_id).id)  # type: ignore[union-attr]
    first.go.set()
    ended(lambda: compute.trainings().find("another project"))
    page = visit(project=project_id)
    assert "was cancelled" in told(page)
