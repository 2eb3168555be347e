"""Direct and total effects: what one cause sets off itself, and what follows from it along the graph.

With A[i, j] the expected further events of j that one event of i directly sets off (negative where it prevents them),
the effects of the effects add up to

    T = A + A^2 + A^3 + ... = (I - A)^-1 - I,

the expected further events in all: the mean of a multi-type branching process (Harris 1963, ch. II), linear in
preventions as well. A behaviour k that repeats itself, A[k, k] > 0, multiplies all that comes to it by
1 / (1 - A[k, k]). A *path* i -> k -> ... -> j carries the product of its steps and of these factors. The sum is finite
only where the spectral radius of |A| is below 1; at or above it every event would set off ever more, and there is no
total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAX_STEPS = 6  # of a path; longer ones carry products of so many small numbers that they hardly count
LEAST_SHARE = 1e-4  # of the total; a path is not followed beyond a step that carries less
MAX_LOOKED = 3_000  # beginnings of paths looked at, so that a dense graph cannot take forever


@dataclass(frozen=True, slots=True)
class CausalPath:
    """One way from a cause to an effect.

    Attributes:
        nodes: The behaviours on it in order, cause first, effect last, none twice.
        amount: Expected further effects per cause that come this way.
        share: Of the total; above 1, or below 0, where other ways take away what this one gives.
    """

    nodes: tuple[int, ...]
    amount: float
    share: float


@dataclass(frozen=True, slots=True)
class TotalEffect:
    """What one cause does to one effect.

    Attributes:
        direct: Expected further effects per cause over the edge itself; 0 without one.
        total: Over all ways, detours and repeats among them.
        paths: The ways that carry most, the strongest first.
    """

    direct: float
    total: float
    paths: tuple[CausalPath, ...]


def spectral_radius(offspring: Floats) -> float:
    """Largest absolute eigenvalue of |A|: below 1, whatever is set off comes to an end.

    Args:
        offspring: (K, K) A, [cause, effect].
    """
    return float(np.max(np.abs(np.linalg.eigvals(np.abs(offspring))), initial=0.0))


def total_offspring(offspring: Floats) -> Floats | None:
    """(K, K) expected further effects per cause over all ways; None where they have no end.

    Args:
        offspring: (K, K) A, [cause, effect]: direct ones, 0 where no edge is drawn; the diagonal is self-excitation.

    Returns:
        T, or None where the spectral radius of |A| is 1 or more.

    Raises:
        ValueError: If A is not a square of finite numbers.
    """
    _check(offspring)
    if spectral_radius(offspring) >= 1:
        return None
    one = np.eye(len(offspring))
    return np.asarray(np.linalg.solve(one - offspring, one) - one, dtype=np.float64)


def is_reached(offspring: Floats) -> NDArray[np.bool_]:
    """(K, K) True where a way leads from the first behaviour to the second; every one reaches itself.

    Args:
        offspring: (K, K) as for ``total_offspring``.
    """
    reached = (offspring != 0) | np.eye(len(offspring), dtype=bool)
    for _ in range(len(offspring).bit_length()):  # each time twice as far
        reached = reached.astype(np.float32) @ reached > 0
    return reached


def drawn_offspring(offspring: Floats, pairs: Sequence[tuple[int, int]]) -> Floats:
    """(K, K) the same matrix with all but the drawn edges set to 0.

    Args:
        offspring: (K, K) of every ordered pair; NaN counts as 0.
        pairs: (cause, effect) codes of the drawn edges.
    """
    kept = np.zeros(offspring.shape, dtype=bool)
    for cause, effect in pairs:
        kept[cause, effect] = True
    np.fill_diagonal(kept, False)
    return np.where(kept, np.nan_to_num(offspring, nan=0.0), 0.0)


def total_effect(offspring: Floats, cause: int, effect: int, *, top: int = 3) -> TotalEffect | None:
    """Direct and total effect of one pair, and the ways that carry it.

    Args:
        offspring: (K, K) as for ``total_offspring``.
        cause: Code.
        effect: Code.
        top: How many paths to give.

    Returns:
        The effect, or None where totals among the behaviours between the two have no end.

    Raises:
        ValueError: If A is not a square of finite numbers.
    """
    _check(offspring)
    between = np.flatnonzero(_reached(offspring, cause) & _reached(offspring.T, effect))
    if not {cause, effect} <= set(between.tolist()):
        return TotalEffect(0.0, 0.0, ())
    totals = total_offspring(offspring[np.ix_(between, between)])
    if totals is None:
        return None
    total = float(totals[np.searchsorted(between, cause), np.searchsorted(between, effect)])
    kept = np.zeros(offspring.shape)
    kept[np.ix_(between, between)] = offspring[np.ix_(between, between)]
    amounts = _paths(kept, cause, effect, LEAST_SHARE * abs(total))
    ranked = sorted(amounts.items(), key=lambda path: (-abs(path[1]), path[0]))[:top]
    paths = tuple(CausalPath(nodes, amount, amount / total if total else 0.0) for nodes, amount in ranked)
    return TotalEffect(float(offspring[cause, effect]), total, paths)


def _check(offspring: Floats) -> None:
    if offspring.ndim != 2 or offspring.shape[0] != offspring.shape[1] or not np.isfinite(offspring).all():
        raise ValueError(f"offspring must be a square of finite numbers (got shape {offspring.shape})")


def _reached(offspring: Floats, start: int) -> NDArray[np.bool_]:
    """(K,) True for the behaviours that one is followed by, itself among them."""
    reached = np.zeros(len(offspring), dtype=bool)
    fresh = np.array([start])
    while len(fresh):
        reached[fresh] = True
        fresh = np.flatnonzero((offspring[fresh] != 0).any(axis=0) & ~reached)
    return reached


def _paths(offspring: Floats, cause: int, effect: int, least: float) -> dict[tuple[int, ...], float]:
    """Every path that visits no behaviour twice and carries at least ``least``, with what it carries.

    The strongest beginnings are followed first, so that the limit on them leaves out the weakest paths.
    """
    found: dict[tuple[int, ...], float] = {}
    repeated = 1 / (1 - np.diag(offspring))  # (K,)
    beginnings: list[tuple[tuple[int, ...], float]] = [((cause,), float(repeated[cause]))]
    looked = 0
    while beginnings and looked < MAX_LOOKED:
        longer: list[tuple[tuple[int, ...], float]] = []
        for nodes, amount in beginnings:
            looked += 1
            for step in np.flatnonzero(offspring[nodes[-1]]).tolist():
                carried = amount * float(offspring[nodes[-1], step] * repeated[step])
                if step == effect:
                    found[(*nodes, step)] = carried
                elif step not in nodes and len(nodes) < MAX_STEPS and abs(carried) >= least:
                    longer.append(((*nodes, step), carried))
        longer.sort(key=lambda beginning: (-abs(beginning[1]), beginning[0]))
        beginnings = longer[: max(0, MAX_LOOKED - looked)]
    return found
