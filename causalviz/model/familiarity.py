"""Familiarity: how far a log lies from the worlds that a network learned from.

A log's *summary* holds, of every column that the network sees, mean, log spread and three quantiles over the pairs
(or behaviours), and the logarithm of K; behaviours may come in any order and any number. Its distance to the worlds is

    d^2 = mean_r (c_r / sd_r)^2 + mean_s (e_s / sd_s)^2 + w sum_s log(1 + 10 o_s),

c the first principal components of the standardised summary, e what they leave over, and o by how many standard
deviations a statistic lies outside the range of all worlds. Logs of few behaviours scatter more, so log d is taken
relative to what is usual for K. Worlds that were kept aside say how rare a distance is: the *share farther* is the
share of them that lie at least as far out, itself counted among them, so it is never zero and never too small.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError
from causalviz.model.features import GROUP_LABELS

if TYPE_CHECKING:
    from causalviz.model.features import PairFeatures

Floats = NDArray[np.float64]

QUANTILES = (0.1, 0.5, 0.9)
STATISTICS = 2 + len(QUANTILES)  # of each column
LEAST_SPREAD = 1e-2  # a column that is the same for all pairs has no smaller one
COMPONENTS = 64
TAME = 4.0  # standard deviations beyond which a statistic counts by its logarithm
OUTSIDE_WEIGHT = 0.3
KEPT_ASIDE = 4  # every fourth world
MAX_WORLDS = 20_000  # evenly chosen; more do not sharpen the components
MAX_REFERENCE = 999  # distances of worlds kept aside that are remembered
STRANGE = 0.01  # share farther below which users are warned
NODE_LABEL = "how large, how busy and how long the log is"


def summary(edge: NDArray[np.floating], node: NDArray[np.floating]) -> Floats:
    """Describes a log by what the network sees of it.

    Args:
        edge: (E, D) features of the pairs, E at least 1.
        node: (K, F) features of the behaviours.

    Returns:
        (S,) with S = 1 + 5 (D + F): log K, then per column mean, log spread and quantiles. The same for every order
        of the behaviours.
    """
    return np.concatenate([[math.log(len(node))], _statistics(edge), _statistics(node)])


def summary_width(edge_features: int, node_features: int) -> int:
    """S of ``summary``."""
    return 1 + STATISTICS * (edge_features + node_features)


@dataclass(frozen=True, eq=False, kw_only=True)
class Familiarity:
    """What the worlds of a network look like; small enough to lie beside its weights.

    Attributes:
        mean: (S,) of the summaries.
        scale: (S,) their standard deviations, positive.
        low: (S,) the least value in any world.
        high: (S,) the greatest.
        centre: (S,) mean of the standardised and tamed summaries.
        basis: (R, S) principal components, orthonormal rows.
        spread: (R,) standard deviations along them, positive.
        rest: (S,) standard deviations of what the components leave over, positive.
        usual: (3,) log d by K: usual + usual' log K + usual'' log^2 K.
        scatter: (3,) the same for the mean absolute deviation from it.
        sizes: (2,) least and greatest log K; beyond them the curves go on level.
        reference: (N,) distances of the worlds kept aside, increasing.

    Raises:
        ValueError: If shapes clash, a number is not finite, or a scale is not positive.
    """

    mean: Floats
    scale: Floats
    low: Floats
    high: Floats
    centre: Floats
    basis: Floats
    spread: Floats
    rest: Floats
    usual: Floats
    scatter: Floats
    sizes: Floats
    reference: Floats

    def __post_init__(self) -> None:
        S, R = self.mean.size, self.spread.size
        wanted = {
            "mean": (S,), "scale": (S,), "low": (S,), "high": (S,), "centre": (S,), "basis": (R, S), "spread": (R,),
            "rest": (S,), "usual": (3,), "scatter": (3,), "sizes": (2,), "reference": (self.reference.size,),
        }  # fmt: skip
        for name, shape in wanted.items():
            array: Floats = getattr(self, name)
            if array.shape != shape or not array.size:
                raise ValueError(f"familiarity: {name} has shape {array.shape} and not {shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"familiarity: {name} has numbers that are not finite")
        if min(self.scale.min(), self.spread.min(), self.rest.min()) <= 0:
            raise ValueError("familiarity: a scale that is not positive")
        if np.any(np.diff(self.reference) < 0) or np.any(self.low > self.high) or self.sizes[0] > self.sizes[1]:
            raise ValueError("familiarity: numbers that should increase and do not")

    @classmethod
    def fit(cls, summaries: NDArray[np.floating]) -> Familiarity:
        """Learns what worlds look like.

        Args:
            summaries: (n, S) of the worlds, n at least 4; every fourth is kept aside for the reference. Below about
                400 worlds no log can be rarer than one in a hundred.

        Raises:
            SettingsError: If there are fewer than 4 worlds.
        """
        if len(summaries) < KEPT_ASIDE:
            raise SettingsError(
                f"Familiarity needs at least {KEPT_ASIDE} worlds (got {len(summaries)}); simulate more."
            )
        chosen = np.unique(np.linspace(0, len(summaries) - 1, min(len(summaries), MAX_WORLDS)).astype(np.int64))
        worlds = np.asarray(summaries[chosen], dtype=np.float64)
        aside = np.arange(len(worlds)) % KEPT_ASIDE == KEPT_ASIDE - 1
        learned = worlds[~aside]
        mean, scale = learned.mean(0), np.maximum(learned.std(0), 1e-3)
        tamed = _tame((learned - mean) / scale)  # (n, S)
        centre = tamed.mean(0)
        basis, spread, rest = _components(tamed - centre)
        space = cls(
            mean=mean, scale=scale, low=learned.min(0), high=learned.max(0), centre=centre, basis=basis,
            spread=spread, rest=rest, usual=np.zeros(3), scatter=np.array([1.0, 0.0, 0.0]),
            sizes=np.array([learned[:, 0].min(), learned[:, 0].max()]), reference=np.zeros(1),
        )  # fmt: skip
        return _with_reference(space, worlds[aside])

    def distance(self, log: Floats) -> float:
        """How far out a log lies, given how far is usual for its number of behaviours; 0 is usual.

        Args:
            log: (S,) its summary.
        """
        return float(self._relative(log[None])[0])

    def share_farther(self, distance: float) -> float:
        """Share of worlds at least that far out, in (0, 1], the log itself counted as one of them."""
        beyond = len(self.reference) - int(np.searchsorted(self.reference, distance))
        return (1 + beyond) / (1 + len(self.reference))

    def strangest(self, log: Floats, column_names: Sequence[str], n: int = 3) -> tuple[str, ...]:
        """What about a log is furthest from the worlds, in an analyst's words, the worst first.

        Args:
            log: (S,) its summary.
            column_names: D names "group:name" of the pairs' features.
            n: At most so many.
        """
        z = np.abs((log - self.mean) / self.scale) + 10 * self._outside(log[None])[0]
        F = (len(z) - 1) // STATISTICS - len(column_names)
        labels = [GROUP_LABELS.get(name.partition(":")[0], name) for name in column_names] + [NODE_LABEL] * F
        of_statistic = np.array([NODE_LABEL, *(np.repeat(labels, STATISTICS))], dtype=object)
        worst = {label: float(np.sort(z[of_statistic == label])[-3:].mean()) for label in dict.fromkeys(labels)}
        return tuple(sorted(worst, key=lambda label: -worst[label])[:n])

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """All arrays by name, for the model's file."""
        return {f.name: np.ascontiguousarray(getattr(self, f.name), dtype=np.float32) for f in fields(self)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.floating]]) -> Familiarity:
        """The other way.

        Raises:
            KeyError: If an array is missing.
            ValueError: If the arrays do not fit each other.
        """
        return cls(**{f.name: np.asarray(tensors[f.name], dtype=np.float64) for f in fields(cls)})

    @property
    def width(self) -> int:
        """S."""
        return self.mean.size

    def _relative(self, logs: Floats) -> Floats:
        """(n,) log distances of (n, S) summaries, relative to what is usual for their K."""
        y = _tame((logs - self.mean) / self.scale) - self.centre  # (n, S)
        c = y @ self.basis.T  # (n, R)
        inside = ((c / self.spread) ** 2).mean(1) + (((y - c @ self.basis) / self.rest) ** 2).mean(1)
        outside = OUTSIDE_WEIGHT * np.log1p(10 * self._outside(logs)).sum(1)
        size = _powers(logs[:, 0], self.sizes)  # (n, 3)
        log_d = 0.5 * np.log(inside + outside + 1e-12)
        return np.asarray((log_d - size @ self.usual) / np.maximum(size @ self.scatter, 0.05))

    def _outside(self, logs: Floats) -> Floats:
        """(n, S) standard deviations beyond the range of the worlds."""
        return np.asarray(np.maximum(np.maximum(self.low - logs, logs - self.high), 0.0) / self.scale)


class Resemblance(NamedTuple):
    """How one log compares with the worlds of a network.

    Attributes:
        distance: See ``Familiarity.distance``.
        share_farther: Share of worlds at least as far out, in (0, 1].
        strangest: What is furthest from the worlds, in words, the worst first.
    """

    distance: float
    share_farther: float
    strangest: tuple[str, ...]

    @property
    def is_strange(self) -> bool:
        """Whether so few worlds look like the log that its probabilities may be off."""
        return self.share_farther < STRANGE

    @property
    def sentence(self) -> str:
        """What to tell users; empty for a log like the worlds."""
        if not self.is_strange:
            return ""
        rarity = f"at most 1 in {1 / self.share_farther:,.0f} lies as far out"
        return (
            f"Hardly any simulated world looks like this log ({rarity}), so its probabilities may be off; "
            f"most unusual: {'; '.join(self.strangest)}."
        )


def resemblance(familiarity: Familiarity, features: PairFeatures) -> Resemblance:
    """Compares a log with the worlds.

    Args:
        familiarity: Of the network, which reads the same columns, or the first of them.
        features: What it sees of the log.
    """
    known = (familiarity.width - 1) // STATISTICS - features.node.shape[1]
    log = summary(features.edge[:, :known], features.node)
    distance, strangest = familiarity.distance(log), familiarity.strangest(log, features.column_names[:known])
    return Resemblance(distance, familiarity.share_farther(distance), strangest)


def _statistics(columns: NDArray[np.floating]) -> Floats:
    """(5 C,) of (n, C): five numbers for each column, column by column."""
    x = np.asarray(columns, dtype=np.float64)
    parts = [x.mean(0), np.log(x.std(0) + LEAST_SPREAD), *np.quantile(x, QUANTILES, axis=0)]
    return np.stack(parts, axis=1).ravel()  # (C, 5) -> (5 C,)


def _tame(z: Floats) -> Floats:
    """Standard deviations, those beyond ``TAME`` by their logarithm."""
    beyond = np.maximum(np.abs(z) - TAME, 0.0)
    return np.asarray(np.where(beyond > 0, np.sign(z) * (TAME + np.log1p(beyond)), z))


def _components(centred: Floats) -> tuple[Floats, Floats, Floats]:
    """Principal components (R, S) of (n, S), their spreads (R,), and the spreads (S,) of the rest."""
    variance, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    R = max(1, min(COMPONENTS, len(centred) // 4, len(variance)))
    basis = vectors[:, ::-1][:, :R].T
    left = centred - (centred @ basis.T) @ basis
    return basis, np.sqrt(np.maximum(variance[::-1][:R], 1e-4)), np.maximum(left.std(0), 0.02)


def _with_reference(space: Familiarity, aside: Floats) -> Familiarity:
    """The same with the curves over K and the reference distances of (n, S) worlds kept aside."""
    raw, size = space._relative(aside), _powers(aside[:, 0], space.sizes)  # (n,), (n, 3)
    usual = _curve(size, raw)
    scatter = _curve(size, np.abs(raw - size @ usual))
    told = {f.name: getattr(space, f.name) for f in fields(space)} | {"usual": usual, "scatter": scatter}
    distances = np.sort(Familiarity(**told)._relative(aside))
    if len(distances) > MAX_REFERENCE:
        distances = np.quantile(distances, np.linspace(0, 1, MAX_REFERENCE))
    return Familiarity(**(told | {"reference": distances}))


def _curve(size: Floats, value: Floats) -> Floats:
    """(3,) least squares of (n,) values on (n, 3) powers of log K; level where worlds are few."""
    if len(value) < 10 * size.shape[1]:
        return np.array([value.mean(), 0.0, 0.0])
    return np.asarray(np.linalg.lstsq(size, value, rcond=None)[0])


def _powers(log_k: Floats, sizes: Floats) -> Floats:
    """(n, 3) powers 0, 1, 2 of log K, kept within the sizes of the worlds."""
    return np.asarray(np.clip(log_k, *sizes)[:, None] ** np.arange(3))
