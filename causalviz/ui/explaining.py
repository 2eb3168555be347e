"""Cached stages of the Explain page beyond the Shapley values: neighbours, what would flip an edge, single features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.compute import current_discovery, current_graph, current_history, current_model

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.explain.columns import SingleFeature
    from causalviz.explain.counterfactual import Counterfactual
    from causalviz.explain.neighbourhood import Neighbourhood
    from causalviz.explain.shapley import EdgeExplanation
    from causalviz.graph.verdicts import Pair
    from causalviz.model.edge_model import EdgeModel
    from causalviz.ui.session import Session

Key = tuple[str, ...]


def current_neighbourhood(session: Session, cause: str, effect: str) -> Neighbourhood | None:
    """What other edges do to one; None where the pair was not judged, or there is no log."""
    discovery = current_discovery(session)
    if discovery is None:
        return None
    return _neighbourhood(_key(discovery, cause, effect), discovery, current_model(session))


def current_counterfactual(session: Session, cause: str, effect: str) -> Counterfactual | None:
    """What would flip one edge; None where it was not judged, the log cannot decide it, or there is no log."""
    discovery = current_discovery(session)
    if discovery is None:
        return None
    return _counterfactual(_key(discovery, cause, effect), discovery, current_model(session))


def current_features(session: Session, explanation: EdgeExplanation, group: str) -> tuple[SingleFeature, ...]:
    """The single features of one argument about one pair; none before a log was chosen."""
    discovery = current_discovery(session)
    weight = next((part.shap for part in explanation.parts if part.group == group), None)
    if discovery is None or weight is None:
        return ()
    key = _key(discovery, explanation.cause, explanation.effect)
    return _features((*key, group), discovery, current_model(session), weight)


def lag_ends_s(session: Session) -> tuple[float, ...]:
    """Upper ends of the lag bins, seconds; none before a log was chosen."""
    discovery = current_discovery(session)
    return () if discovery is None else tuple(map(float, discovery.counts.grid.highs_s))


def drawn_pairs(session: Session) -> frozenset[Pair]:
    """The edges that are drawn and not denied."""
    graph = current_graph(session)
    return frozenset(edge.pair for edge in (graph.edges if graph else ()) if not edge.denied)


def ruled_pairs(session: Session) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """The pairs that an expert asserted, and those that one denied."""
    rulings = current_history(session).rulings()
    asserted = frozenset(pair for pair, exists in rulings.items() if exists)
    return asserted, frozenset(rulings) - asserted


def _key(discovery: Discovery, cause: str, effect: str) -> Key:
    return discovery.log_fingerprint, discovery.answer_id, cause, effect


def _row(discovery: Discovery, pair: Key) -> tuple[int, int, int | None]:
    i, j = (discovery.names.index(name) for name in pair)
    return i, j, discovery.features.row(i, j)


@st.cache_resource(max_entries=128, show_spinner="Asking what other edges do to it")
def _neighbourhood(key: Key, _discovery: Discovery, _model: EdgeModel) -> Neighbourhood | None:
    from causalviz.explain.neighbourhood import neighbourhood

    return neighbourhood(_discovery.features, _model, _discovery.names, key[-2], key[-1], _discovery.said)


@st.cache_resource(max_entries=128, show_spinner=False)
def _counterfactual(key: Key, _discovery: Discovery, _model: EdgeModel) -> Counterfactual | None:
    from causalviz.explain.counterfactual import counterfactual, flips_at
    from causalviz.model.decidability import base_rate_of

    i, j, row = _row(_discovery, key[-2:])
    level = flips_at(float(_discovery.doubts.weight[i, j]), base_rate_of(_model.card))
    if row is None or level is None:
        return None
    return counterfactual(_discovery.features, _model, row, _discovery.said, level)


@st.cache_resource(max_entries=256, show_spinner=False)
def _features(key: Key, _discovery: Discovery, _model: EdgeModel, weight: float) -> tuple[SingleFeature, ...]:
    from causalviz.explain.columns import split_argument

    row = _row(_discovery, key[2:4])[2]
    if row is None:
        return ()
    group = next(group for group in _discovery.features.groups if group.name == key[-1])
    ends = _discovery.counts.grid.highs_s
    return split_argument(_discovery.features, _model, row, group, weight, ends, _discovery.said)
