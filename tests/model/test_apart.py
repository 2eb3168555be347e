"""Work in a process of its own: the same result, steered from here, and never left behind."""

from __future__ import annotations

import io
import queue
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from causalviz.errors import Interrupted, SettingsError, TrainingFailed
from causalviz.events.log import EventLog
from causalviz.model.adapt_progress import AdaptStep
from causalviz.model.adaptation import adapt
from causalviz.model.adapted import Adaptation, AdaptConfig, KnownEdge
from causalviz.model.apart import CHILD, GO_ON, STOP, Said, Task, run_apart
from causalviz.model.child import Parent, done
from causalviz.model.edge_model import EdgeModel
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.wire import class_name, receive, send
from causalviz.trials import check
from causalviz.worlds import demo_log

PATIENCE_S = 120.0
QUICK = AdaptConfig(worlds=8, epochs=1)
LONG = AdaptConfig(worlds=2000, epochs=100)
KNOWN = (KnownEdge("impression", "watch", True),)


@pytest.fixture(scope="module")
def log() -> EventLog:
    return demo_log("video", users=30).log


@pytest.fixture(scope="module")
def features(log: EventLog) -> PairFeatures:
    return pair_features(gather_evidence(log))


def untimed(outcome: Adaptation) -> tuple[object, ...]:
    """All of it but how long it took."""
    steps = tuple(step._replace(seconds_left=None) for step in outcome.steps)
    return outcome.model.id, steps, outcome.before, outcome.after, outcome.gain, outcome.helped, outcome.cancelled


def test_a_child_trains_the_same_network_bit_for_bit(
    untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    told: list[AdaptStep] = []
    apart = run_apart(
        adapt, untrained, features, log, KNOWN, QUICK, on_step=told.append, cancelled=lambda: False, graph=()
    )
    here = adapt(untrained, features, log, KNOWN, QUICK)
    assert isinstance(apart, Adaptation)
    assert untimed(apart) == untimed(here)
    assert tuple(told) == apart.steps
    weights, others = apart.model.network.state_dict(), here.model.network.state_dict()
    assert all(np.array_equal(weights[name].numpy(), others[name].numpy()) for name in others)


def test_a_child_that_is_left_alone_ends(log: EventLog) -> None:
    process = subprocess.Popen([sys.executable, "-m", CHILD], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    send(Task(class_name(check), ("users", 10**6, log, None), {}), process.stdin)
    process.stdin.close()  # as the system does when the parent is killed
    assert process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("end", ["import os; os.kill(os.getpid(), 9)", "import sys; sys.stdin.read(9); sys.exit(3)"])
def test_a_child_that_is_killed_is_told_of_in_a_sentence(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    started = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **given: started([sys.executable, "-c", end], **given))
    with pytest.raises(Interrupted, match=r"ended before its time \(code (-9|3)\)"):
        run_apart(adapt, 1, on_step=print, cancelled=lambda: False)


class Wire:
    """A parent whose answers are known beforehand, in this process."""

    def __init__(self, *answers: bytes) -> None:
        self.out, given = io.BytesIO(), queue.SimpleQueue[bytes]()
        for answer in answers:
            given.put(answer)
        self.parent = Parent(self.out, given)

    def heard(self) -> list[Said]:
        self.out.seek(0)
        found: list[Said] = []
        while self.out.tell() < len(self.out.getvalue()):
            said = receive(self.out)
            assert isinstance(said, Said)
            found.append(said)
        return found


def test_a_cancelled_one_stays_cancelled_and_asks_no_more() -> None:
    wire = Wire(STOP)
    assert wire.parent.cancelled()
    assert wire.parent.cancelled()
    assert [said.what for said in wire.heard()] == ["question"]


def test_a_cancelled_training_says_what_it_has(untrained: EdgeModel, features: PairFeatures, log: EventLog) -> None:
    wire = Wire(STOP)
    said = done(Task(class_name(adapt), (untrained, features, log, (), LONG), {}), wire.parent)
    assert said.what == "result"
    assert isinstance(said.value, Adaptation)
    assert said.value.cancelled
    assert said.value.model.id == untrained.id
    assert [heard.what for heard in wire.heard()] == ["step", "question"]


def test_an_error_arrives_as_its_sentence_and_a_fault_with_its_trace(
    untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    nothing = replace(QUICK, learn_worlds=False)
    said = done(Task(class_name(adapt), (untrained, features, log, (), nothing), {}), Wire().parent)
    assert said.what == "error"
    assert said.value[0] == SettingsError.__name__  # type: ignore[index]
    said = done(Task(class_name(adapt), (untrained,), {}), Wire().parent)
    assert said.what == "fault"
    assert "missing" in str(said.value)


@pytest.mark.parametrize("learn_worlds", [False, True])
def test_numbers_that_are_none_end_a_training_with_a_sentence_and_the_last_good_network(
    untrained: EdgeModel, features: PairFeatures, log: EventLog, learn_worlds: bool
) -> None:
    spoilt = replace(features, edge=np.full_like(features.edge, np.nan))
    config = replace(QUICK, worlds=20, learn_worlds=learn_worlds)  # the verdict is not in its first batch
    said = done(Task(class_name(adapt), (untrained, spoilt, log, KNOWN, config), {}), Wire(*[GO_ON] * 1000).parent)
    if not learn_worlds:  # nothing but the broken example, so nothing was learned
        assert said.what == "error"
        assert "The loss became nan in epoch 1" in said.value[1]  # type: ignore[index]
        return
    assert isinstance(said.value, Adaptation)
    assert "The loss became nan in epoch 1; lower the learning rate" in said.value.failure
    assert all(bool(weight.isfinite().all()) for weight in said.value.model.network.state_dict().values())


def test_work_from_elsewhere_is_refused() -> None:
    with pytest.raises(TypeError, match="no work of os"):
        done(Task("os:getcwd", (), {}), Wire().parent)


def test_what_a_child_says_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def saying(said: Said) -> None:
        out = io.BytesIO()
        send(said, out)
        code = f"import sys; sys.stdout.buffer.write({out.getvalue()!r}); sys.stdout.flush(); sys.stdin.buffer.read()"
        monkeypatch.setattr(subprocess, "Popen", lambda _, **given: started([sys.executable, "-c", code], **given))

    started = subprocess.Popen
    saying(Said("error", (TrainingFailed.__name__, "The loss became nan; lower the learning rate.")))
    with pytest.raises(TrainingFailed, match="lower the learning rate"):
        run_apart(adapt, 1, on_step=print, cancelled=lambda: False)
    saying(Said("fault", "Traceback: a fault"))
    with pytest.raises(RuntimeError, match="a fault"):
        run_apart(adapt, 1, on_step=print, cancelled=lambda: False)
