"""What an expert should look at: where data and expert disagree, and whose verdict would teach most.

*Disagreements* are the pairs where what an expert said, by a verdict or a rule, stands against what the log says now;
verdicts outlive the data that they were given on, so new data bring new ones. They stand in order of their stake,

    stake = distance * events,   distance = |logit p|,   events = |offspring| * events of the cause,

how far the log-odds lie on the other side of even, times how many of the effect's events the cause sets off, or
prevents, in the whole log (at least one: a claim is worth a look even where the log sees nothing). Pairs that the log
cannot decide are no disagreement: there the data say nothing.

The *review queue* are the pairs of which the model is least sure (not below ``LEAST_ENTROPY``), ``QUEUE_LENGTH`` at
most, whether they were ruled on or not, in the order of their worth,

    worth = H(p) * influence,   influence = sum over all other open pairs f of |p_f(+) - p_f(-)|,

H the entropy in bits, and p_f(+), p_f(-) what the network says of f when it is told that the pair is an edge, and that
it is none: two passes through the network for each pair, exact and not an approximation. What is open, and so the
progress, follows the verdicts; the queue itself changes only with the log, the model and what the model is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.graph.knowledge import Knowledge
from causalviz.graph.verdicts import ASSERTED, History, Pair, Ruling, Standing
from causalviz.model.calibration import sigmoid
from causalviz.model.decidability import Doubts, base_rate_of, draw_to_base_rate

if TYPE_CHECKING:
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.features import PairFeatures

QUEUE_LENGTH = 30  # pairs of one queue: an hour's work, and seconds to find; half a minute with 200 behaviours
LEAST_ENTROPY = 0.141  # bits, of probabilities of 2 and 98 %: of surer pairs nobody need be asked
MOVED = 0.05  # a change of a probability that an analyst would notice
SURE = 1e-6  # no log-odds are taken beyond this probability

Floats = NDArray[np.float64]


class Disagreement(NamedTuple):
    """One pair where data and expert disagree.

    Attributes:
        cause: Of the pair.
        effect: Of the pair.
        exists: What the expert says.
        by: Whether a verdict or a rule says so.
        who: The verdict's author, or the rule as a clause.
        at: When the verdict was given, ISO 8601; empty for a rule.
        probability: What the log says.
        distance: |logit p|.
        events: Of the effect that the cause sets off or prevents.
        stake: See the module.
    """

    cause: str
    effect: str
    exists: bool
    by: Literal["verdict", "rule"]
    who: str
    at: str
    probability: float
    distance: float
    events: float
    stake: float


class Question(NamedTuple):
    """One pair of the review queue.

    Attributes:
        cause: Of the pair.
        effect: Of the pair.
        probability: What the model says.
        entropy: Of that, in bits.
        influence: Sum of the changes of the other pairs' probabilities between the two possible verdicts.
        moved: How many other pairs change by ``MOVED`` or more.
        worth: entropy * influence.
    """

    cause: str
    effect: str
    probability: float
    entropy: float
    influence: float
    moved: int
    worth: float

    @property
    def pair(self) -> Pair:
        """(cause, effect)."""
        return self.cause, self.effect


class Progress(NamedTuple):
    """Where a reviewer stands: the open questions in their order, and how many of all are answered."""

    open: tuple[Question, ...]
    answered: int
    total: int


class _Said(NamedTuple):
    exists: bool
    by: Literal["verdict", "rule"]
    who: str
    at: str


def disagreements(
    table: pd.DataFrame, history: History, knowledge: Knowledge | None = None
) -> tuple[Disagreement, ...]:
    """Finds the pairs where data and expert disagree.

    Args:
        table: Of the discovery, with the columns ``cause, effect, probability, cause_count, offspring, reason``.
        history: All verdicts; behaviours that the table lacks are passed over.
        knowledge: The rules, which come before the verdicts; None for the history's own.

    Returns:
        The highest stake first; equal ones by name.
    """
    knowledge = history.knowledge if knowledge is None else knowledge
    told = {pair: standing for pair, standing in history.standing().items() if standing.ruling is not Ruling.NONE}
    probability = table["probability"].to_numpy(np.float64)
    pairs = list(zip(table["cause"], table["effect"], strict=True))
    asserted = {pair for pair, standing in told.items() if standing.ruling in ASSERTED} | set(knowledge.required)
    found = []
    for row in np.flatnonzero((table["reason"] == "").to_numpy() & np.isfinite(probability)):
        pair, p = pairs[row], float(probability[row])
        if p <= 0.5 and pair not in asserted:
            continue
        said = _said(pair, knowledge, told)
        if said is not None and (p < 0.5 if said.exists else p > 0.5):
            found.append(_disagreement(pair, said, p, _events(table.iloc[row])))
    return tuple(sorted(found, key=lambda one: (-one.stake, one.cause, one.effect)))


def review_queue(
    model: EdgeModel,
    features: PairFeatures,
    doubts: Doubts,
    names: Sequence[str],
    said: NDArray[np.int8],
    knowledge: Knowledge | None = None,
    *,
    after: Collection[Pair] = (),
    length: int = QUEUE_LENGTH,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Question, ...]:
    """Finds the pairs whose verdict would teach the model most.

    Args:
        model: The network that judges.
        features: Of the E candidates.
        doubts: What the log cannot decide.
        names: The K behaviours, in code order.
        said: (E,) what the model is told: 1 an edge, -1 none, 0 nothing.
        knowledge: Rules; pairs that they decide are never asked about.
        after: Pairs of earlier queues, which are not asked about again.
        length: How many pairs at most.
        on_progress: Told (pairs done, pairs in all).

    Returns:
        The worthiest first; equal ones by name.
    """
    pairs = [(names[c], names[e]) for c, e in zip(features.cause.tolist(), features.effect.tolist(), strict=True)]
    decided = np.array([knowledge is not None and knowledge.decision(*pair) is not None for pair in pairs], dtype=bool)
    asked = frozenset(after)
    believed = _judge(model, features, doubts)
    p = believed(said)  # (E,)
    entropy = _entropy(p)
    askable = ~decided & (entropy >= LEAST_ENTROPY) & np.array([pair not in asked for pair in pairs], dtype=bool)
    rows = [row for row in np.argsort(-entropy, kind="stable").tolist() if askable[row]][:length]
    questions = []
    for done, row in enumerate(rows):
        changes = _changes(believed, said, row)
        changes[decided | (said != 0)] = 0.0
        cause, effect = pairs[row]
        bits, influence, moved = float(entropy[row]), float(changes.sum()), int((changes >= MOVED).sum())
        questions.append(Question(cause, effect, float(p[row]), bits, influence, moved, bits * influence))
        if on_progress is not None:
            on_progress(done + 1, len(rows))
    return tuple(sorted(questions, key=lambda one: (-one.worth, one.cause, one.effect)))


def progress_of(queue: Iterable[Question], history: History, skipped: Sequence[Pair] = ()) -> Progress:
    """What of a queue is left to do.

    Args:
        queue: Of all questions.
        history: A pair with a ruling is answered.
        skipped: Pairs that were put off, in that order; they come again after all others.
    """
    questions = tuple(queue)
    standing = history.standing()
    left = [one for one in questions if one.pair not in standing or standing[one.pair].ruling is Ruling.NONE]
    turn = {pair: number for number, pair in enumerate(skipped, 1)}
    ordered = tuple(sorted(left, key=lambda one: turn.get(one.pair, 0)))
    return Progress(ordered, len(questions) - len(left), len(questions))


def told_by_verdicts(history: History, entries: int) -> tuple[tuple[str, str, bool], ...]:
    """(cause, effect, whether it exists) of what stood after the first entries of a history."""
    return tuple((*pair, exists) for pair, exists in history.first(entries).rulings().items())


def _said(pair: Pair, knowledge: Knowledge, told: Mapping[Pair, Standing]) -> _Said | None:
    """What the expert says of a pair, rules first."""
    decision, standing = knowledge.decision(*pair), told.get(pair)
    if decision is not None:
        return _Said(decision.exists, "rule", decision.reason, "")
    return None if standing is None else _Said(standing.ruling in ASSERTED, "verdict", standing.author, standing.at)


def _disagreement(pair: Pair, said: _Said, probability: float, events: float) -> Disagreement:
    sure = min(max(probability, SURE), 1 - SURE)
    distance = abs(math.log(sure / (1 - sure)))
    cause, effect = pair
    return Disagreement(
        cause,
        effect,
        said.exists,
        said.by,
        said.who,
        said.at,
        probability,
        distance,
        events,
        distance * max(events, 1.0),
    )


def _events(row: pd.Series) -> float:
    """Events of the effect that the cause sets off or prevents; 0 where the log does not tell.

    No more are set off than there are; prevented ones may be more.
    """
    offspring = float(row["offspring"])
    events = abs(offspring) * float(row["cause_count"])
    if not math.isfinite(events):
        return 0.0
    return min(events, float(row["effect_count"])) if offspring > 0 else events


def _judge(model: EdgeModel, features: PairFeatures, doubts: Doubts) -> Callable[[NDArray[np.int8]], Floats]:
    """(E,) probabilities, after doubt, as a function of what the model is told."""
    weight, base_rate = doubts.weight[features.cause, features.effect], base_rate_of(model.card)
    alone = model.logits(features)

    def believed(said: NDArray[np.int8]) -> Floats:
        return sigmoid(draw_to_base_rate(model.logits(features, said, alone), weight, base_rate))

    return believed


def _changes(believed: Callable[[NDArray[np.int8]], Floats], said: NDArray[np.int8], row: int) -> Floats:
    """(E,) by how much each probability differs between the two verdicts on one pair; 0 for itself."""
    yes, no = said.copy(), said.copy()
    yes[row], no[row] = 1, -1
    changes = np.abs(believed(yes) - believed(no))
    changes[row] = 0.0
    return changes


def _entropy(p: Floats) -> Floats:
    """Bits; of any shape."""
    sure = np.clip(p, SURE, 1 - SURE)
    return np.asarray(-(sure * np.log2(sure) + (1 - sure) * np.log2(1 - sure)))
