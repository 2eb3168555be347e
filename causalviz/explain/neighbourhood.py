"""Which other edges raised or lowered one edge through the network's messages.

Each other pair is occluded (``model.occlusion``): its evidence is replaced by that of a usual pair of the log, and the
network is asked again. The *shift* is the log-odds that its evidence adds to this pair. A *way* runs from the cause
over a third behaviour to the effect; both of its pairs are occluded together, because one step alone explains nothing
away. Of the many other pairs only those are asked exactly that a first-order screen finds strongest, and always the
reverse; shifts do not add up, because messages meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.explain.sentences import chance, percent_of
from causalviz.model.occlusion import occluded_logits, screened
from causalviz.model.threads import one_core

if TYPE_CHECKING:
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.features import PairFeatures

MOST_EDGES = 20  # asked exactly
MOST_WAYS = 8
CLEAR_SHIFT = 0.1  # log-odds; less is not worth a sentence
CLEAR_PERCENT = 0.1  # points between two chances; nearer ones are told apart in log-odds


class Neighbour(NamedTuple):
    """Another edge and what its evidence adds.

    Attributes:
        cause: Its cause.
        effect: Its effect.
        place: Where it lies as seen from the explained edge, in words.
        shift: Log-odds that its evidence adds to the explained edge.
    """

    cause: str
    effect: str
    place: str
    shift: float


class Way(NamedTuple):
    """A way over a third behaviour, and the log-odds that the evidence for both of its steps adds."""

    over: str
    shift: float


class Neighbourhood(NamedTuple):
    """What the rest of the graph does to one edge.

    Attributes:
        logit: Its log-odds as they are.
        edges: Other edges, the strongest first.
        ways: Ways from its cause to its effect over a third behaviour, the strongest first.
        asked: How many other pairs there are.
    """

    logit: float
    edges: tuple[Neighbour, ...]
    ways: tuple[Way, ...]
    asked: int


def neighbourhood(
    features: PairFeatures,
    model: EdgeModel,
    names: Sequence[str],
    cause: str,
    effect: str,
    known: NDArray[np.int8] | None = None,
) -> Neighbourhood | None:
    """Asks the network what other pairs do to one pair.

    Args:
        features: Of all candidate pairs of the log.
        model: The network that judged.
        names: The K behaviours, in code order.
        cause: One of them.
        effect: Another one.
        known: (E,) what the network was told of the candidates; None for nothing.

    Returns:
        The strongest other edges and ways; None where the pair is no candidate.
    """
    code = {name: number for number, name in enumerate(names)}
    i, j = code[cause], code[effect]
    row = features.row(i, j)
    if row is None:
        return None
    with one_core():
        guess = screened(model, features, row, known)  # (E,)
        chosen = [other for other in np.argsort(-np.abs(guess), kind="stable").tolist() if other != row][:MOST_EDGES]
        back = int(features.candidates.reverse[row])
        chosen += [back] if back != row and back not in chosen else []
        ways = _ways(features, i, j, guess)
        groups = [[other] for other in chosen] + [list(steps) for _, steps in ways]
        without = occluded_logits(model, features, row, [[], *groups], known)  # (1 + n,)
    shift = without[0] - without[1:]
    edges = [
        Neighbour(names[a], names[b], _place(a, b, i, j), float(added))
        for other, added in zip(chosen, shift, strict=False)
        for a, b in [(int(features.cause[other]), int(features.effect[other]))]
    ]
    over = [Way(names[k], float(added)) for (k, _), added in zip(ways, shift[len(chosen) :], strict=True)]
    return Neighbourhood(
        float(without[0]),
        tuple(sorted(edges, key=lambda edge: -abs(edge.shift))),
        tuple(sorted(over, key=lambda way: -abs(way.shift))),
        len(guess) - 1,
    )


def neighbourhood_sentences(found: Neighbourhood, cause: str, effect: str) -> tuple[str, ...]:
    """What is worth saying of it: the strongest way, and the strongest edge either way."""
    told = []
    way = found.ways[0] if found.ways else None
    if way is not None and abs(way.shift) >= CLEAR_SHIFT:
        told.append(
            f"{_verdict(found, way)} the way “{cause}” → “{way.over}” → “{effect}”: without the evidence for both "
            f"steps its {_without(found, way)}."
        )
    for word, sign in (("raises", 1), ("lowers", -1)):
        edge = next((e for e in found.edges if e.shift * sign >= CLEAR_SHIFT), None)
        if edge is not None:
            told.append(
                f"What {word} it most is “{edge.cause}” → “{edge.effect}” ({edge.place}), by "
                f"{abs(edge.shift):.2f} in log-odds."
            )
    return tuple(told) or ("No other edge moves it clearly: its own evidence decides.",)


def _ways(features: PairFeatures, i: int, j: int, guess: NDArray[np.float64]) -> list[tuple[int, tuple[int, int]]]:
    """Third behaviours and the rows of both steps, those that the screen finds strongest."""
    first = {int(b): row for row, (a, b) in enumerate(zip(features.cause, features.effect, strict=True)) if a == i}
    second = {int(a): row for row, (a, b) in enumerate(zip(features.cause, features.effect, strict=True)) if b == j}
    found = [(k, (first[k], second[k])) for k in first.keys() & second.keys()]
    return sorted(found, key=lambda way: (-abs(guess[list(way[1])]).sum(), way[0]))[:MOST_WAYS]


def _place(a: int, b: int, i: int, j: int) -> str:
    """Where the pair (a, b) lies as seen from (i, j)."""
    if (a, b) == (j, i):
        return "the reverse"
    if a == i:
        return "another effect of the cause"
    if b == j:
        return "another cause of the effect"
    if b == i:
        return "a cause of the cause"
    if a == j:
        return "an effect of the effect"
    return "elsewhere"


def _without(found: Neighbourhood, way: Way) -> str:
    """How likely the edge would be; in log-odds, where the two chances read nearly the same."""
    now, then = chance(found.logit), chance(found.logit - way.shift)
    if abs(percent_of(found.logit) - percent_of(found.logit - way.shift)) < CLEAR_PERCENT:
        return f"log-odds would be {abs(way.shift):.2f} {'lower' if way.shift > 0 else 'higher'}"
    return f"probability would be {then} instead of {now}"


def _verdict(found: Neighbourhood, way: Way) -> str:
    if way.shift > 0:
        return "It is supported by"
    return "It is explained away in part by" if found.logit < 0 else "Some of it is put down to"
