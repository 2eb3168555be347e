"""What the rest of the graph does to one pair: the network asked again with other pairs' evidence taken away.

To *occlude* a pair is to give it the features of a *usual* pair, the median of each column over the log's candidates,
and to let all messages flow again. What one pair's log-odds f lose by the occlusion of others is what these others
added to it through the messages; its own features are never touched. A *screen* estimates that loss for every other
pair at once, to first order: the gradient of f along the change of the other pair's features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.features import PairFeatures
    from causalviz.model.structure import Structure

Floats = NDArray[np.float64]

PAIRS_AT_ONCE = 6_000  # of several copies of a log that go through the network together


def usual_pair(features: PairFeatures, among: NDArray[np.bool_] | None = None) -> Floats:
    """(D,) median of every feature over the candidates.

    Args:
        features: Of the log.
        among: (E,) which of them count; None for all. At least one must.
    """
    chosen = features.edge if among is None else features.edge[among]
    return np.asarray(np.median(chosen.astype(np.float64), axis=0))


def occluded_logits(
    model: EdgeModel,
    features: PairFeatures,
    row: int,
    groups: Sequence[Sequence[int]],
    known: NDArray[np.int8] | None = None,
) -> Floats:
    """Calibrated log-odds of one pair with groups of other pairs occluded, one group after the other.

    Args:
        model: The network.
        features: Of the log.
        row: Of the pair.
        groups: n groups of rows; the pair itself is passed over in them.
        known: (E,) as for ``EdgeModel.logits``.

    Returns:
        (n,) log-odds.
    """
    import torch

    from causalviz.model.structure import Structure

    node, structure, said = _around(features, row, known)
    usual, E = usual_pair(features).astype(np.float32), len(features.edge)
    at_once = max(1, PAIRS_AT_ONCE // E)
    answers = np.zeros(len(groups))
    with torch.no_grad():
        for begin in range(0, len(groups), at_once):
            part = groups[begin : begin + at_once]
            edge = np.repeat(features.edge[None], len(part), axis=0)  # (n, E, D)
            for copy, group in zip(edge, part, strict=True):
                copy[[other for other in group if other != row]] = usual
            logits = model.network(
                torch.from_numpy(edge.reshape(len(part) * E, -1)),
                node.repeat(len(part), 1),
                Structure.joined([structure] * len(part)),
                None if said is None else said.repeat(len(part)),
            )
            answers[begin : begin + at_once] = logits.view(len(part), E)[:, row].double().numpy()
    return model.slope * answers + model.intercept


def screened(model: EdgeModel, features: PairFeatures, row: int, known: NDArray[np.int8] | None = None) -> Floats:
    """(E,) to first order, what each other pair's evidence adds to one pair's log-odds; 0 for itself.

    Args:
        model: The network.
        features: Of the log.
        row: Of the pair.
        known: (E,) as for ``EdgeModel.logits``.
    """
    import torch

    node, structure, said = _around(features, row, known)
    edge = torch.from_numpy(features.edge.copy()).requires_grad_()
    answer = model.network(edge, node, structure, said)[row]
    (slope,) = torch.autograd.grad(answer, edge)  # (E, D)
    change = features.edge.astype(np.float64) - usual_pair(features)
    added = model.slope * (slope.double().numpy() * change).sum(axis=1)
    added[row] = 0.0
    return np.asarray(added)


def _around(
    features: PairFeatures, row: int, known: NDArray[np.int8] | None
) -> tuple[torch.Tensor, Structure, torch.Tensor | None]:
    """What stays as it is; of a judged pair all verdicts are left aside."""
    import torch

    from causalviz.model.structure import Structure

    said = torch.from_numpy(known) if known is not None and known[row] == 0 and known.any() else None
    return torch.from_numpy(features.node), Structure.of(features.candidates, len(features.node)), said
