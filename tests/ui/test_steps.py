"""Changes of behaviours go back and forth like verdicts: a stack of steps, whatever is done."""

from __future__ import annotations

from graph_projects import NAMES
from hypothesis import given
from hypothesis import strategies as st

from causalviz.graph.store import Project
from causalviz.graph.verdicts import History
from causalviz.ui import compute
from causalviz.ui.settings import with_behaviours
from causalviz.ui.steps import KEPT_STEPS, redone, step_to_redo, step_to_undo, stepped, undone


@given(st.lists(st.sampled_from([*NAMES, "undo", "redo"]), max_size=30))
def test_steps_follow_a_stack(deeds: list[str]) -> None:
    project, history = Project("p", "p"), History()
    done: list[tuple[str, ...]] = [()]
    gone: list[tuple[str, ...]] = []
    for deed in deeds:
        if deed == "undo":
            assert (step_to_undo(project, history) is not None) == (len(done) > 1)
            if len(done) > 1:
                project = undone(project)
                gone.append(done.pop())
        elif deed == "redo":
            assert (step_to_redo(project, history) is not None) == bool(gone)
            if gone:
                project = redone(project)
                done.append(gone.pop())
        elif deed not in done[-1]:
            done.append((*done[-1], deed))
            gone.clear()
            project = stepped(project, with_behaviours(project, done[-1], {}), deed)
        del done[: -KEPT_STEPS - 1]
        assert compute.names_of_state(project) == done[-1]
