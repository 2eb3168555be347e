"""The candidate graph as tensors, and what third behaviours say in it.

What is summed over third behaviours k of a pair (i, j) is a product of one number of i -> k (or k -> i) and one of
k -> j. Where nearly all pairs are candidates that is a product of matrices. Where many behaviours leave few of them, a
list of the triangles is shorter: of 1000 behaviours it held one in ten thousand of the matrices' products.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from causalviz.model.candidates import Candidates

LISTED = 50  # a listed triangle takes as long as so many products of the matrices
AT_ONCE = 2**18  # triangles whose products are in memory together


class Structure(NamedTuple):
    """The candidate graph of one or more logs as tensors.

    Attributes:
        edge_index: (2, E) causes and effects, behaviours numbered through all logs.
        reverse: (E,) row of each edge's reverse.
        thirds: (E,) behaviours that make a triangle of candidates with each edge, at least 1.
        triangles: For each log (3, T) rows of i -> j, i -> k and k -> j, counted from the log's first edge, by i -> j;
            None where products of matrices are faster.
        nodes: B + 1 numbers of the logs' first behaviours, and of all.
        edges: B + 1 numbers of the logs' first edges, and of all.
    """

    edge_index: Tensor
    reverse: Tensor
    thirds: Tensor
    triangles: tuple[Tensor | None, ...]
    nodes: tuple[int, ...]
    edges: tuple[int, ...]

    @classmethod
    def of(cls, candidates: Candidates, n_nodes: int) -> Structure:
        """Builds the tensors for one log."""
        is_candidate = np.zeros((n_nodes, n_nodes), dtype=np.float32)
        is_candidate[candidates.cause, candidates.effect] = 1.0
        thirds = (is_candidate @ is_candidate)[candidates.cause, candidates.effect]
        few = LISTED * thirds.sum() < n_nodes**3
        return cls(
            torch.from_numpy(np.stack([candidates.cause, candidates.effect])),
            torch.from_numpy(candidates.reverse),
            torch.from_numpy(np.maximum(thirds, 1.0)),
            (torch.from_numpy(_triangles(candidates, n_nodes)) if few else None,),
            (0, n_nodes),
            (0, len(candidates.cause)),
        )

    @classmethod
    def joined(cls, parts: Sequence[Structure]) -> Structure:
        """Several logs as one graph of separate parts."""
        node = list(accumulate((p.nodes[-1] for p in parts), initial=0))  # the first of each part
        edge = list(accumulate((p.edges[-1] for p in parts), initial=0))
        return cls(
            torch.cat([p.edge_index + first for p, first in zip(parts, node, strict=False)], dim=1),
            torch.cat([p.reverse + first for p, first in zip(parts, edge, strict=False)]),
            torch.cat([p.thirds for p in parts]),
            tuple(of_log for p in parts for of_log in p.triangles),
            (0, *(first + n for p, first in zip(parts, node, strict=False) for n in p.nodes[1:])),
            (0, *(first + n for p, first in zip(parts, edge, strict=False) for n in p.edges[1:])),
        )


def over_thirds(first: Tensor, second: Tensor, structure: Structure, chained: int) -> Tensor:
    """(E, 2C) mean and 4-norm over third behaviours k of first[i, k] second[k, j], in forks first[k, i].

    Args:
        first: (E, C) positive.
        second: (E, C) positive.
        structure: The candidate graph; a pair that is no candidate counts as zero.
        chained: The first so many of the C channels are chains, the others forks.
    """
    pieces = []
    for log, until in _runs(structure):
        triangles = structure.triangles[log]
        here = slice(structure.edges[log], structure.edges[until])
        if triangles is None:
            K = structure.nodes[log + 1] - structure.nodes[log]
            i, j = structure.edge_index[:, here] - structure.nodes[log]
            pieces.append(_by_matrices(first[here], second[here], i * K + j % K, (until - log, K, K), chained))
        else:
            reverse = structure.reverse[here] - structure.edges[log]
            pieces.append(_by_triangles(first[here], second[here], triangles, reverse, chained))
    total, powers = torch.cat(pieces).chunk(2, dim=1)
    return torch.cat([total / structure.thirds[:, None], (powers + 1e-8).sqrt().sqrt()], dim=1)


def _runs(structure: Structure) -> Iterator[tuple[int, int]]:
    """First and end of the neighbouring logs whose products are made at once; a listed log stands by itself."""
    sizes = [after - before for before, after in pairwise(structure.nodes)]
    alike = [(log if triangles is not None else -1, sizes[log]) for log, triangles in enumerate(structure.triangles)]
    begin = 0
    for _, run in groupby(alike):
        end = begin + len(list(run))
        yield begin, end
        begin = end


def _by_matrices(first: Tensor, second: Tensor, place: Tensor, shape: tuple[int, int, int], chained: int) -> Tensor:
    """(E, 2C) sums over k of the products and of their fourth powers.

    Args:
        first: (E, C) of n logs of K behaviours.
        second: (E, C).
        place: (E,) of each edge in n matrices (K, K).
        shape: (n, K, K).
        chained: As in ``over_thirds``.
    """
    cells = math.prod(shape)
    squares = [
        torch.zeros(cells, x.shape[1]).index_copy(0, place, x).view(*shape, -1).permute(0, 3, 1, 2).contiguous()
        for x in (first, second)
    ]  # (n, C, K, K) each
    left = torch.cat([squares[0][:, :chained], squares[0][:, chained:].mT], dim=1)
    sums = left @ squares[1], _fourth(left) @ _fourth(squares[1])
    return torch.cat([x.permute(0, 2, 3, 1).reshape(cells, -1)[place] for x in sums], dim=1)


def _fourth(x: Tensor) -> Tensor:
    """The fourth power; two products take a fraction of the time of a power."""
    return x.square().square()


def _by_triangles(first: Tensor, second: Tensor, triangles: Tensor, reverse: Tensor, chained: int) -> Tensor:
    """The same from the list; ``reverse`` (E,) as in ``Structure``, counted like the list."""
    left = torch.cat([first[:, :chained], first[reverse][:, chained:]], dim=1)  # of i -> k, in forks of k -> i
    total, powers = torch.zeros_like(first), torch.zeros_like(first)
    for begin in range(0, triangles.shape[1], AT_ONCE):
        ij, ik, kj = triangles[:, begin : begin + AT_ONCE]
        products = left[ik] * second[kj]
        total = total.index_add(0, ij, products)
        powers = powers.index_add(0, ij, _fourth(products))
    return torch.cat([total, powers], dim=1)


def _triangles(candidates: Candidates, K: int) -> NDArray[np.int64]:
    """(3, T) as in ``Structure``."""
    row = np.full((K, K), -1, dtype=np.int32)
    row[candidates.cause, candidates.effect] = np.arange(len(candidates.cause))
    found = np.concatenate([np.zeros((3, 0), np.int64), *_around_each(row)], axis=1)
    return found[:, np.argsort(found[0], kind="stable")]


def _around_each(row: NDArray[np.int32]) -> Iterator[NDArray[np.int64]]:
    """(3, t) triangles over each third behaviour k; ``row`` (K, K) of each candidate, -1 where there is none."""
    for k in range(len(row)):
        to, away = np.flatnonzero(row[:, k] >= 0), np.flatnonzero(row[k] >= 0)
        i, j = np.meshgrid(to, away, indexing="ij")
        closed = row[i, j] >= 0
        yield np.stack([row[i, j][closed], row[i, k][closed], row[k, j][closed]]).astype(np.int64)
