"""Same-item continuation: whether a user goes on with an item of their own, and with which.

For an own item n and an event type j, the log odds against some other item being next are

    base_j + habit . log count_n + order . log(1 + later_n)
           + sum over event types i that cause j, and j itself, of w_ij,age_i(n)

where age_i(n) tells how long ago i last happened *to this item* (an item in the cart is bought, whatever is done to
others) and later_n how many own items were touched since. "Some other item" has the log odds breadth . log (number of
own items). The curated graph is the mask of w, as in ``causalviz.recommend.rates``, and this is the same convex fit: a
choice (McFadden 1974), here among all pairs of an own item and an event type, and the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import minimize

from causalviz.recommend.item_states import ItemStates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Continuation:
    """Fitted weights of E edges, those into the J asked event types and of each of these to itself.

    Attributes:
        goals: (J,) codes of the event types.
        cause: (E,) codes of event types.
        effect: (E,) places in ``goals``.
        weight: (E, L + 2) w by age; the last one is 0.
        base: (J,) constants.
        habit: Weight of the number of events to the item.
        order: Weight of the number of own items touched later.
        breadth: Weight of the number of own items.
    """

    goals: Ints
    cause: Ints
    effect: Ints
    weight: Floats
    base: Floats
    habit: float
    order: float
    breadth: float

    def chances(self, states: ItemStates) -> tuple[Floats, Floats]:
        """(N,) the chance of each own item to be next, and (S,) that of all other items together."""
        own, other = np.zeros(len(states.item)), np.zeros(len(states))
        _choose(
            self.weight, self.base, self.habit, self.order, self.breadth, self.cause, self.effect, states.start,
            states.age, states.count, states.later, own, other,
        )  # fmt: skip
        return own, other

    def strongest(self, states: ItemStates, entry: Ints) -> tuple[Ints, Floats]:
        """Of each entry, the event type that raises its odds most (the latest where none does), and the factor."""
        T = states.age.shape[1]
        factor = np.zeros((len(entry), T))
        for e in range(len(self.cause)):
            t = self.cause[e]
            moved = self.weight[e, states.age[entry, t]]
            factor[:, t] = np.maximum(factor[:, t], moved)
        latest = states.latest[entry].argmax(axis=1)
        best = factor.argmax(axis=1)
        found = np.where(factor.max(axis=1, initial=0.0) > 0, best, latest)
        return found.astype(np.int64), np.exp(factor[np.arange(len(entry)), found])


def fit_continuation(
    states: ItemStates, target: Ints, kind: Ints, drawn: NDArray[np.bool_], goals: Ints, *,
    ages: int, ridge: float, iterations: int,
) -> Continuation:  # fmt: skip
    """Fits the weights.

    Args:
        states: S states.
        target: (S,) code of the item that came next.
        kind: (S,) code of the event type that happened to it, one of ``goals``.
        drawn: (T, T) edges among event types, [cause, effect]; the diagonal is taken as drawn.
        goals: (J,) codes.
        ages: L + 2.
        ridge: Weight of the penalty on squared w.
        iterations: Of the optimiser, at most.
    """
    mask = (drawn | np.eye(len(drawn), dtype=bool))[:, goals]
    cause, effect = (place.astype(np.int64) for place in np.nonzero(mask))
    E, J = len(cause), len(goals)
    came = came_entries(states, target)
    which = np.searchsorted(goals, kind)

    def parts(x: Floats) -> tuple[Floats, Floats, float, float, float]:
        weight = np.zeros((E, ages))
        weight[:, :-1] = x[: E * (ages - 1)].reshape(E, ages - 1)
        return weight, np.ascontiguousarray(x[-3 - J : -3]), float(x[-3]), float(x[-2]), float(x[-1])

    def loss(x: Floats) -> tuple[float, Floats]:
        weight, base, habit, order, breadth = parts(x)
        of_weight, of_base, of_rest = np.zeros_like(weight), np.zeros_like(base), np.zeros(3)
        lost = _descend(
            weight, base, habit, order, breadth, cause, effect, states.start, states.age, states.count, states.later,
            came, which, of_weight, of_base, of_rest,
        )  # fmt: skip
        tail = x[-3 - J :]
        slope = np.concatenate([(of_weight + ridge * weight)[:, :-1].ravel(), of_base, of_rest])
        slope[-3 - J :] += 1e-3 * tail  # a log in which nobody ever returns has no finite constants
        return lost + 0.5 * ridge * float((weight**2).sum()) + 0.5e-3 * float(tail @ tail), slope

    start = np.zeros(E * (ages - 1) + J + 3)
    start[-3 - J : -3] = -2.0
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations}).x
    return Continuation(goals, cause, effect, *parts(found))


def came_entries(states: ItemStates, target: Ints) -> Ints:
    """(S,) the entry of the item that came, -1 where it was none of the own ones."""
    came = np.full(len(states), -1, np.int64)
    owner = states.owner
    hits = np.flatnonzero(states.item == target[owner])
    came[owner[hits]] = hits
    return came


@njit(cache=True, nogil=True)
def _choose(  # type: ignore[no-untyped-def]
    weight, base, habit, order, breadth, cause, effect, start, age, count, later, own, other
):
    """Writes the chances of all entries, and of the rest."""
    J, E = len(base), len(cause)
    rate = np.empty(J)
    for s in range(len(other)):
        first, end = start[s], start[s + 1]
        rest = breadth * np.log(max(end - first, 1))
        most = rest
        for n in range(first, end):
            for j in range(J):
                rate[j] = base[j] + habit * np.log(count[n]) + order * np.log(1 + later[n])
            for e in range(E):
                rate[effect[e]] += weight[e, age[n, cause[e]]]
            top = rate.max()
            total = 0.0
            for j in range(J):
                total += np.exp(rate[j] - top)
            own[n] = top + np.log(total)
            most = max(most, own[n])
        total = np.exp(rest - most)
        for n in range(first, end):
            own[n] = np.exp(own[n] - most)
            total += own[n]
        for n in range(first, end):
            own[n] /= total
        other[s] = np.exp(rest - most) / total


@njit(cache=True, nogil=True)
def _descend(  # type: ignore[no-untyped-def]
    weight,
    base,
    habit,
    order,
    breadth,
    cause,
    effect,
    start,
    age,
    count,
    later,
    came,
    which,
    of_weight,
    of_base,
    of_rest,
):
    """Negative log-likelihood over all states; adds its gradient to the last three arguments."""
    J, E = len(base), len(cause)
    longest = 0
    for s in range(len(came)):
        longest = max(longest, start[s + 1] - start[s])
    rate = np.empty((longest, J))
    loss = 0.0
    for s in range(len(came)):
        first, N = start[s], start[s + 1] - start[s]
        width = np.log(max(N, 1))
        rest = breadth * width
        most = rest
        for n in range(N):
            for j in range(J):
                rate[n, j] = base[j] + habit * np.log(count[first + n]) + order * np.log(1 + later[first + n])
            for e in range(E):
                rate[n, effect[e]] += weight[e, age[first + n, cause[e]]]
            for j in range(J):
                most = max(most, rate[n, j])
        total = np.exp(rest - most)
        if came[s] < 0:
            loss -= rest - most
        else:
            loss -= rate[came[s] - first, which[s]] - most
        for n in range(N):
            for j in range(J):
                rate[n, j] = np.exp(rate[n, j] - most)
                total += rate[n, j]
        loss += np.log(total)
        share = np.exp(rest - most) / total
        of_rest[2] += width * (share - (1.0 if came[s] < 0 else 0.0))
        for n in range(N):
            for j in range(J):
                rate[n, j] /= total
                if came[s] == first + n and which[s] == j:
                    rate[n, j] -= 1.0
                of_base[j] += rate[n, j]
                of_rest[0] += rate[n, j] * np.log(count[first + n])
                of_rest[1] += rate[n, j] * np.log(1 + later[first + n])
            for e in range(E):
                of_weight[e, age[first + n, cause[e]]] += rate[n, effect[e]]
    return loss
