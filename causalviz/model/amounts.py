"""How much a cause sets off directly, and how much a behaviour sets off of itself, as worlds taught it.

Three Hawkes processes put numbers on an edge, and err on different sides: the free one (``causalviz.model.effects``)
shares the blame among all behaviours and takes a visit for influence; of the two that are confined to the graph
(``causalviz.model.confined``), one takes strangers' events for the background and the other everybody's, the effect's
own among them, so that it takes influence for a visit. Three small networks read these estimates beside what the edge
network reads of the pair, or of the behaviour, and were trained on worlds in which every event's cause is known:

    drawn      by which factor the geometric mean of the three errs. A behaviour that sets off itself multiplies what
               comes to it, and the log tells the product better than its factors: so what is learned is
               A_ij / (1 - a_j), of which A_ij is taken by the repeats a_j,
    others     the same of a pair that is not drawn, if it is an edge all the same; it has no confined estimate,
    repeats    a_j, further events of its own that one event of j sets off directly.

All give their answer between two ends that hold the truth nine times in ten (quantiles, Koenker and Bassett 1978).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from causalviz.lags import LagGrid
from causalviz.model.checkpoint import PRIOR_FOLDER
from causalviz.model.confined import Confined
from causalviz.model.direct import Direct
from causalviz.model.effects import Effects
from causalviz.model.features import PairFeatures
from causalviz.model.reader import Lessons, Reader, chosen, learn, read, write
from causalviz.model.repeats import MOST, Fits, Repeats, repeat_columns

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
Mask = NDArray[np.bool_]
PairKind = Literal["drawn", "others"]
PAIR_KINDS: tuple[PairKind, PairKind] = ("drawn", "others")

FILE = "amounts.safetensors"
LEAST = 0.002  # further effects per cause; added where a logarithm is taken
LEAST_OWN = 0.01  # the same of repeats
SHORT_BINS = 3  # of the lag grid: repeats that come soon
ENDS = (0.05, 0.5, 0.95)  # quantiles that are learned
NAMES = (*PAIR_KINDS, "repeats")
FREE = ("free",)
FITTED = (
    *FREE, "all", "others", "free over all", "all over others", "repeats of cause, all", "repeats of cause, others",
    "repeats of effect, all", "repeats of effect, others", "visits of effect, all", "visits of effect, others",
)  # fmt: skip
EPOCHS, BATCH = 30, 256
PAIR_DECAY, PAIR_DROPOUT, OWN_DECAY, OWN_DROPOUT = 0.1, 0.3, 0.03, 0.1
OUTER = 0.3  # weight of the ends of a repeat in the loss, beside its expectation


class PairRows(NamedTuple):
    """What a network reads of N pairs.

    Attributes:
        columns: Names of the D + F columns.
        values: (N, D + F) features of the pair, then what was fitted.
        base: (N,) logarithm of the first estimate, which the answer corrects.
    """

    columns: tuple[str, ...]
    values: Rows
    base: Floats


class OwnRows(NamedTuple):
    """What a network reads of K behaviours: names of the F columns, and their (K, F) values."""

    columns: tuple[str, ...]
    values: Rows


class Answers(NamedTuple):
    """Answers with the ends that hold the truth nine times in ten, (N,) each."""

    low: Floats
    amount: Floats
    high: Floats


class Amounts(nn.Module):
    """The three networks; ``columns`` are the names of what each reads."""

    def __init__(self, columns: dict[str, tuple[str, ...]]) -> None:
        super().__init__()
        self.columns = columns
        self.drawn, self.others, self.repeats = (Reader(columns[name], len(ENDS)) for name in NAMES)

    def own(self, rows: OwnRows) -> Repeats:
        """Further events of its own that one event of each behaviour sets off directly, below 1.

        Args:
            rows: Of K behaviours.

        Raises:
            UnreadableModel: If the network was trained on other columns.
        """
        low, amount, high = torch.sigmoid(self._said("repeats", rows)).numpy().astype(np.float64).T
        amount = np.minimum(amount, MOST)
        low = np.where(low < LEAST_OWN, 0.0, np.minimum(low, amount))  # it may not repeat itself at all
        return Repeats(amount, low, np.clip(high, amount, MOST))

    def set_off(self, kind: PairKind, rows: PairRows, own: Floats) -> Answers:
        """Further effects that one cause sets off directly.

        Args:
            kind: Whether the pairs are drawn.
            rows: Of N pairs.
            own: (N,) repeats of each effect.

        Raises:
            UnreadableModel: If the network was trained on other columns.
        """
        factor = self._said(kind, rows).numpy().astype(np.float64)  # (N, 3) logarithms
        amounts = np.maximum(np.exp(rows.base[:, None] + np.sort(factor, axis=1)) - LEAST, 0.0) * (1 - own)[:, None]
        return Answers(*amounts.T)

    def save(self, folder: Path) -> None:
        """Writes ``amounts.safetensors`` into an existing folder.

        Raises:
            OSError: If the disk refuses.
        """
        write(self, self.columns, folder / FILE)

    def _said(self, name: str, rows: PairRows | OwnRows) -> Tensor:
        known = chosen(self.columns[name], rows.columns, rows.values, "amounts")
        with torch.no_grad():
            return torch.as_tensor(getattr(self, name)(torch.from_numpy(known)))


@cache
def load_amounts(folder: Path = PRIOR_FOLDER) -> Amounts:
    """The shipped networks.

    Raises:
        UnreadableModel: If the file is missing or damaged.
    """
    return read(
        folder / FILE, lambda columns: Amounts({name: tuple(those) for name, those in columns.items()}), "amounts"
    )


def drawn_rows(features: PairFeatures, free: Floats, fits: Fits, rows: NDArray[np.int64]) -> PairRows:
    """What is read of candidates that are drawn.

    Args:
        features: Of the log.
        free: (K, K) further effects per cause as the free process says, positive at these pairs.
        fits: Within the drawn graph.
        rows: (N,) which candidates.
    """
    i, j = features.cause[rows], features.effect[rows]
    alone, every, others = (
        np.log(amount[i, j] + LEAST) for amount in (free, _per_cause(fits.all), _per_cause(fits.others))
    )
    own, visits = ([of(fit) for fit in (fits.all, fits.others)] for of in (_own, _visits))
    fitted = np.column_stack([
        alone, every, others, alone - every, every - others,
        *(one[whose] for whose in (i, j) for one in own), *(one[j] for one in visits),
    ])  # fmt: skip
    return _pair_rows(features, rows, FITTED, fitted, np.asarray((alone + every + others) / 3))


def other_rows(features: PairFeatures, free: Floats, rows: NDArray[np.int64]) -> PairRows:
    """What is read of candidates that are not drawn; arguments as for ``drawn_rows``."""
    alone = np.log(free[features.cause[rows], features.effect[rows]] + LEAST)
    return _pair_rows(features, rows, FREE, alone[:, None], alone)


def _pair_rows(
    features: PairFeatures, rows: NDArray[np.int64], names: tuple[str, ...], fitted: Floats, base: Floats
) -> PairRows:
    values = np.hstack([features.edge[rows], fitted.astype(np.float32)])
    return PairRows((*features.column_names, *names), values, base)


def repeat_rows(features: PairFeatures, fits: Fits, grid: LagGrid) -> OwnRows:
    """What is read of every behaviour.

    Args:
        features: Of the log.
        fits: Within the drawn graph.
        grid: The lag bins of the fits.
    """
    columns = dict(repeat_columns(fits, grid))
    for name, fit in (("all", fits.all), ("others", fits.others)):
        own, K = _own(fit), len(fit.own)
        parts = fit.repeats / np.maximum(fit.events, 1.0)[:, None]  # (K, L + 1)
        columns |= {
            f"{name}: repeats": own,
            f"{name}: visits": _visits(fit),
            f"{name}: mean of the log": np.full(K, own.mean()),
            f"{name}: least of the log": np.full(K, own.min()),
            f"{name}: at once": np.log(parts[:, 0] + LEAST_OWN),
            f"{name}: soon": np.log(parts[:, 1 : 1 + SHORT_BINS].sum(axis=1) + LEAST_OWN),
            f"{name}: late": np.log(parts[:, 1 + SHORT_BINS :].sum(axis=1) + LEAST_OWN),
        }
    columns |= {f"behaviour {place}": column for place, column in enumerate(features.node.T)}
    return OwnRows(tuple(columns), np.column_stack(list(columns.values())).astype(np.float32))


def direct_effects(
    effects: Effects, features: PairFeatures, fits: Fits, drawn: Mask, repeats: Repeats, amounts: Amounts
) -> Direct:
    """What the events of every pair set off or prevented if it is an edge; for what they prevented see ``kept_away``.

    Args:
        effects: Of every pair; pairs that are no candidates keep what these say.
        features: Of the same log.
        fits: Within the drawn graph.
        drawn: (K, K) that graph.
        repeats: Of each behaviour.
        amounts: What tells how much is set off.
    """

    def own(rows: NDArray[np.int64]) -> Floats:
        return repeats.amount[features.effect[rows]]

    offspring, low, high = (
        np.nan_to_num(matrix) for matrix in (effects.offspring, effects.offspring_low, effects.offspring_high)
    )
    sets_off, inside = offspring[features.cause, features.effect] > 0, drawn[features.cause, features.effect]
    within, beside = np.flatnonzero(sets_off & inside), np.flatnonzero(sets_off & ~inside)
    found = (
        (within, amounts.set_off("drawn", drawn_rows(features, offspring, fits, within), own(within))),
        (beside, amounts.set_off("others", other_rows(features, offspring, beside), own(beside))),
    )
    for rows, answers in found:
        i, j = features.cause[rows], features.effect[rows]
        low[i, j], offspring[i, j], high[i, j] = answers
    return Direct(offspring, low, high)


class Lesson(NamedTuple):
    """What one world teaches; the truth of a pair is A_ij / (1 - a_j), that of a behaviour a_j.

    Attributes:
        drawn: Its N drawn edges that set off, as they are read.
        drawn_truth: (N,).
        others: Its n edges that set off and are not drawn.
        others_truth: (n,).
        repeats: Its K behaviours.
        repeats_truth: (K,), at most ``MOST``.
    """

    drawn: PairRows
    drawn_truth: Floats
    others: PairRows
    others_truth: Floats
    repeats: OwnRows
    repeats_truth: Floats


def learn_amounts(worlds: Sequence[Lesson], seed: int) -> Amounts:
    """Trains the networks.

    Args:
        worlds: What they learn from.
        seed: Of the first weights and the order.
    """
    first, ends = worlds[0], torch.tensor(ENDS)
    amounts = Amounts({name: getattr(first, name).columns for name in NAMES})

    def pinball(truth: Tensor, said: Tensor) -> Tensor:
        away = truth[:, None] - said
        return torch.maximum(ends * away, (ends - 1) * away)  # (n, 3)

    def of_pairs(truth: Tensor, said: Tensor, some: Tensor) -> Tensor:
        return pinball(truth[some], said).mean()

    def of_repeats(truth: Tensor, said: Tensor, some: Tensor) -> Tensor:
        amount = torch.sigmoid(said)
        outer = pinball(truth[some], amount)[:, [0, 2]].sum(dim=1)
        return ((truth[some] - amount[:, 1]) ** 2 + OUTER * outer).mean()

    ways = {
        "drawn": (of_pairs, PAIR_DECAY, PAIR_DROPOUT),
        "others": (of_pairs, PAIR_DECAY, PAIR_DROPOUT),
        "repeats": (of_repeats, OWN_DECAY, OWN_DROPOUT),
    }

    for name in NAMES:
        rows, truth = (np.concatenate([part(world) for world in worlds]) for part in _parts(name))
        of, decay, dropout = ways[name]
        loss = partial(of, torch.from_numpy(truth.astype(np.float32)))
        make = partial(Reader, amounts.columns[name], len(ENDS))
        lessons = Lessons(EPOCHS, BATCH, decay, dropout, seed)
        setattr(amounts, name, learn(make, torch.from_numpy(rows), loss, lessons))
    return amounts.eval()


def _parts(name: str) -> tuple[Callable[[Lesson], Rows], Callable[[Lesson], Floats]]:
    """What a network reads of a world, and what it shall say."""

    def truth(world: Lesson) -> Floats:
        known: Floats = getattr(world, f"{name}_truth")
        if name == "repeats":
            return known
        return np.asarray(np.log(known + LEAST) - getattr(world, name).base)

    return lambda world: getattr(world, name).values, truth


def _per_cause(fit: Confined) -> Floats:
    return np.asarray(fit.blame / np.maximum(fit.events, 1.0)[:, None])


def _own(fit: Confined) -> Floats:
    """(K,) logarithm of what each behaviour seems to set off of itself."""
    return np.asarray(np.log(fit.own + LEAST_OWN))


def _visits(fit: Confined) -> Floats:
    """(K,) logarithm of the share of a behaviour's events that came because others happened around."""
    return np.asarray(np.log(fit.around / np.maximum(fit.events, 1.0) + LEAST_OWN))
