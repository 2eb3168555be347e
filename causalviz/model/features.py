"""Features of the pairs: what the network sees, and what the explanations speak of.

Every column (``causalviz.model.columns``) belongs to one group, and every group can be said in an analyst's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causalviz.model.candidates import Candidates, choose_candidates
from causalviz.model.columns import behaviour_columns, pair_columns
from causalviz.model.evidence import Evidence

FORMER_WIDTHS = (108, 119, 124)  # columns of earlier versions, whose models still read them: the first of today's

GROUP_LABELS: Mapping[str, str] = {
    "lift": "follows more often than by chance",
    "asymmetry": "order: before rather than after",
    "delay": "shape of the lag curve",
    "conditional": "still predicts with all others held fixed",
    "rate": "changes how often the effect comes, all others held fixed",
    "hawkes": "share of the effect blamed on the cause",
    "adjacent": "directly follows, or falls together",
    "frequency": "how often both happen",
    "reliability": "how steady across users",
    "type": "same item or same kind of behaviour",
    "self": "repeats of the cause or the effect itself",
    "surprise": "how well causes alone foretell who does what",
}


@dataclass(frozen=True, slots=True)
class FeatureGroup:
    """Columns that stand for one argument: ``label`` says it in an analyst's words."""

    name: str
    label: str
    columns: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PairFeatures:
    """What the network sees of one log.

    Attributes:
        candidates: The E scored pairs.
        edge: (E, D) float32, features of the pairs.
        node: (K, F) float32, features of the behaviours and of the log.
        column_names: D names, "group:name".
        groups: The groups of the D columns.
    """

    candidates: Candidates
    edge: NDArray[np.float32]
    node: NDArray[np.float32]
    column_names: tuple[str, ...]
    groups: tuple[FeatureGroup, ...]

    @property
    def cause(self) -> NDArray[np.int64]:
        """(E,) codes of the causes."""
        return self.candidates.cause

    @property
    def effect(self) -> NDArray[np.int64]:
        """(E,) codes of the effects."""
        return self.candidates.effect

    def row(self, cause: int, effect: int) -> int | None:
        """The row of one pair, or None where it is not a candidate."""
        found = np.flatnonzero((self.cause == cause) & (self.effect == effect))
        return int(found[0]) if len(found) else None


def known_rows(
    features: PairFeatures, names: Sequence[str], known: Iterable[tuple[str, str, bool]]
) -> list[tuple[int, tuple[str, str], bool]]:
    """(row, pair, whether it exists) of each known pair; unknown names and pairs that are no candidates are left out.

    Args:
        features: Of the log.
        names: Its K behaviours.
        known: (cause, effect, whether it exists).
    """
    code = {name: number for number, name in enumerate(names)}
    found = [(features.row(code.get(c, -1), code.get(e, -1)), (c, e), exists) for c, e, exists in known]
    return [(row, pair, exists) for row, pair, exists in found if row is not None]


def pair_features(evidence: Evidence) -> PairFeatures:
    """Turns evidence into the network's input.

    Returns:
        Features over the candidates; finite everywhere.
    """
    matrices = pair_columns(evidence)
    suspicion = matrices["hawkes:gain beyond shuffled"] + 0.2 * matrices["lift:z short"]
    candidates = choose_candidates(suspicion)
    names = tuple(matrices)
    edge = np.stack([matrices[name][candidates.cause, candidates.effect] for name in names], axis=1)
    return PairFeatures(
        candidates, edge.astype(np.float32), behaviour_columns(evidence).astype(np.float32), names, groups_of(names)
    )


def groups_of(columns: Sequence[str]) -> tuple[FeatureGroup, ...]:
    """The groups of D columns named "group:name", in the order of ``GROUP_LABELS``."""
    return tuple(
        FeatureGroup(group, label, tuple(c for c, name in enumerate(columns) if name.partition(":")[0] == group))
        for group, label in GROUP_LABELS.items()
    )
