"""Known answers mixed with what teachers say of the same worlds.

Where a world leaves a pair open, a teacher's doubt says more than the edge that happened to be there. Several
teachers answer with the mean of their log-odds: one network then holds what an ensemble knows, and costs no more to
ask than one of them. Sources: Bucila, Caruana & Niculescu-Mizil, KDD 2006; Hinton, Vinyals & Dean 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from causalviz.model.calibration import sigmoid
from causalviz.model.edge_model import EdgeModel
from causalviz.model.training import Example, predict

BATCH = 32  # examples that the teachers are asked about at once


class TaughtExamples(Sequence[Example]):
    """Examples whose answers are partly a teacher's.

    Attributes:
        examples: As the worlds have them.
        said: For each example (E,) float16, what the teachers hold of its pairs.
        share: Of the teachers in the answer.
    """

    def __init__(self, examples: Sequence[Example], said: Sequence[NDArray[np.float16]], share: float) -> None:
        self.examples = examples
        self.said = said
        self.share = share

    @classmethod
    def by(cls, teachers: Sequence[EdgeModel], examples: Sequence[Example], share: float) -> TaughtExamples:
        """Asks the teachers about every pair, once.

        Args:
            teachers: At least one.
            examples: What is learned from.
            share: Of the teachers in the answer, 0 to 1/2: an edge stays above one half, and no edge below.

        Raises:
            ValueError: If the share is another, or nobody teaches.
        """
        if not teachers or not 0 <= share <= 0.5:
            raise ValueError(f"somebody must teach, with a share between 0 and 1/2 (got {len(teachers)}, {share})")
        said: list[NDArray[np.float16]] = []
        for start in range(0, len(examples), BATCH):
            some = [examples[n] for n in range(start, min(start + BATCH, len(examples)))]
            logits = [model.slope * predict(model.network, some) + model.intercept for model in teachers]
            ends = np.cumsum([len(example.label) for example in some])
            said += np.split(sigmoid(np.mean(logits, axis=0)).astype(np.float16), ends[:-1])
        return cls(examples, said, share)

    def __len__(self) -> int:
        return len(self.examples)

    @overload
    def __getitem__(self, place: int) -> Example: ...
    @overload
    def __getitem__(self, place: slice) -> TaughtExamples: ...
    def __getitem__(self, place: int | slice) -> Example | TaughtExamples:
        if isinstance(place, slice):
            return TaughtExamples(self.examples[place], self.said[place], self.share)
        example = self.examples[place]
        said = example.label.new_tensor(self.said[place].astype(np.float32))
        return example._replace(label=example.label.lerp(said, self.share))
