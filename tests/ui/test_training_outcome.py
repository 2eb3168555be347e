"""What the page says of a finished training when held-out worlds and left-out verdicts disagree."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def decision(low: float, high: float) -> None:
    from causalviz.model.adapt_progress import AdaptStep
    from causalviz.model.adapted import Adaptation, AdaptScores
    from causalviz.model.checkpoint import load_prior
    from causalviz.model.lessons import LeftOut, PairScores
    from causalviz.ui.components.training_outcome import training_decision

    left_out = LeftOut(
        pairs=30, before=PairScores(0.7, 0.2, 0.1, 0.8), after=PairScores(0.8, 0.3, 0.2, 0.7), gain=(low, high)
    )
    training_decision(
        Adaptation(
            load_prior(),
            (AdaptStep("training", 1, 1),),
            AdaptScores(0.8, 0.5, 0.1, 0.5),
            AdaptScores(0.9, 0.6, 0.05, 0.4),
            cancelled=False,
            gain=(0.05, 0.15),
            on_verdicts=left_out,
        )
    )


@pytest.mark.parametrize(("gain", "warned"), [((-0.3, -0.1), True), ((-0.3, 0.1), False), ((0.1, 0.3), False)])
def test_a_training_that_is_worse_on_left_out_verdicts_is_not_only_praised(
    gain: tuple[float, float], warned: bool
) -> None:
    page = AppTest.from_function(decision, default_timeout=60, args=gain).run()
    assert not page.exception
    said = page.markdown[0].value
    assert "It does better than before on held-out worlds" in said
    assert ("But on verdicts that it had not seen it does worse" in said) is warned
