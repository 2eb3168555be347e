"""What the trials tell while they run; their answers are tested where they are worked out."""

from __future__ import annotations

import numpy as np
from graph_projects import small_log

from causalviz.graph.causal_graph import View
from causalviz.graph.verdicts import History
from causalviz.model.checkpoint import load_prior
from causalviz.trials import check, contest


def test_a_contest_tells_each_method_and_how_far_its_transformer_is() -> None:
    told: list[tuple[str, int, int, float]] = []
    found = contest(
        small_log(), "time", History(), View(), load_prior(), deep=True,
        on_step=lambda *step: told.append(step), cancelled=lambda: False,
    )  # fmt: skip
    assert found is not None
    assert [step[1] for step in told] == sorted(step[1] for step in told)
    epochs = [step for step in told if "epoch" in step[0]]
    assert epochs
    assert all(0 < part <= 1 for *_, part in epochs)
    assert all(part == 0 for stage, *_, part in told if "epoch" not in stage)


def test_a_check_that_is_cancelled_keeps_the_answers_so_far() -> None:
    told: list[tuple[str, int, int]] = []
    log = small_log()
    found = check("users", 3, log, load_prior(), on_step=told.append, cancelled=lambda: len(told) >= 2)
    assert 1 <= len(found.answers) < 3
    assert found.answers.shape[1:] == (log.n_behaviours, log.n_behaviours)
    assert np.isnan(found.note)
