"""The Evaluate page, run headless: scores against each truth, checks without one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from small_project import NASTY, ended, open_small_project
from streamlit.testing.v1 import AppTest

from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.trials import Checked, CheckKind
from causalviz.ui import checking, compute, evaluating
from causalviz.ui.jobs import JobRegistry, State
from causalviz.ui.session import KEY, Session
from causalviz.ui.settings import with_sample

WHEN = "2026-01-02T00:00:00+00:00"

PAGE = Path(__file__).resolve().parents[2] / "pages" / "evaluate.py"
PATIENCE_S = 90
KNOWN = "cause,effect\nimpression,watch\nlike,watch\n"

pytestmark = pytest.mark.usefixtures("own_home", "in_this_process")


@pytest.fixture
def project_id() -> str:
    """The video demo with few users, which says that it is that sample."""
    checking.checks.clear()
    project_id = open_small_project()
    compute.store().save_project(with_sample(compute.store().project(project_id), "video", "en"))
    return project_id


def visit(tab: str = "", **query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE_S)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    if tab:
        page.session_state["evaluate_tab"] = tab
        page.run()
    return page


def told(page: AppTest) -> str:
    blocks = [*page.markdown, *page.caption, *page.subheader, *page.info, *page.warning, *page.error]
    return "\n".join(str(block.value) for block in blocks)


def metric(page: AppTest, label: str) -> str:
    return next(str(shown.value) for shown in page.metric if shown.label == label)


def test_without_a_log_the_page_offers_one() -> None:
    page = visit()
    assert not page.exception
    assert page.subheader[0].value == "No event log yet"


def test_a_sample_is_held_against_its_own_graph(project_id: str) -> None:
    page = visit(project=project_id)
    assert not page.exception
    assert not page.error
    beside = evaluating.current_beside(Session(project_id=project_id), "sample")
    assert beside is not None
    scores = evaluating.measured(beside, 0.5).scores
    assert [shown.label for shown in page.metric] == ["Precision", "Recall", "F1", "AUROC", "SHD", "ECE", "Brier"]
    assert metric(page, "AUROC") == f"{scores.auroc:.3f}"
    assert metric(page, "SHD") == str(scores.shd)
    assert re.fullmatch(r"90 %: [\d.]+ to [\d.]+", page.metric[0].delta)
    table = page.dataframe[0].value
    assert list(table.columns[1:7]) == [
        "CausalViz", "90 % interval", "All edges", "Count sort", "Lift", "Directly follows",
    ]  # fmt: skip
    assert f"{scores.pairs} pairs, {scores.true_edges} of them edges; {scores.drawn} drawn at 0.50" in told(page)
    assert {button.key for button in page.download_button} >= {
        "confusion_csv", "precision_recall_csv", "roc_csv", "reliability_csv",
    }  # fmt: skip


def test_the_threshold_moves_what_is_drawn(project_id: str) -> None:
    page = visit(project=project_id)
    before = told(page)
    page.slider(key="threshold").set_value(0.01).run()
    assert not page.exception
    assert "drawn at 0.01" in told(page)
    assert told(page) != before
    assert float(metric(page, "Recall")) == 1.0
    page.slider(key="threshold").set_value(0.99).run()
    assert "drawn at 0.99" in told(page)


def test_a_wrong_edge_is_opened_on_its_explanation(project_id: str) -> None:
    page = visit(project=project_id)
    page.slider(key="threshold").set_value(0.01).run()  # draws enough to be wrong about some
    assert "false alarm" in told(page)
    assert "wrong_edges_csv" in {button.key for button in page.download_button}
    page.button(key="explain_mistake_0").click().run()
    chosen = page.session_state[KEY]
    assert chosen.cause is not None
    assert chosen.cause != chosen.effect
    beside = evaluating.current_beside(Session(project_id=project_id), "sample")
    assert beside is not None
    at = beside.case.names.index(chosen.cause), beside.case.names.index(chosen.effect)
    assert beside.case.probability[at] >= 0.01
    assert not beside.case.truth[at]


def test_a_known_graph_is_uploaded_compared_with_and_forgotten(project_id: str) -> None:
    page = visit(project=project_id)
    page.file_uploader[0].set_value(("known <b>.csv", KNOWN.encode(), "text/csv")).run()
    page.button(key="use_known_graph").click().run()
    assert not page.exception
    assert not page.error
    assert page.segmented_control[0].value == "upload"
    assert "2 of them edges" in told(page)
    assert "known \\<b\\>\\.csv" in told(page)
    page.button(key="forget_known_graph").click().run()
    assert page.segmented_control[0].value == "sample"


def test_a_table_that_is_none_is_refused_with_a_sentence(project_id: str) -> None:
    page = visit(project=project_id)
    page.file_uploader[0].set_value(("known.csv", b"cause,effect\nnobody,watch\n", "text/csv")).run()
    page.button(key="use_known_graph").click().run()
    assert not page.exception
    assert "nobody" in page.error[0].value
    assert evaluating.truth_kinds(Session(project_id=project_id)) == ["sample"]


def test_a_log_of_ones_own_says_what_a_truth_would_be() -> None:
    page = visit(project=open_small_project())
    assert not page.exception
    assert "There is no truth to compare with yet" in told(page)
    assert not page.metric


def test_verdicts_are_a_truth_of_their_own(project_id: str) -> None:
    history = History()
    for act, cause, effect in ((Act.ACCEPT, "impression", "watch"), (Act.REJECT, NASTY, "watch")):
        history = history.append(Verdict(act, cause, effect, "Ada", WHEN))
    compute.store().append_verdicts(project_id, history, 0)
    page = visit(project=project_id)
    page.segmented_control[0].set_value("verdicts").run()
    assert not page.exception
    assert "2 pairs, 1 of them edges" in told(page)
    assert "Only judged pairs count" in told(page)
    page.slider(key="threshold").set_value(0.01).run()
    assert NASTY not in told(page)


def test_the_curated_graph_is_scored_beside_the_network(project_id: str) -> None:
    assert "With your verdicts" not in told(visit(project=project_id))
    session = Session(project_id=project_id)
    history, beside = History(), evaluating.current_beside(session, "sample")
    assert beside is not None
    i, j = next(zip(*np.nonzero(~beside.case.truth & ~np.eye(len(beside.case.names), dtype=bool)), strict=True))
    wrong = beside.case.names[i], beside.case.names[j]
    compute.store().append_verdicts(project_id, history.append(Verdict(Act.ADD, *wrong, "Ada", WHEN)), 0)
    page = visit(project=project_id)
    assert not page.exception
    curated = evaluating.current_beside(session, "sample")
    assert curated is not None
    assert curated.curated is not None
    assert curated.curated[i, j]
    assert np.array_equal(curated.case.probability, beside.case.probability)  # the network is scored as before
    drawn = int((curated.curated & ~curated.case.truth).sum())
    assert drawn >= 1
    assert "With your verdicts and rules, as the Graph page draws it: **Precision" in told(page)


def test_every_check_offers_itself_and_the_prior_is_compared(project_id: str) -> None:
    page = visit("Without a truth", project=project_id)
    assert not page.exception
    assert {"check_users", "check_halves", "check_null"} <= {button.key for button in page.button}
    assert "simulated world" in told(page)
    assert not page.metric


@pytest.mark.parametrize("kind", ["users", "halves", "null"])
def test_a_check_runs_and_tells_how_to_read_it(project_id: str, kind: CheckKind) -> None:
    page = visit("Without a truth", project=project_id)
    if kind != "halves":
        page.segmented_control(key=f"times_{kind}").set_value({"users": 10, "null": 3}[kind])
    page.button(key=f"check_{kind}").click().run()
    job = ended(lambda: checking.current_check(Session(project_id=project_id), kind))
    assert job.state is State.DONE
    page = visit("Without a truth", project=project_id)  # as after a refresh
    assert not page.exception
    assert not page.error
    expected = {"users": "10 resampled logs", "halves": "both draw", "null": "of 3 shuffled logs"}
    assert expected[kind] in told(page)
    assert page.button(key=f"check_{kind}").label == "Check again"
    assert len(page.dataframe) == (0 if kind == "null" else 1)


def test_what_was_answered_is_counted_at_the_threshold(project_id: str) -> None:
    discovery = compute.current_discovery(Session(project_id=project_id))
    assert discovery is not None
    drawn = int((np.nan_to_num(discovery.probability) >= 0.5).sum())
    answers = np.stack([np.nan_to_num(discovery.probability).astype(np.float32), np.zeros((7, 7), np.float32)])
    registry: JobRegistry[compute.Stage, Checked] = checking.checks()
    for kind, note in (("users", float("nan")), ("halves", 0.0), ("null", 0.2)):
        registry.start(
            f"{kind} {discovery.log_fingerprint} {discovery.model_id}", lambda *_, n=note: Checked(answers, n)
        )
        ended(lambda k=kind: checking.current_check(Session(project_id=project_id), k))  # type: ignore[misc]
    words = told(visit("Without a truth", project=project_id))
    assert f"Of **{drawn}** edges drawn at 0.50, **0** returned in at least 90 % of 2 resampled logs" in words
    assert f"both draw **0** (0 %); {drawn} only the first, 0 only the second" in words
    assert f"**{drawn / 2:.2g}** on average of 2 shuffled logs (at most {drawn}, of 42 pairs)" in words
    assert "about 50 % of the drawn edges may be false" in words
    assert "Only 20 % of the events" in words


def test_a_running_check_is_followed_and_cancelled(project_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    discovery = compute.current_discovery(Session(project_id=project_id))
    started, go = threading.Event(), threading.Event()

    def answer(*_: object, **__: object) -> object:
        started.set()
        assert go.wait(PATIENCE_S)
        return discovery

    monkeypatch.setattr("causalviz.trials.discover", answer)
    checking.start_check(Session(project_id=project_id), "users", 10)
    assert started.wait(PATIENCE_S)
    page = visit("Without a truth", project=project_id)
    assert not page.exception
    assert "cancel_users" in {button.key for button in page.button}
    page.button(key="cancel_users").click().run()
    go.set()
    ended(lambda: checking.current_check(Session(project_id=project_id), "users"))
    page = visit("Without a truth", project=project_id)
    assert "The last run was cancelled." in told(page)


def test_a_log_that_cannot_be_halved_says_why(project_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("causalviz.evaluate.stability.LEAST_EVENTS", 10**9)
    checking.start_check(Session(project_id=project_id), "halves", 2)
    ended(lambda: checking.current_check(Session(project_id=project_id), "halves"))
    page = visit("Without a truth", project=project_id)
    assert not page.exception
    assert "too few to read causes from" in page.error[0].value
    assert page.button(key="check_halves").label == "Check"
