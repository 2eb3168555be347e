"""The single features of an argument in an analyst's words, and how the argument's weight falls on them.

An argument is a group of features that enter a coalition together. Its own Shapley value is split among its features
by letting them enter one after the other where the whole group would have entered (Owen 1977), over the same few
orders as in the overview of all pairs and over two orders within the group. What this sampling leaves over is laid on
the features in proportion to their weight, so that they add up to the argument exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.explain.sentences import WHEN, duration
from causalviz.explain.shapley import BACKGROUND, evenly, fixed_orders
from causalviz.model.threads import one_core

if TYPE_CHECKING:
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.features import FeatureGroup, PairFeatures

Floats = NDArray[np.float64]

SHORT = {"short": "at short lags", "middle": "at middle lags", "long": "at long lags"}
WORDS: dict[str, str] = {  # of features that no pattern names
    "lift:z short": "pairs beyond chance at short lags, in standard errors",
    "delay:short against long": "short lags against long ones",
    "delay:middle against long": "middle lags against long ones",
    "delay:centre": "how late the blamed effects come",
    "delay:peak": "how narrow the peak is",
    "conditional:t difference": "this way rather than the other, within the window",
    "conditional:t difference ever": "this way rather than the other, at any time before",
    "rate:t difference": "rate: this way rather than the other, within the window",
    "rate:t difference ever": "rate: this way rather than the other, at any time before",
    "hawkes:share steady": "share of the effect, steady background",
    "hawkes:share local": "share of the effect, background by the hour",
    "hawkes:offspring steady": "effects per cause, steady background",
    "hawkes:offspring local": "effects per cause, background by the hour",
    "hawkes:gain steady": "fit gained, steady background",
    "hawkes:gain local": "fit gained, background by the hour",
    "hawkes:blame beyond shuffled": "blame beyond shuffled histories",
    "hawkes:gain beyond shuffled": "fit gained beyond shuffled histories",
    "hawkes:gain against reverse": "fit gained beyond the other direction",
    "hawkes:gain over typical chance": "fit gained over what chance gains",
    "hawkes:gain under best cause": "fit gained, beside the best other cause",
    "hawkes:gain under best effect": "fit gained, beside the best other effect",
    "hawkes:offspring under best cause": "effects per cause, beside the best other cause",
    "hawkes:offspring under best effect": "effects per cause, beside the best other effect",
    "hawkes:share far": "share of the effect, looking far back",
    "hawkes:offspring far": "effects per cause, looking far back",
    "hawkes:gain far": "fit gained, looking far back",
    "hawkes:gain far per effect": "fit gained per effect, looking far back",
    "hawkes:gain far against reverse": "fit gained beyond the other direction, looking far back",
    "hawkes:gain far over typical": "fit gained over the usual cause, looking far back",
    "hawkes:gain far under best cause": "fit gained, beside the best other cause, looking far back",
    "hawkes:gain far under best effect": "fit gained, beside the best other effect, looking far back",
    "hawkes:far beyond": "share of the blame beyond the window",
    "hawkes:far centre": "how late the blamed effects come, looking far back",
    "hawkes:far peak": "how narrow the peak is, looking far back",
    "hawkes:share fading": "share of the effect, effects that fade",
    "hawkes:offspring fading": "effects per cause, effects that fade",
    "hawkes:gain fading": "fit gained, effects that fade",
    "hawkes:gain fading per effect": "fit gained per effect, effects that fade",
    "hawkes:gain fading against reverse": "fit gained beyond the other direction, effects that fade",
    "hawkes:gain fading over typical": "fit gained over the usual cause, effects that fade",
    "hawkes:gain fading under best cause": "fit gained, beside the best other cause, effects that fade",
    "hawkes:gain fading under best effect": "fit gained, beside the best other effect, effects that fade",
    "hawkes:fading centre": "how slowly the effects fade",
    "hawkes:fading peak": "how much the effects fade at one speed",
    "hawkes:share own": "share of the effect, each user's own background",
    "hawkes:offspring own": "effects per cause, each user's own background",
    "hawkes:gain own": "fit gained, each user's own background",
    "hawkes:gain own per effect": "fit gained per effect, each user's own background",
    "hawkes:gain own against reverse": "fit gained beyond the other direction, each user's own background",
    "hawkes:gain own over typical": "fit gained over the usual cause, each user's own background",
    "hawkes:gain own under best cause": "fit gained, beside the best other cause, each user's own background",
    "hawkes:gain own under best effect": "fit gained, beside the best other effect, each user's own background",
    "hawkes:gain own beside fading": "fit gained, beside one background for all users",
    "hawkes:background own": "background that remains if each user has their own",
    "adjacent:follows log": "direct follows over chance",
    "adjacent:follows z": "direct follows beyond chance, in standard errors",
    "adjacent:follows order": "directly after rather than directly before",
    "adjacent:tie share": "share of the effect in the same moment",
    "adjacent:tie of all": "same moment against direct follows",
    "frequency:cause": "events of the cause",
    "frequency:effect": "events of the effect",
    "frequency:users": "users of the rarer one",
    "frequency:chances": "pairs expected by chance",
    "reliability:excess": "pairs beyond chance, across groups of users",
    "reliability:order": "cause first rather than effect, across groups of users",
    "type:same item": "same item",
    "type:other item": "different items",
    "type:same kind": "same kind of behaviour",
    "self:repeat of cause": "repeats of the cause over chance",
    "self:repeat of effect": "repeats of the effect over chance",
    "self:own share of cause": "share of the cause that sets itself off",
    "self:own share of effect": "share of the effect that sets itself off",
    "self:background of effect": "share of the effect that nothing explains",
    "surprise:cause by user": "how far users stray from what is foretold of the cause",
    "surprise:effect by user": "how far users stray from what is foretold of the effect",
    "surprise:cause in time": "how far a user's quarters stray from what is foretold of the cause",
    "surprise:effect in time": "how far a user's quarters stray from what is foretold of the effect",
    "surprise:together": "same users with more of both than is foretold, in standard errors",
}
STATISTICS = {
    "t": "standard errors",
    "coefficient": "size",
    "steady t": "standard errors across users",
    "t over typical": "standard errors beyond the usual cause",
}


class SingleFeature(NamedTuple):
    """One feature of an argument: its words, and what it adds to the log-odds."""

    label: str
    shap: float


def feature_words(name: str, highs_s: Sequence[float]) -> str:
    """A feature in words.

    Args:
        name: "group:name", as in ``PairFeatures.column_names``.
        highs_s: Upper ends of the L lag bins, seconds.

    Example:
        >>> feature_words("lift:log 1", (10.0, 60.0))
        'pairs over chance, 10 s to 60 s later'
    """
    if name in WORDS:
        return WORDS[name]
    group, _, rest = name.partition(":")
    if found := re.fullmatch(r"(log|z|shape) (\d+)", rest):
        what = {
            ("lift", "log"): "pairs over chance", ("lift", "z"): "standard errors beyond chance",
            ("asymmetry", "z"): "cause first rather than effect", ("hawkes", "shape"): "share of the blamed effects",
        }.get((group, found[1]), rest)  # fmt: skip
        return f"{what}, {_when(int(found[2]), highs_s)}"
    if found := re.fullmatch(r"(t|coefficient|steady t|t over typical) (\d+)", rest):
        return f"{WHEN[int(found[2])]}: {STATISTICS[found[1]]}"
    if found := re.fullmatch(r"(log ratio|nearest) (short|middle|long)", rest):
        what = "cause first rather than effect" if found[1] == "log ratio" else "nearest earlier cause over chance"
        return f"{what}, {SHORT[found[2]]}"
    return rest


def split_argument(
    features: PairFeatures,
    model: EdgeModel,
    row: int,
    group: FeatureGroup,
    weight: float,
    highs_s: Sequence[float],
    known: NDArray[np.int8] | None = None,
) -> tuple[SingleFeature, ...]:
    """Splits one argument about one pair among its single features.

    Args:
        features: Of all candidate pairs of the log.
        model: The network that judged.
        row: Of the pair.
        group: The argument.
        weight: Its Shapley value, log-odds.
        highs_s: Upper ends of the L lag bins, seconds.
        known: (E,) what the network was told of the candidates; None for nothing.

    Returns:
        The features, the strongest first; they add up to ``weight``.
    """
    with one_core():
        others = evenly(model.logits(features, known), BACKGROUND)
        f = model.edge_function(features, row, known)
        here = features.edge[row].astype(np.float64)  # (D,)
        background = features.edge[others].astype(np.float64)  # (B, D)
        masks = _entries(features, group)  # (n, m + 1, D)
        mixed = np.where(masks.reshape(-1, 1, len(here)), here, background)  # (n (m + 1), B, D)
        worth = f(mixed.reshape(-1, len(here))).reshape(*masks.shape[:2], -1).mean(axis=2)  # (n, m + 1)
    steps, m = np.diff(worth, axis=1), len(group.columns)
    shap = (steps[0::2].mean(axis=0) + steps[1::2].mean(axis=0)[::-1]) / 2  # every other order enters backwards
    left, size = weight - float(shap.sum()), np.abs(shap)
    shap = shap + left * (size / size.sum() if size.sum() > 0 else np.full(m, 1.0 / m))
    told = [
        SingleFeature(feature_words(features.column_names[column], highs_s), float(value))
        for column, value in zip(group.columns, shap, strict=True)
    ]
    return tuple(sorted(told, key=lambda feature: -abs(feature.shap)))


def _entries(features: PairFeatures, group: FeatureGroup) -> NDArray[np.bool_]:
    """(n, m + 1, D) what is known while the group's m features enter, forwards and backwards, for each order."""
    place = next(number for number, one in enumerate(features.groups) if one.name == group.name)
    m, rows = len(group.columns), []
    for order in fixed_orders(len(features.groups)):
        before = np.zeros(features.edge.shape[1], dtype=bool)
        for number in order[: order.index(place)]:
            before[list(features.groups[number].columns)] = True
        for columns in (group.columns, group.columns[::-1]):
            entering = np.repeat(before[None], m + 1, axis=0)
            for entered, column in enumerate(columns, 1):
                entering[entered:, column] = True
            rows.append(entering)
    return np.stack(rows)


def _when(place: int, highs_s: Sequence[float]) -> str:
    high = duration(highs_s[place])
    return f"{duration(highs_s[place - 1])} to {high} later" if place else f"up to {high} later"
