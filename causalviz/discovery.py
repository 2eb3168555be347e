"""What was found in one log: every ordered pair's probability and effect, and how a network's judgement comes about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagCounts
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.calibration import sigmoid
from causalviz.model.decidability import Doubts, base_rate_of, draw_to_base_rate, reasons
from causalviz.model.effects import Effects
from causalviz.model.familiarity import Resemblance, resemblance
from causalviz.model.features import PairFeatures, known_rows

if TYPE_CHECKING:
    from causalviz.explain.evidence import Evidence
    from causalviz.explain.shapley import EdgeExplanation
    from causalviz.graph.causal_graph import CausalGraph, View
    from causalviz.graph.verdicts import History
    from causalviz.model.edge_model import EdgeModel

Known = tuple[str, str, bool]  # (cause, effect, whether it is an edge); a ``KnownEdge`` is one

UNSCORED_LOGIT = -4.6  # about 1 in 100, at most, for pairs that were no candidates


@dataclass(frozen=True, eq=False)
class Discovery:
    """What was found in one log; all matrices are (K, K), [cause, effect].

    Attributes:
        log_fingerprint: Of the log.
        counts: Its lag counts.
        features: What the network saw.
        probability: Calibrated probability of a direct influence; NaN on the diagonal, drawn to the base rate where
            the log cannot decide.
        scored: True where the network judged the pair; others have its lowest answer.
        doubts: Which pairs the log cannot decide.
        effects: Rate ratios, intervals, delays, attributed shares.
        model_id: Of the network that judged.
        resemblance: How the log compares with the network's worlds; None for a network that does not know them.
        seconds: Wall time of each stage.
        said: (E,) what the network was told of the candidates: 1 an edge, -1 none, 0 nothing; None for all 0.
    """

    log_fingerprint: str
    counts: LagCounts
    features: PairFeatures
    probability: NDArray[np.float64]
    scored: NDArray[np.bool_]
    doubts: Doubts
    effects: Effects
    model_id: str
    resemblance: Resemblance | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    said: NDArray[np.int8] | None = None

    @property
    def answer_id(self) -> str:
        """Of the network and of what it was told; with the log's fingerprint, equal for equal probabilities."""
        if self.said is None or not self.said.any():
            return self.model_id
        return f"{self.model_id}-{hashlib.blake2b(self.said.tobytes(), digest_size=8).hexdigest()}"

    @property
    def names(self) -> tuple[str, ...]:
        """The K behaviours, in code order."""
        return tuple(behaviour.name for behaviour in self.counts.behaviours)

    def table(self) -> pd.DataFrame:
        """Every ordered pair of distinct behaviours, most probable first.

        Columns: cause, effect, probability, effect_size (rate ratio), effect_low and effect_high (90 % interval),
        delay_s, sign, cause_count, effect_count, pairs, lift, attributed, offspring (further effects per cause), its
        90 % interval offspring_low and offspring_high, scored, reason.
        """
        return self._table.copy()

    def graph(self, history: History | None = None, view: View | None = None) -> CausalGraph:
        """The causal graph: the estimates, with verdicts laid over them.

        Args:
            history: The verdicts; None for none.
            view: Which edges count; None for those that are more likely than not.
        """
        from causalviz.graph.causal_graph import View, estimates_of, lay_over
        from causalviz.graph.verdicts import History

        return lay_over(self.names, estimates_of(self._table), history or History(), view or View())

    def explanation(self, model: EdgeModel, cause: str, effect: str) -> EdgeExplanation:
        """Why the network gives one pair its probability.

        Args:
            model: The network that judged.
            cause: Name of the cause.
            effect: Name of the effect.

        Raises:
            UnknownBehaviour: If a name is not among the behaviours.
        """
        from causalviz.explain.shapley import explain_edge

        return explain_edge(self.features, model, self.names, cause, effect, self.counts, self.said)

    def evidence(self, log: EventLog, cause: str, effect: str) -> Evidence:
        """What the log itself shows about one pair: lag curve, counts, example histories.

        Args:
            log: The log that this was found in.
            cause: Name of the cause.
            effect: Name of the effect.

        Raises:
            UnknownBehaviour: If a name is not among the behaviours.
        """
        from causalviz.explain.evidence import pair_evidence

        at = tuple(self.names.index(name) if name in self.names else 0 for name in (cause, effect))
        lowers = bool(self.effects.high[at] < 1)
        return pair_evidence(log, self.counts, cause, effect, float(self.effects.delay_s[at]), lowers)

    @cached_property
    def _table(self) -> pd.DataFrame:
        K = len(self.names)
        cause, effect = np.nonzero(~np.eye(K, dtype=bool))
        names = np.array(self.names, dtype=object)
        total = self.counts.total()
        events = total.events[0]
        pairs = total.pairs[0].sum(-1)
        expected = total.expected[0].sum(-1) / EXPECTED_SCALE
        at = (cause, effect)
        frame = pd.DataFrame(
            {
                "cause": names[cause],
                "effect": names[effect],
                "probability": self.probability[at],
                "effect_size": self.effects.rate_ratio[at],
                "effect_low": self.effects.low[at],
                "effect_high": self.effects.high[at],
                "delay_s": self.effects.delay_s[at],
                "sign": np.where(self.effects.rate_ratio[at] < 1, -1, 1),
                "cause_count": events[cause],
                "effect_count": events[effect],
                "pairs": pairs[at],
                "lift": (pairs[at] + 1) / (expected[at] + 1),
                "attributed": self.effects.attributed[at],
                "offspring": self.effects.offspring[at],
                "offspring_low": self.effects.offspring_low[at],
                "offspring_high": self.effects.offspring_high[at],
                "scored": self.scored[at],
                "reason": reasons(self.doubts, self.scored, self.names, events)[at],
            }
        )
        return frame.sort_values(
            ["probability", "cause", "effect"],
            ascending=[False, True, True],
            ignore_index=True,
            kind="stable",
        )


def judge_again(discovery: Discovery, model: EdgeModel, known: Sequence[Known] | None = None) -> Discovery:
    """The same discovery with the probabilities of another model; counting and fitting are not repeated.

    Args:
        discovery: Of the log.
        model: The network that judges now.
        known: Verdicts and rules of an expert; None for what the discovery was told before.
    """
    said = discovery.said if known is None else said_of(discovery.features, discovery.names, known)
    if said is None:
        said = said_of(discovery.features, discovery.names, ())
    probability, scored = judge(model, discovery.features, discovery.doubts, said)
    alike = likeness(model, discovery.features)
    return replace(discovery, probability=probability, scored=scored, model_id=model.id, resemblance=alike, said=said)


def said_of(features: PairFeatures, names: Sequence[str], known: Sequence[Known]) -> NDArray[np.int8]:
    """(E,) 1 where an expert accepted the candidate, -1 where one rejected it, 0 elsewhere."""
    said = np.zeros(len(features.edge), np.int8)
    for row, _, exists in known_rows(features, names, known):
        said[row] = 1 if exists else -1
    return said


def judge(
    model: EdgeModel, features: PairFeatures, doubts: Doubts, said: NDArray[np.int8]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(K, K) probabilities and which of them the network gave; the rest get its lowest answer."""
    K, at = len(doubts.twin), (features.cause, features.effect)
    logit = np.full((K, K), UNSCORED_LOGIT)
    scored = np.zeros((K, K), dtype=bool)
    logit[at] = model.logits(features, said)
    scored[at] = True
    logit[~scored] = logit[at].min(initial=UNSCORED_LOGIT)
    probability = sigmoid(draw_to_base_rate(logit, doubts.weight, base_rate_of(model.card)))
    np.fill_diagonal(probability, np.nan)
    return probability, scored


def likeness(model: EdgeModel, features: PairFeatures) -> Resemblance | None:
    """How a log compares with the network's worlds; None for a network that does not know them."""
    return None if model.familiarity is None else resemblance(model.familiarity, features)
