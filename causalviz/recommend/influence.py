"""How strongly the behaviours of a drawn graph influence each other, over all ways through it.

With A[i, j] the expected further events of j that one event of i sets off over a drawn edge, and A[j, j] the repeats
that j sets off itself (``causalviz.model.repeats``), T = A + A^2 + ... adds up all ways through the graph
(``causalviz.graph.total_effects``). There are two of each: of the events that happened, which tells what would go
without them, and of one event more, which tells what another one brings (``causalviz.model.direct``).

A pair that is too unsure to be drawn is no edge, and yet the totals are too small without it: it counts by its
expected effect, its probability times what it sets off if it is an edge (averaging over graphs; Hoeting et al. 1999).
Where none but such ways lead, a total below ``NOTED`` is told as 0: many small chances are no lever.

Intervals: each A is drawn, independently, from a spread ``WIDER`` than its own 90 % interval, but on the side of 0 on
which that lies, each doubtful pair is an edge as often as it is likely to be one, and the totals are taken anew. Wider,
because errors of one graph go together, and because edges that nobody thinks of are missing: intervals that took only
the edges' own held 0.72 of the truth, in worlds of other seeds than ``benchmarks.recommend`` scores. That a drawn edge
might be none is in its probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnknownBehaviour
from causalviz.graph.total_effects import is_reached, spectral_radius, total_offspring
from causalviz.model.direct import Direct

Floats = NDArray[np.float64]

DRAWS, FEWER_DRAWS, MANY = 400, 100, 60  # fewer where there are more than so many behaviours
NOTED = 0.005  # further effects per cause
WIDER = 1.3  # times as wide as the edges' own intervals
Z90 = 1.6449  # half-width of a 90 % interval in standard deviations
LEAST_STABLE = 0.5  # share of the draws that must come to an end for an interval to be given
SEED = 0


class Doubtful(NamedTuple):
    """Pairs that are not drawn and may be edges, (K, K) each, [cause, effect].

    Attributes:
        chance: Probability of each; 0 where the pair is drawn, denied or hardly an edge.
        amount: Further effects per cause if it is one.
    """

    chance: Floats
    amount: Floats

    @classmethod
    def none(cls, K: int) -> Doubtful:
        """Of K behaviours whose graph is sure."""
        return cls(np.zeros((K, K)), np.zeros((K, K)))


@dataclass(frozen=True, eq=False)
class Ways:
    """Direct effects over K behaviours, and what they add up to."""

    direct: Direct
    doubtful: Doubtful

    @cached_property
    def expected(self) -> Floats:
        """(K, K) direct effects, a doubtful one by its expectation, or none where with them T has no end."""
        drawn = self.direct.offspring
        expected = drawn + self.doubtful.chance * self.doubtful.amount
        return expected if spectral_radius(expected) < 1 else drawn

    @cached_property
    def totals(self) -> Floats | None:
        """(K, K) T, or None where what one event sets off has no end."""
        totals = total_offspring(self.expected)
        if totals is None:
            return None
        return np.where(is_reached(self.direct.offspring) | (np.abs(totals) >= NOTED), totals, 0.0)

    @cached_property
    def drawn_totals(self) -> Floats:
        """(D, K, K) T of graphs whose edges are drawn within their intervals; empty where too few have an end."""
        rng = np.random.default_rng(SEED)
        offspring, low, high = self.direct.offspring, self.direct.low, self.direct.high
        K = len(offspring)
        draws = DRAWS if K <= MANY else FEWER_DRAWS
        z = rng.standard_normal((draws, K, K)) * WIDER / Z90
        direct = offspring + z * np.where(z < 0, offspring - low, high - offspring)  # (D, K, K)
        direct = np.clip(direct, np.where(low >= 0, 0.0, -np.inf), np.where(high <= 0, 0.0, np.inf))
        chance, amount = self.doubtful
        direct += (rng.random(direct.shape, np.float32) < chance) * amount
        size = np.abs(direct)
        ends = np.minimum(size.sum(axis=1).max(axis=1), size.sum(axis=2).max(axis=1)) < 1  # bounds the radius
        ends[~ends] = np.abs(np.linalg.eigvals(size[~ends])).max(axis=1, initial=0.0) < 1
        if ends.mean() < LEAST_STABLE:
            return np.empty((0, K, K))
        one = np.eye(K)
        return np.asarray(np.linalg.inv(one - direct[ends]) - one)


@dataclass(frozen=True, eq=False)
class Influence:
    """The effects of a drawn graph over K behaviours, and what happened.

    Attributes:
        names: The K behaviours.
        happened: Effects of the events that happened, per event.
        once: Effects of one event more.
        events: (K,) events of each behaviour.
        users_with: (K,) users who did it.
        users: How many users there are.
    """

    names: tuple[str, ...]
    happened: Ways
    once: Ways
    events: Floats
    users_with: Floats
    users: int

    def code(self, name: str) -> int:
        """The code of a behaviour.

        Raises:
            UnknownBehaviour: If there is none of that name.
        """
        if name not in self.names:
            raise UnknownBehaviour(f"The log has no behaviour {name!r}; choose one of {', '.join(self.names[:5])} ...")
        return self.names.index(name)
