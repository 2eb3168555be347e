"""What an answer may be held against: a sample's own graph, a table of known edges, or an expert's verdicts.

A truth names its edges. A sample or a table speaks of all pairs, so what it does not name is no edge. An expert speaks
of the pairs that were judged, and of no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.evaluate.comparison import Matrices, matrices_of
from causalviz.events.raw import NO_CODE
from causalviz.events.rules import apply_rules

if TYPE_CHECKING:
    from causalviz.events.log import Behaviour
    from causalviz.events.rules import RawEvents, Rules
    from causalviz.graph.verdicts import History, Pair

Bools = NDArray[np.bool_]


class Truth(NamedTuple):
    """True edges, and the pairs of which the truth speaks; None for all pairs."""

    edges: frozenset[Pair]
    judged: frozenset[Pair] | None = None


class Case(NamedTuple):
    """An answer beside a truth, in one order of K behaviours.

    Attributes:
        names: The K behaviours, sorted.
        probability: (K, K) of the answer, [cause, effect], the diagonal 0.
        truth: (K, K).
        known: (K, K) True where the truth speaks; None for everywhere.
    """

    names: tuple[str, ...]
    probability: NDArray[np.float64]
    truth: Bools
    known: Bools | None = None

    def among(self, codes: NDArray[np.intp]) -> Case:
        """The same among some behaviours only."""
        at = np.ix_(codes, codes)
        known = None if self.known is None else self.known[at]
        return Case(tuple(self.names[k] for k in codes), self.probability[at], self.truth[at], known)


def case_of(table: pd.DataFrame, truth: Truth) -> Case:
    """Brings an answer and a truth together, as the command line does.

    Args:
        table: Every ordered pair with its probability, as ``Discovery.table`` has it.
        truth: What it is held against.

    Raises:
        UnknownBehaviour: If the truth has names that the table does not.
    """
    edges = pd.DataFrame(sorted(truth.edges), columns=["cause", "effect"])
    found: Matrices = matrices_of(table, edges)
    if truth.judged is None:
        return Case(*found)
    code = {name: place for place, name in enumerate(found.names)}
    known = np.zeros_like(found.truth)
    for cause, effect in truth.judged:
        known[code[cause], code[effect]] = True
    return Case(*found, known)


def truth_of_table(table: pd.DataFrame, edges: pd.DataFrame) -> Truth:
    """Reads a table of true edges, and checks it against the answer's behaviours.

    Raises:
        UnreadableGraph: If it lacks a column or a name.
        UnknownBehaviour: If it names behaviours that the answer does not have.
    """
    found = matrices_of(table, edges)
    return Truth(frozenset((found.names[i], found.names[j]) for i, j in zip(*found.truth.nonzero(), strict=True)))


def truth_of_verdicts(history: History, names: Iterable[str]) -> Truth:
    """The pairs that an expert judged; what was said of behaviours that are no more is passed over."""
    present = frozenset(names)
    judged = {pair: exists for pair, exists in history.rulings().items() if present >= set(pair)}
    return Truth(frozenset(pair for pair, exists in judged.items() if exists), frozenset(judged))


def truth_under_rules(behaviours: tuple[Behaviour, ...], truth: Bools, raw: RawEvents, rules: Rules) -> Truth:
    """A sample's graph in the behaviours that a project's rules make of it.

    What the rules merge has the edges of all that was merged; a path that runs through hidden behaviours only is a
    direct influence among the others.

    Args:
        behaviours: The V behaviours of the sample.
        truth: (V, V).
        raw: The sample's events, as they were read.
        rules: What counts as one behaviour.

    Raises:
        UnusableLog: If the rules leave fewer than two behaviours.
    """
    called = _called(raw, rules)
    now = [called.get((b.name, None) if b.item is None else (b.kind, b.item)) for b in behaviours]
    reach = truth.copy()
    for hidden in (code for code, name in enumerate(now) if name is None):
        reach |= np.outer(reach[:, hidden], reach[hidden])
    ends = ((now[i], now[j]) for i, j in zip(*reach.nonzero(), strict=True))
    return Truth(frozenset((a, b) for a, b in ends if a is not None and b is not None and a != b))


def _called(raw: RawEvents, rules: Rules) -> Mapping[tuple[str, str | None], str]:
    """What the rules make of each event type with its item; hidden ones are left out.

    The rules work on whole logs, so they are given one in which each event type with its item is a user.
    """
    n_items = len(raw.item_names) + 1
    item = np.full(raw.n_events, NO_CODE, np.int32) if raw.item is None else raw.item
    kinds, user = np.unique(raw.event.astype(np.int64) * n_items + item + 1, return_inverse=True)
    named = [
        (raw.event_names[event], (None, *raw.item_names)[at]) for event, at in zip(*divmod(kinds, n_items), strict=True)
    ]
    order = np.lexsort((item, raw.event, raw.time, user))
    probe = replace(
        raw,
        user=user[order],
        time=raw.time[order],
        event=raw.event[order],
        item=None if raw.item is None else item[order],
        category=None,
        user_names=tuple(f"{code:08d}" for code in range(len(kinds))),
    )
    whole = replace(rules, drop_duplicates=False, without_users=(), most_per_user=None, period=None)
    log = apply_rules(probe, whole)
    first = log.offsets[:-1]
    return {named[int(name)]: log.names[log.behaviour[at]] for name, at in zip(log.user_names, first, strict=True)}
