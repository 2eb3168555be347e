"""Because: which past behaviours, how long ago, through which edges, make a behaviour likely now.

The log rate of a behaviour is a sum, so each part is a factor by itself: a cause that happened 3 minutes ago may
multiply the rate by 4, a behaviour's own latest event may halve it, and what this user does more than others, or did
but a few events ago, is a factor of its own. Their product, times what is usual for anybody, is the rate; nothing else
enters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError
from causalviz.recommend.rates import Rates, habits_of, recencies_of, tempos_of
from causalviz.recommend.states import States

Floats = NDArray[np.float64]
Kind = Literal["edge", "unsure", "itself", "recency", "habit", "activity"]

UNCAUSED = "no cause in the graph; the sequence model expects it"
DRIVEN = 1.5  # times the causal rates' chance, from which on it is the sequence model that expects a behaviour
LEAST_FACTOR = 1.01  # a reason that moves the rate by less, either way, is none


@dataclass(frozen=True, slots=True)
class Reason:
    """One factor of a behaviour's rate.

    Attributes:
        kind: Through an edge, through a pair that is too unsure to be drawn, from its own latest event by time, or
            counted in the user's events since, from the user's habits, or from the user's tempo.
        cause: The past behaviour's name; the behaviour's own for the other kinds.
        ago_s: How long ago it last happened, seconds; infinite where it never did.
        times: How often it has happened so far.
        since: How many events of the user came after it; -1 if it never happened.
        factor: By which the rate is multiplied; below 1 it is lowered.
    """

    kind: Kind
    cause: str
    ago_s: float
    times: int
    since: int
    factor: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """One recommended behaviour.

    Attributes:
        behaviour: Its name.
        chance: Of being the next, or of happening within the horizon.
        by_causes: The same as the causal rates alone have it; another one where a sequence model stands beside them.
        usual: The chance for somebody of usual habits who did neither its causes nor itself lately, others unchanged.
        reasons: The strongest first.
    """

    behaviour: str
    chance: float
    by_causes: float
    usual: float
    reasons: tuple[Reason, ...]

    @property
    def is_uncaused(self) -> bool:
        """Whether the sequence model alone drives it: no edge raises it, and the causal rates expect far less."""
        raised = any(why.kind in ("edge", "unsure") and why.factor > 1 for why in self.reasons)
        return not raised and self.chance >= DRIVEN * self.by_causes


def predict(rates: Rates, state: States, top: int = 5, expected: Floats | None = None) -> tuple[Prediction, ...]:
    """The most likely behaviours of one user, with their reasons.

    Args:
        rates: Fitted.
        state: One state.
        top: How many behaviours.
        expected: (K,) chances by which they are ranked, such as those of a sequence model; None for the rates' own.

    Returns:
        The most likely first.

    Raises:
        SettingsError: If fewer than one behaviour is asked for.
        ValueError: If there is not exactly one state.
    """
    if top < 1:
        raise SettingsError(f"At least one behaviour can be recommended (got {top}).")
    if len(state) != 1:
        raise ValueError(f"reasons are those of one state (got {len(state)})")
    causal = rates.chances(state)[0]
    chance = causal if expected is None else expected
    return tuple(_prediction(rates, state, int(j), chance, causal) for j in best(chance[None], top)[0])


def best(chances: Floats, top: int) -> NDArray[np.int64]:
    """(S, top) codes of the largest chances of each row, the largest first; of equal ones the lower code first."""
    top = min(top, chances.shape[1])
    return np.argsort(-chances, axis=1, kind="stable")[:, :top]


def strongest_causes(rates: Rates, states: States, picks: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """The past behaviour that raises each pick most over an edge.

    Args:
        rates: Fitted.
        states: S states.
        picks: (S, T) codes of behaviours.

    Returns:
        (S, T) code of the cause, -1 where none raises it; (S, T) the factor by which it does, 1 where there is none.
    """
    cause, factor = np.full(picks.shape, -1), np.ones(picks.shape)
    for effect in np.unique(picks).tolist():
        row, place = np.nonzero(picks == effect)
        edges = np.flatnonzero((rates.effect == effect) & (rates.cause != effect))
        if not len(edges):
            continue
        age = states.age[np.ix_(row, rates.cause[edges])]  # (rows, edges)
        raised = rates.weight[edges[None, :], age]
        most = raised.argmax(axis=1)
        by = raised[np.arange(len(row)), most]
        is_cause = by >= np.log(LEAST_FACTOR)
        cause[row, place] = np.where(is_cause, rates.cause[edges][most], -1)
        factor[row, place] = np.where(is_cause, np.exp(by), 1.0)
    return cause, factor


def _prediction(rates: Rates, state: States, effect: int, chance: Floats, causal: Floats) -> Prediction:
    reasons = _reasons(rates, state, effect)
    moved = sum(np.log(reason.factor) for reason in reasons)
    odds = causal[effect]
    if rates.horizon_s is None:
        without = odds * np.exp(-moved)
        usual = without / max(without + 1 - odds, 1e-300)
    else:
        usual = -np.expm1(np.log1p(-min(odds, 1 - 1e-15)) * np.exp(-moved))
    told = tuple(reason for reason in reasons if abs(np.log(reason.factor)) >= np.log(LEAST_FACTOR))
    return Prediction(rates.names[effect], float(chance[effect]), float(odds), float(usual), told)


def _reasons(rates: Rates, state: States, effect: int) -> list[Reason]:
    """All factors of one behaviour's rate, the strongest first."""
    age, seen_s, count, since = state.age[0], state.seen_s[0], state.count[0], state.since[0]

    def reason(kind: Kind, cause: int, log_factor: float) -> Reason:
        moved = float(np.exp(log_factor))
        return Reason(kind, rates.names[cause], float(seen_s[cause]), int(count[cause]), int(since[cause]), moved)

    found = [
        reason(_kind(rates, edge), cause, rates.weight[edge, age[cause]])
        for edge in np.flatnonzero(rates.effect == effect).tolist()
        for cause in [int(rates.cause[edge])]
        if age[cause] < rates.weight.shape[1] - 1
    ]
    found.append(reason("recency", effect, rates.again[recencies_of(state)[0, effect]]))
    habit = habits_of(state, rates.share, rates.habit_events)[0, effect] - np.log(rates.share[effect])
    found.append(reason("habit", effect, rates.habit * habit))
    if rates.activity:
        found.append(reason("activity", effect, rates.activity * tempos_of(state, rates.tempo)[0]))
    return sorted(found, key=lambda one: (-abs(np.log(one.factor)), one.cause))


def _kind(rates: Rates, edge: int) -> Kind:
    if rates.cause[edge] == rates.effect[edge]:
        return "itself"
    return "edge" if rates.chance[edge] == 1 else "unsure"
