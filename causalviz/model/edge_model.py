"""What judges a log: a trained network with its calibration, its card, and what its worlds looked like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from causalviz.errors import UnreadableModel
from causalviz.model.familiarity import Familiarity
from causalviz.model.features import FORMER_WIDTHS, PairFeatures
from causalviz.model.network import EdgeNetwork, Frozen
from causalviz.model.structure import Structure


class EdgeModel:
    """A trained network with its calibration and its card.

    Attributes:
        network: The network, in evaluation mode.
        slope: Calibration, logit' = slope * logit + intercept (Platt 1999).
        intercept: See ``slope``.
        card: What made it: config, training, scores; JSON values only.
        familiarity: How far a log lies from the worlds that the network learned on; None where it is not known.
        id: Digest of the weights and the calibration.
    """

    def __init__(
        self,
        network: EdgeNetwork,
        slope: float,
        intercept: float,
        card: dict[str, object],
        familiarity: Familiarity | None = None,
    ) -> None:
        self.network = network.eval()
        self.slope = slope
        self.intercept = intercept
        self.card = card
        self.familiarity = familiarity

    @property
    def id(self) -> str:
        """Hex digest of weights and calibration; equal for equal answers."""
        import hashlib

        digest = hashlib.blake2b(repr((self.slope, self.intercept)).encode(), digest_size=8)
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().numpy().tobytes())
        return digest.hexdigest()

    @property
    def shape(self) -> dict[str, object]:
        """The network's configuration as plain values."""
        return asdict(self.network.config)

    def logits(
        self,
        features: PairFeatures,
        known: NDArray[np.int8] | None = None,
        alone: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Calibrated logits (E,) of the candidates.

        Args:
            features: Of the log.
            known: (E,) 1 where an expert accepted the pair, -1 where one rejected it, 0 elsewhere. Verdicts inform
                their neighbours; a judged pair's own logit is what the log says of it, all verdicts left aside.
            alone: (E,) the logits without verdicts, where they are at hand: it saves half of the work.

        Raises:
            UnreadableModel: If the network was trained on other features.
        """
        wanted, given = self.network.config.edge_features, features.edge.shape[1]
        if wanted not in {given, *FORMER_WIDTHS}:
            raise UnreadableModel(
                f"The model reads {wanted} features of a pair and this version measures {given}; train it anew."
            )
        inputs = _tensors(features)
        with torch.no_grad():
            if alone is None:
                alone = np.asarray(self._calibrated(self.network(*inputs)), dtype=np.float64)
            if known is None or not known.any():
                return alone
            informed = self._calibrated(self.network(*inputs, torch.from_numpy(known)))
        return np.where(known == 0, informed, alone)

    def edge_function(self, features: PairFeatures, row: int, known: NDArray[np.int8] | None = None) -> EdgeFunction:
        """The logit of one candidate as a function of its own features, the graph around it frozen.

        Args:
            features: Of the log.
            row: Of the candidate.
            known: (E,) as for ``logits``: of a judged pair all verdicts are left aside.
        """
        (function,) = self.edge_functions(features, [row], known if known is not None and known[row] == 0 else None)
        return function

    def edge_functions(
        self, features: PairFeatures, rows: Sequence[int], known: NDArray[np.int8] | None = None
    ) -> list[EdgeFunction]:
        """``edge_function`` of some rows, all with the same verdicts; the graph around the edges is computed once.

        What is kept of it grows with the rows, not with all candidates: of those of a thousand behaviours all members'
        contexts take gigabytes.
        """
        said = torch.from_numpy(known) if known is not None and known.any() else None
        with torch.no_grad():
            by_member = [frozen.of(rows) for frozen in self.network.frozen(*_tensors(features), said)]
        return [EdgeFunction(self, surroundings) for surroundings in zip(*by_member, strict=True)]

    def _calibrated(self, raw: Tensor) -> NDArray[np.float64]:
        return np.asarray(self.slope * raw.double().numpy() + self.intercept)


class EdgeFunction:
    """Callable: features (n, D) -> calibrated logits (n,), in one edge's surroundings."""

    def __init__(self, model: EdgeModel, surroundings: Sequence[Frozen]) -> None:
        self._model = model
        self._surroundings = surroundings

    def __call__(self, edge: NDArray[np.float64]) -> NDArray[np.float64]:
        x = torch.from_numpy(np.atleast_2d(edge).astype(np.float32))  # (n, D)
        with torch.no_grad():
            return self._model._calibrated(self._model.network.with_context(x, self._surroundings))

    @property
    def members(self) -> tuple[EdgeFunction, ...]:
        """The functions of the panel's members, whose mean this one is."""
        return tuple(EdgeFunction(self._model, [frozen]) for frozen in self._surroundings)

    def sees(self, columns: Sequence[int]) -> bool:
        """Whether the answer can depend on any of these features."""
        known = [column for column in columns if column < self._model.network.config.edge_features]
        return bool(known) and any(
            frozen.seen is None or bool(frozen.seen[known].any()) for frozen in self._surroundings
        )


def _tensors(features: PairFeatures) -> tuple[Tensor, Tensor, Structure]:
    return (
        torch.from_numpy(features.edge),
        torch.from_numpy(features.node),
        Structure.of(features.candidates, len(features.node)),
    )
