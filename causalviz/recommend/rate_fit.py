"""The convex fit behind the rates: weights, constants and the few numbers that all behaviours share.

Its loss is the negative log-likelihood of what came (``causalviz.recommend.rates``) and a ridge on the weights. The
weights by recency are in it only where they earn it: fitted to all but the last tenth of the time with and without
them, they stay if that tenth is more probable with them, by two standard errors over the users. Where people follow
what led them, as in a simulated world, they would be noise, and reasons that are none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import minimize

from causalviz.model.ages import AGES

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

LARGEST = 30.0  # of a log rate: beyond it an exponential is of no use
ASIDE = 0.1  # of the states, the last by time: they choose
CLEAR = 2.0  # standard errors over users, from which on a gain is one
FITS = 4  # before the part that chooses, then onwards from there without recency and with it; the chosen one to all


class Fitted(NamedTuple):
    """What a fit finds.

    Attributes:
        weight: (E, A) by edge and age; the last age is 0.
        base: (K,) constants.
        again: (AGES + 1,) by recency; the last one, never, is 0, and so are all where recency has no say.
        habit: Weight of the user's own shares.
        activity: Weight of the user's own tempo.
    """

    weight: Floats
    base: Floats
    again: Floats
    habit: float
    activity: float


@dataclass(frozen=True, eq=False)
class Problem:
    """S states and what came after them.

    Attributes:
        cause: (E,) codes.
        effect: (E,) codes.
        chance: (E,) of the edges to be ones; 1 where there is no doubt.
        age: (S, K) of the causes.
        recency: (S, K) ages in events, ``AGES`` where a behaviour never happened.
        habit: (S, K) log shares of the user.
        tempo: (S,) log tempo of the user.
        came: (S, K) 1 for what came.
        ages: A, L + 2.
        is_next: Whether one of the K is chosen, or each comes or not by itself.
        ridge: Weight of the penalty; of an edge's weights it is divided by the edge's chance.
    """

    cause: NDArray[np.int64]
    effect: NDArray[np.int64]
    chance: Floats
    age: NDArray[np.int16]
    recency: NDArray[np.int8]
    habit: Floats
    tempo: Floats
    came: NDArray[np.int8]
    ages: int
    is_next: bool
    ridge: float

    def take(self, rows: NDArray[np.bool_]) -> Problem:
        """Some of the states."""
        return replace(
            self, age=self.age[rows], recency=self.recency[rows], habit=self.habit[rows], tempo=self.tempo[rows],
            came=self.came[rows],
        )  # fmt: skip

    def solve(
        self, iterations: int, *, repeats: bool, start: Fitted | None = None, on_step: Callable[[int], None]
    ) -> Fitted:
        """The fit.

        Args:
            iterations: Of the optimiser, at most.
            repeats: Whether recency has weights.
            start: From where; None for a guess.
            on_step: Told the iterations done.
        """
        done = 0

        def tell(_: Floats) -> None:
            nonlocal done
            done += 1
            on_step(min(done, iterations))

        found = minimize(
            self.loss, _packed(self._guess() if start is None else start), args=(repeats,), jac=True,
            method="L-BFGS-B", callback=tell, options={"maxiter": iterations},
        ).x  # fmt: skip
        return self._parts(found)

    def loss(self, x: Floats, repeats: bool) -> tuple[float, Floats]:
        """Negative log-likelihood with its penalty, and the gradient.

        Args:
            x: Weights but of the last age, constants, recency, habit and activity in one row.
            repeats: Whether the weights of recency move.
        """
        at = self._parts(x)
        slope = Slope(np.zeros_like(at.weight), np.zeros_like(at.base), np.zeros_like(at.again), np.zeros(2))
        loss = _descend(
            at.weight, at.base, at.again, at.habit, at.activity, self.cause, self.effect, self.age, self.recency,
            self.habit, self.tempo, self.came, self.is_next, *slope,
        )  # fmt: skip
        if self.is_next:
            slope.rest[1] = at.activity  # it cannot matter, so it stays at 0
        if not repeats:
            slope.again[:] = 0.0
        of_edges = (self.ridge / self.chance)[:, None]
        penalty = 0.5 * (float((of_edges * at.weight**2).sum()) + self.ridge * float((at.again**2).sum()))
        gradient = Fitted(
            slope.weight + of_edges * at.weight, slope.base, slope.again + self.ridge * at.again, *slope.rest
        )
        return loss + penalty, _packed(gradient)

    def likelihoods(self, at: Fitted) -> Floats:
        """(S,) log-likelihood of what came."""
        rates = np.empty(self.habit.shape)
        score(
            at.weight, at.base, at.again, at.habit, at.activity, self.cause, self.effect, self.age, self.recency,
            self.habit, self.tempo, rates,
        )  # fmt: skip
        if self.is_next:
            rates -= rates.max(axis=1, keepdims=True)
            return np.asarray((rates * self.came).sum(axis=1) - np.log(np.exp(rates).sum(axis=1)))
        amount = np.exp(np.minimum(rates, LARGEST))
        came = np.log(np.maximum(-np.expm1(-amount), 1e-300))
        return np.asarray(np.where(self.came > 0, came, -amount).sum(axis=1))

    def _guess(self) -> Fitted:
        K = self.habit.shape[1]
        base = np.zeros(K)
        if not self.is_next:
            often = (self.came.sum(axis=0) + 0.5) / (len(self.came) + 1.0)
            base = np.log(-np.log1p(-often)) - 0.5 * self.habit.mean(axis=0)
        return Fitted(np.zeros((len(self.cause), self.ages)), base, np.zeros(AGES + 1), 0.5, 0.0)

    def _parts(self, x: Floats) -> Fitted:
        E, A = len(self.cause), self.ages
        weight, again = np.zeros((E, A)), np.zeros(AGES + 1)
        weight[:, :-1] = x[: E * (A - 1)].reshape(E, A - 1)
        again[:-1] = x[-2 - AGES : -2]
        return Fitted(weight, np.ascontiguousarray(x[E * (A - 1) : -2 - AGES]), again, float(x[-2]), float(x[-1]))


class Slope(NamedTuple):
    """Derivatives by the parts of ``Fitted``; ``rest`` are habit and activity."""

    weight: Floats
    base: Floats
    again: Floats
    rest: Floats


def fit_chosen(
    problem: Problem,
    user: NDArray[np.int64],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    iterations: int,
    on_progress: Progress | None = None,
) -> Fitted:
    """The fit to all states, with weights by recency where the last states speak clearly for them.

    Args:
        problem: S states.
        user: (S,) whose.
        begins: (S,) ticks of each state.
        ends: (S,) ticks at which it is known what came.
        iterations: Of each of ``FITS`` runs of the optimiser, at most.
        on_progress: Told (iterations done, at most).
    """

    def tell(fit: int) -> Callable[[int], None]:
        return lambda done: None if on_progress is None else on_progress(fit * iterations + done, FITS * iterations)

    held = float(np.quantile(begins, 1 - ASIDE))
    early, late = ends < held, begins >= held
    if not (early.any() and late.any()):
        return problem.solve(FITS * iterations, repeats=False, on_step=tell(0))
    learned, chooses = problem.take(early), problem.take(late)
    start = learned.solve(iterations, repeats=False, on_step=tell(0))
    plain = learned.solve(iterations, repeats=False, start=start, on_step=tell(1))
    lively = learned.solve(iterations, repeats=True, start=start, on_step=tell(2))
    repeats = _is_clear(chooses.likelihoods(lively) - chooses.likelihoods(plain), user[late])
    return problem.solve(iterations, repeats=repeats, start=lively if repeats else plain, on_step=tell(3))


def _is_clear(gain: Floats, user: NDArray[np.int64]) -> bool:
    """Whether a sum of gains lies above 0 by ``CLEAR`` standard errors, users being independent."""
    each = np.bincount(user, gain)
    return bool(each.sum() > CLEAR * np.sqrt((each**2).sum()))


def _packed(at: Fitted) -> Floats:
    """All that moves in one row, as ``Problem.loss`` reads it."""
    return np.concatenate([at.weight[:, :-1].ravel(), at.base, at.again[:-1], [at.habit, at.activity]])


@njit(cache=True, nogil=True)
def _descend(  # type: ignore[no-untyped-def]
    weight, base, again, habit, activity, cause, effect, age, recency, habits, tempo, came, is_next, of_weight, of_base,
    of_again, of_rest,
):  # fmt: skip
    """Negative log-likelihood over all states; adds its gradient to the last four arguments."""
    S, K = habits.shape
    E = len(cause)
    rate = np.empty(K)
    loss = 0.0
    for s in range(S):
        for j in range(K):
            rate[j] = base[j] + habit * habits[s, j] + activity * tempo[s] + again[recency[s, j]]
        for e in range(E):
            rate[effect[e]] += weight[e, age[s, cause[e]]]
        if is_next:
            most = rate.max()
            total = 0.0
            for j in range(K):
                if came[s, j] > 0:
                    loss -= rate[j] - most
                rate[j] = np.exp(rate[j] - most)
                total += rate[j]
            loss += np.log(total)
            for j in range(K):
                rate[j] = rate[j] / total - came[s, j]
        else:
            for j in range(K):
                amount = np.exp(min(rate[j], LARGEST))
                if came[s, j] > 0:
                    chance = max(-np.expm1(-amount), 1e-300)
                    loss -= np.log(chance)
                    rate[j] = -amount * np.exp(-amount) / chance
                else:
                    loss += amount
                    rate[j] = amount
        for j in range(K):
            of_base[j] += rate[j]
            of_again[recency[s, j]] += rate[j]
            of_rest[0] += rate[j] * habits[s, j]
            of_rest[1] += rate[j] * tempo[s]
        for e in range(E):
            of_weight[e, age[s, cause[e]]] += rate[effect[e]]
    return loss


@njit(cache=True, nogil=True)
def score(  # type: ignore[no-untyped-def]
    weight, base, again, habit, activity, cause, effect, age, recency, habits, tempo, found
):
    """Writes the log rates of all states."""
    S, K = habits.shape
    for s in range(S):
        for j in range(K):
            found[s, j] = base[j] + habit * habits[s, j] + activity * tempo[s] + again[recency[s, j]]
        for e in range(len(cause)):
            found[s, effect[e]] += weight[e, age[s, cause[e]]]
