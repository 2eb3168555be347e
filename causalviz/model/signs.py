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

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from causalviz.errors import UnreadableModel
from causalviz.lags import LagCounts
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.checkpoint import PRIOR_FOLDER
from causalviz.model.features import PairFeatures

Floats = NDArray[np.float64]

FILE, COLUMNS = "signs.safetensors", "columns"
CLIP = 4.0  # standard deviations
HIDDEN = 64
EPOCHS, BATCH, LEARNING_RATE, DECAY = 10, 1024, 2e-3, 1e-2
DRAWN = 0.5
UNDRAWN = 1.7  # log-odds of preventing that an influence has more where it was thought to be none


class Signs(nn.Module):
    """The trained network.

    Attributes:
        columns: D names of the features that it reads.
        mean: (D,) of them, over the edges that it was trained on.
        scale: (D,) standard deviations.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__()
        self.columns = columns
        self.register_buffer("mean", torch.zeros(len(columns)))
        self.register_buffer("scale", torch.ones(len(columns)))
        self.layers = nn.Sequential(nn.Linear(len(columns), HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, 1))

    def forward(self, edge: Tensor) -> Tensor:
        """(N,) log-odds of preventing, if they are edges, of pairs with features (N, D)."""
        x = ((edge - self.mean) / self.scale).clamp(-CLIP, CLIP)
        return torch.as_tensor(self.layers(x)).squeeze(-1)

    def scores(self, features: PairFeatures, counts: LagCounts, probability: Floats) -> Floats:
        """(K, K) log-odds that the cause prevents its effect rather than sets it off.

        Args:
            features: Of the log.
            counts: Of the log.
            probability: (K, K) that each pair is an edge; from ``DRAWN`` on it is drawn.

        Raises:
            UnreadableModel: If the network was trained on other features.
        """
        if features.column_names != self.columns:
            raise UnreadableModel("The signs were learned from other features than this version measures; learn anew.")
        total = counts.total()
        pairs, expected = total.pairs[0].sum(-1), total.expected[0].sum(-1) / EXPECTED_SCALE
        score = np.log((expected + 1) / (pairs + 1))
        with torch.no_grad():
            score[features.cause, features.effect] = self(torch.from_numpy(features.edge)).numpy()
        return np.where(probability >= DRAWN, score, score + UNDRAWN)

    def save(self, folder: Path) -> None:
        """Writes ``signs.safetensors`` into an existing folder.

        Raises:
            OSError: If the disk refuses.
        """
        save_file(self.state_dict(), str(folder / FILE), {COLUMNS: json.dumps(self.columns)})


def learn_signs(columns: tuple[str, ...], edge: NDArray[np.float32], prevents: NDArray[np.bool_], seed: int) -> Signs:
    """Trains the network.

    Args:
        columns: D names.
        edge: (N, D) features of true edges.
        prevents: (N,) which of them prevent.
        seed: Of the first weights and the order.
    """
    x, label = torch.from_numpy(edge), torch.from_numpy(prevents.astype(np.float32))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        signs = Signs(columns)
        signs.mean.copy_(x.mean(0))
        signs.scale.copy_(x.std(0).clamp_min(1e-3))
        optimiser = torch.optim.AdamW(signs.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
        steps = EPOCHS * -(-len(x) // BATCH)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for _ in range(EPOCHS):
            for some in torch.randperm(len(x)).split(BATCH):  # type: ignore[no-untyped-call]
                optimiser.zero_grad()
                binary_cross_entropy_with_logits(signs(x[some]), label[some]).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                schedule.step()
    return signs.eval()


@cache
def load_signs(folder: Path = PRIOR_FOLDER) -> Signs:
    """The shipped network.

    Raises:
        UnreadableModel: If the file is missing or damaged.
    """
    try:
        with safe_open(str(folder / FILE), framework="pt") as file:
            signs = Signs(_columns(file.metadata()))
            signs.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableModel(f"The signs in {folder} cannot be read ({reason}); install the program anew.") from error
    return signs.eval()


def _columns(metadata: Mapping[str, str] | None) -> tuple[str, ...]:
    return tuple(json.loads((metadata or {})[COLUMNS]))
