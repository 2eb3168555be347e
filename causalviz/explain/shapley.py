"""Shapley values of the arguments for one edge.

The network's calibrated log-odds f of a pair are a function of the pair's own features once the graph around it is
held still. The D features fall into g groups, one per argument. A coalition S of arguments is worth

    v(S) = mean over background pairs b of f(x_S, b_rest),

the groups in S as they are for this pair, the others as they are for another pair of the same log. The Shapley
value of an argument is its mean contribution v(S + argument) - v(S) over all orders in which the arguments may
speak (Shapley 1953; Lundberg & Lee 2017), so the values add up:  base + sum = f,  with the base v(no argument).

One pair is explained exactly, over all 2^g coalitions. All pairs together are explained over a few fixed orders,
each with its reverse (antithetic orders): the values still add up exactly, only the split between arguments is
sampled. The values of a panel are the mean of its members', and an argument to which a member is blind adds nothing to
its answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnknownBehaviour
from causalviz.explain.sentences import pair_facts, sentence_of
from causalviz.model.calibration import sigmoid
from causalviz.model.threads import one_core

if TYPE_CHECKING:
    from causalviz.lags import LagCounts
    from causalviz.model.edge_model import EdgeFunction, EdgeModel
    from causalviz.model.features import FeatureGroup, PairFeatures

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Logits = Callable[[Floats], Floats]  # features (n, D) -> log-odds (n,)

BACKGROUND = 12  # pairs of the log that stand for "any pair", from its least to its most probable
COALITIONS_AT_ONCE = 128  # x BACKGROUND rows go through the network together
ORDERS = 4  # of the arguments, each also reversed, when all pairs are explained
MAX_PAIRS = 1000  # explained for the overview; of more, as many that are evenly spaced from least to most probable

READ_BY: dict[str, str] = {  # the one column that says how strong an argument is, per group
    "lift": "lift:z short",
    "asymmetry": "asymmetry:log ratio short",
    "delay": "delay:short against long",
    "conditional": "conditional:t 0",
    "rate": "rate:t 0",
    "hawkes": "hawkes:gain beyond shuffled",
    "adjacent": "adjacent:follows log",
    "frequency": "frequency:chances",
    "reliability": "reliability:excess",
    "type": "type:same item",
    "self": "self:repeat of effect",
    "surprise": "surprise:together",
}


class Part(NamedTuple):
    """One argument about one pair.

    Attributes:
        group: Name of its feature group.
        label: The argument in an analyst's words.
        shap: What it adds to the log-odds.
        sentence: What it says about this pair, with the pair's own numbers.
        value: How strong the argument is here, in the unit of its feature.
    """

    group: str
    label: str
    shap: float
    sentence: str
    value: float


class EdgeExplanation(NamedTuple):
    """Why a pair has its probability: base_logit + sum of the parts' shap = logit.

    Attributes:
        cause: The behaviour.
        effect: The behaviour.
        base_logit: Mean log-odds when no argument of this pair is known; NaN where the network did not judge it.
        logit: Calibrated log-odds of the pair; NaN where the network did not judge it.
        probability: The same as a probability.
        parts: One per feature group, none where the network did not judge the pair.
    """

    cause: str
    effect: str
    base_logit: float
    logit: float
    probability: float
    parts: tuple[Part, ...]


class Importance(NamedTuple):
    """What the judgements on the E explained pairs rest on.

    Attributes:
        labels: g arguments in an analyst's words.
        groups: g names of their feature groups.
        edges: E pairs (cause, effect), from the least to the most probable.
        shap: (E, g) what each argument adds to the log-odds.
        values: (E, g) how strong each argument is, in the unit of its feature.
    """

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    shap: Floats
    values: Floats


def explain_edge(
    features: PairFeatures,
    model: EdgeModel,
    names: Sequence[str],
    cause: str,
    effect: str,
    counts: LagCounts,
    known: NDArray[np.int8] | None = None,
) -> EdgeExplanation:
    """Takes one pair's log-odds apart.

    Args:
        features: Of all candidate pairs of the log.
        model: The network that judged.
        names: The K behaviours, in code order.
        cause: One of them.
        effect: Another one.
        counts: Of the same log, for the sentences.
        known: (E,) what the network was told of the candidates, see ``EdgeModel.logits``; None for nothing.

    Returns:
        The exact Shapley values; no parts where the pair is not a candidate.

    Raises:
        UnknownBehaviour: If a name is not among the behaviours.
    """
    code = {name: number for number, name in enumerate(names)}
    for name in (cause, effect):
        if name not in code:
            raise UnknownBehaviour(f"The log has no behaviour {name!r}; choose another edge.")
    row = features.row(code[cause], code[effect])
    if row is None:
        return EdgeExplanation(cause, effect, math.nan, math.nan, math.nan, ())
    with one_core():
        logits = model.logits(features, known)
        others = evenly(logits, BACKGROUND)
        base, shap = _exact(
            _tabled(model.edge_function(features, row, known), features, row, others), len(features.groups)
        )
    facts = pair_facts(features, counts, code[cause], code[effect])
    parts = tuple(
        Part(group.name, group.label, float(phi), sentence_of(group.name, facts), float(value))
        for group, phi, value in zip(features.groups, shap, _readings(features)[row], strict=True)
    )
    return EdgeExplanation(cause, effect, base, float(logits[row]), float(sigmoid(logits[row])), parts)


def explain_all(
    features: PairFeatures,
    model: EdgeModel,
    names: Sequence[str],
    on_progress: Callable[[int, int], None] | None = None,
) -> Importance:
    """Takes the log-odds of all candidate pairs apart, for an overview.

    Args:
        features: Of the candidate pairs.
        model: The network that judged.
        names: The K behaviours, in code order.
        on_progress: Told (pairs done, pairs in all).

    Returns:
        Shapley values over a few orders, of all pairs, or of ``MAX_PAIRS`` evenly spaced ones.
    """
    groups = tuple(group.name for group in features.groups)
    labels = tuple(group.label for group in features.groups)
    with one_core():
        logits = model.logits(features)
        kept, others = evenly(logits, MAX_PAIRS), evenly(logits, BACKGROUND)
        functions = model.edge_functions(features, kept.tolist())
        shap = np.zeros((len(kept), len(groups)))
        for done, (row, function) in enumerate(zip(kept.tolist(), functions, strict=True)):
            members = function.members
            for number, member in enumerate(members):
                seen, worth = _seen_worth(member, features, row, others)
                orders = fixed_orders(len(seen), -(-ORDERS // len(members)), number)  # each has some of its own
                shap[done, seen] += _ordered(worth, orders) / len(members)
            if on_progress is not None:
                on_progress(done + 1, len(kept))
    edges = tuple((names[features.cause[row]], names[features.effect[row]]) for row in kept.tolist())
    return Importance(labels, groups, edges, shap, _readings(features)[kept])


def importance_among(importance: Importance, chosen: Bools) -> Importance:
    """The same of some pairs only.

    Args:
        importance: Of E pairs.
        chosen: (E,) which of them.
    """
    edges = tuple(edge for edge, kept in zip(importance.edges, chosen.tolist(), strict=True) if kept)
    return importance._replace(edges=edges, shap=importance.shap[chosen], values=importance.values[chosen])


def evenly(logits: Floats, n: int) -> NDArray[np.int64]:
    """At most n rows, evenly spaced over the sorted log-odds, both ends among them."""
    order = np.argsort(logits, kind="stable")
    return order[np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(np.int64)]


def _tabled(f: EdgeFunction, features: PairFeatures, row: int, others: NDArray[np.int64]) -> Logits:
    """v of the module's docstring, each member asked once about every coalition of the arguments that it sees."""
    tables = []
    for member in f.members:
        seen, worth = _seen_worth(member, features, row, others)
        coalitions = (np.arange(2 ** len(seen))[:, None] >> np.arange(len(seen))) & 1  # (2^n, n)
        parts = np.array_split(coalitions, -(-len(coalitions) // COALITIONS_AT_ONCE))
        tables.append((seen, np.concatenate([worth(part.astype(np.float64)) for part in parts])))

    def worth_of_all(switches: Floats) -> Floats:
        is_on = np.asarray(switches) > 0.5
        return np.mean([table[is_on[:, seen] @ (1 << np.arange(len(seen)))] for seen, table in tables], axis=0)

    return worth_of_all


def _seen_worth(
    member: EdgeFunction, features: PairFeatures, row: int, others: NDArray[np.int64]
) -> tuple[list[int], Logits]:
    """Places of the arguments that a member of the panel sees, and what their coalitions are worth to it."""
    seen = [place for place, group in enumerate(features.groups) if member.sees(group.columns)]
    return seen, _worth(member, features, row, others, [features.groups[place] for place in seen])


def _worth(
    f: Logits, features: PairFeatures, row: int, others: NDArray[np.int64], groups: Sequence[FeatureGroup]
) -> Logits:
    """v of the module's docstring: (n, g) switches, above 1/2 for "as it is", -> (n,) mean log-odds."""
    here = features.edge[row].astype(np.float64)  # (D,)
    background = features.edge[others].astype(np.float64)  # (B, D)
    columns = np.concatenate([np.array(group.columns, dtype=np.int64) for group in groups])
    group_of = np.repeat(np.arange(len(groups)), [len(group.columns) for group in groups])

    def worth(switches: Floats) -> Floats:
        is_on = np.zeros((len(switches), len(here)), dtype=bool)  # (n, D)
        is_on[:, columns] = (np.asarray(switches) > 0.5)[:, group_of]
        mixed = np.where(is_on[:, None, :], here, background)  # (n, B, D)
        return f(mixed.reshape(-1, len(here))).reshape(len(is_on), -1).mean(axis=1)

    return worth


def _exact(worth: Logits, g: int) -> tuple[float, Floats]:
    """Base and (g,) Shapley values over all 2^g coalitions."""
    shap = _interpreted_shap()
    # a function as masker: shap's own tabular one compiles for eight seconds in every new process
    explainer = shap.explainers.Exact(worth, lambda is_on, switches: (is_on * switches)[None])
    found = explainer(np.ones((1, g)), silent=True, batch_size=COALITIONS_AT_ONCE)
    return float(np.ravel(found.base_values)[0]), np.asarray(found.values[0], dtype=np.float64)


@cache
def _interpreted_shap() -> ModuleType:
    """The library with its compiled helpers as plain Python: compiling them took ten times as long as one edge."""
    import shap

    for name in ("shap.explainers._exact", "shap.utils._masked_model"):
        helpers = import_module(name)
        for title, helper in list(vars(helpers).items()):
            if hasattr(helper, "py_func"):
                setattr(helpers, title, helper.py_func)
    return shap


def _ordered(worth: Logits, orders: Sequence[Sequence[int]]) -> Floats:
    """(g,) Shapley values over some orders of g arguments."""
    g = len(orders[0])
    coalitions = np.zeros((len(orders), g + 1, g))
    for number, order in enumerate(orders):
        for place, argument in enumerate(order):
            coalitions[number, place + 1 :, argument] = 1.0
    values = worth(coalitions.reshape(-1, g)).reshape(len(orders), g + 1)
    shap = np.zeros(g)
    for order, steps in zip(orders, np.diff(values, axis=1), strict=True):
        shap[list(order)] += steps / len(orders)
    return shap


def fixed_orders(g: int, n: int = ORDERS, seed: int = 0) -> list[list[int]]:
    """n orders of g arguments, each also reversed; always the same ones of a seed."""
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(g).tolist() for _ in range(n)]
    return [order for forth in drawn for order in (forth, forth[::-1])]


def _readings(features: PairFeatures) -> Floats:
    """(E, g) the column that says how strong each argument is."""
    columns = [features.column_names.index(READ_BY[group.name]) for group in features.groups]
    return features.edge[:, columns].astype(np.float64)
