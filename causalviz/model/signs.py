"""Whether a cause, if it is one, prevents its effect rather than sets it off.

A network of one hidden layer over what the edge network sees of the pair, each column standardised and clipped; it is
trained on the true edges of the worlds that the edge network learned from. Whether there is an influence at all is not
asked here: the probability tells that. But it tells something of the sign. A pair that is not drawn is asked about only
if it is an influence all the same, and then likelier a prevention, which is seldom as plain as what is set off: 60 %
prevent among the undrawn edges that have enough events, 21 % among all undrawn ones (worlds like those that the laws of
``benchmarks.effects`` are fitted to). By the ratio of these odds, ``UNDRAWN``, preventing is likelier there. A pair
that is no candidate has no features; it is said to prevent where fewer pairs came than by chance.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from causalviz.lags import LagCounts
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.checkpoint import PRIOR_FOLDER
from causalviz.model.features import PairFeatures
from causalviz.model.reader import Lessons, Reader, chosen, learn, read, write

Floats = NDArray[np.float64]

FILE = "signs.safetensors"
EPOCHS, BATCH, DECAY = 10, 1024, 1e-2
DRAWN = 0.5
UNDRAWN = 1.7  # log-odds of preventing that an influence has more where it was thought to be none


class Signs(Reader):
    """The trained network."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__(columns, 1)

    def forward(self, rows: Tensor) -> Tensor:
        """(N,) log-odds of preventing, if they are edges, of pairs with features (N, D)."""
        return super().forward(rows).squeeze(-1)

    def scores(self, features: PairFeatures, counts: LagCounts, probability: Floats) -> Floats:
        """(K, K) log-odds that the cause prevents its effect rather than sets it off.

        Args:
            features: Of the log.
            counts: Of the log.
            probability: (K, K) that each pair is an edge; from ``DRAWN`` on it is drawn.

        Raises:
            UnreadableModel: If the network was trained on other features.
        """
        known = chosen(self.columns, features.column_names, features.edge, "signs")
        total = counts.total()
        pairs, expected = total.pairs[0].sum(-1), total.expected[0].sum(-1) / EXPECTED_SCALE
        score = np.log((expected + 1) / (pairs + 1))
        with torch.no_grad():
            score[features.cause, features.effect] = self(torch.from_numpy(known)).numpy()
        return np.where(probability >= DRAWN, score, score + UNDRAWN)

    def save(self, folder: Path) -> None:
        """Writes ``signs.safetensors`` into an existing folder.

        Raises:
            OSError: If the disk refuses.
        """
        write(self, self.columns, folder / FILE)


def learn_signs(columns: tuple[str, ...], edge: NDArray[np.float32], prevents: NDArray[np.bool_], seed: int) -> Signs:
    """Trains the network.

    Args:
        columns: D names.
        edge: (N, D) features of true edges.
        prevents: (N,) which of them prevent.
        seed: Of the first weights and the order.
    """
    label = torch.from_numpy(prevents.astype(np.float32))

    def loss(said: Tensor, rows: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(said, label[rows])

    return learn(lambda: Signs(columns), torch.from_numpy(edge), loss, Lessons(EPOCHS, BATCH, DECAY, 0.0, seed))


@cache
def load_signs(folder: Path = PRIOR_FOLDER) -> Signs:
    """The shipped network.

    Raises:
        UnreadableModel: If the file is missing or damaged.
    """
    return read(folder / FILE, lambda columns: Signs(tuple(columns)), "signs")
