"""Teachers move the answers towards what they hold, by their share and no further."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.model.calibration import sigmoid
from causalviz.model.distillation import TaughtExamples
from causalviz.model.edge_model import EdgeModel
from causalviz.model.training import Example, predict


@given(share=st.floats(0, 0.5))
@settings(max_examples=8, deadline=None)
def test_an_answer_lies_between_the_truth_and_the_teachers_mean(
    share: float, untrained: EdgeModel, examples: list[Example]
) -> None:
    doubtful = EdgeModel(untrained.network, 0.5, -1.0, {})
    taught = TaughtExamples.by([untrained, doubtful], examples[:3], share)
    logit = predict(untrained.network, examples[:3])
    said = sigmoid((logit + 0.5 * logit - 1.0) / 2)
    truth = np.concatenate([example.label.numpy() for example in examples[:3]])
    answers = np.concatenate([example.label.numpy() for example in taught])
    assert answers == pytest.approx((1 - share) * truth + share * said, abs=1e-3)
    assert np.array_equal(answers > 0.5, truth > 0.5)


def test_some_of_the_examples_are_taught_like_all(untrained: EdgeModel, examples: list[Example]) -> None:
    taught = TaughtExamples.by([untrained], examples[:5], 0.5)
    assert len(taught[1:4]) == 3
    assert taught[1:4][0].label.equal(taught[1].label)
    assert taught[1].edge is examples[1].edge


@pytest.mark.parametrize("share", [-0.1, 0.6])
def test_a_share_that_would_hide_the_truth_is_refused(
    share: float, untrained: EdgeModel, examples: list[Example]
) -> None:
    with pytest.raises(ValueError, match="between 0 and 1/2"):
        TaughtExamples.by([untrained], examples, share)


def test_somebody_must_teach(examples: list[Example]) -> None:
    with pytest.raises(ValueError, match="somebody"):
        TaughtExamples.by([], examples, 0.5)
