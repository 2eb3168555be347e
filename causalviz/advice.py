"""A log's recommendations, from its events to tables: the headless twin of the Recommend page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from causalviz.discovery import Discovery
from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.events.raw import RawEvents
from causalviz.forecasting import compare_recommenders, sequence_methods
from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.verdicts import History
from causalviz.item_forecasting import compare_items
from causalviz.model.direct import kept_away, once_more
from causalviz.model.prevention import fit_preventions, told_preventions
from causalviz.model.repeats import fit_both
from causalviz.model.stays import fit_stays, own_stays
from causalviz.pipeline import discover
from causalviz.recommend.drawn import doubtful_chances, drawn_mask, edge_chances, kind_mask
from causalviz.recommend.influence import Doubtful, Influence, Ways
from causalviz.recommend.item_states import ItemEvents
from causalviz.recommend.items import fit_items
from causalviz.recommend.promotion import next_actions, promote
from causalviz.recommend.rates import fit_rates
from causalviz.recommend.reasons import predict
from causalviz.recommend.states import now
from causalviz.recommend.tables import (
    actions_table,
    all_changes,
    items_table,
    mixed_table,
    predictions_table,
    promotions_table,
    reasons_table,
)

if TYPE_CHECKING:
    from causalviz.model.adapted import KnownEdge
    from causalviz.recommend.sequence import SequenceModel


def influence_of(
    log: EventLog, discovery: Discovery, graph: CausalGraph, *, on_progress: Callable[[int, int], None] | None = None
) -> Influence:
    """The direct effects that a discovery gives to the edges of a graph over it, and each behaviour's repeats.

    Args:
        log: That the discovery was made in.
        discovery: Of all pairs.
        graph: As it is curated.
        on_progress: Told (steps done, in all) of the fit of the repeats.
    """
    from causalviz.model.amounts import direct_effects, load_amounts, repeat_rows

    effects, total = discovery.effects, discovery.counts.total()
    grid, drawn = discovery.counts.grid, drawn_mask(graph)
    fits, amounts = fit_both(log, grid, drawn, on_progress=on_progress), load_amounts()
    repeats = amounts.own(repeat_rows(discovery.features, fits, grid))
    direct = direct_effects(effects, discovery.features, fits, drawn, repeats, amounts)
    doubtful = Doubtful(doubtful_chances(graph), np.maximum(direct.offspring, 0.0))
    preventions = fit_preventions(log, grid, drawn, effects)
    readings = ((preventions, fit_stays(log, grid.edges[-1])), (told_preventions(drawn, effects), own_stays(log)))
    happened = kept_away(direct.within(drawn, repeats), preventions, log)
    return Influence(
        graph.behaviours,
        Ways(happened, doubtful),
        Ways(once_more(happened, readings, log), doubtful),
        total.events[0].astype(np.float64),
        total.users_with[0].astype(np.float64),
        int(total.users[0]),
    )


def user_history(log: EventLog, user: int) -> EventLog:
    """One user's history as a log of its own, over the same behaviours."""
    return log.take_users(np.array([user], dtype=np.intp))


def typed_history(log: EventLog, events: Sequence[tuple[str, float]]) -> EventLog:
    """A history that somebody made up, as a log over the same behaviours.

    Args:
        log: Whose behaviours may be named.
        events: (behaviour, how many seconds before now) of each event.

    Raises:
        SettingsError: If there is no event, a behaviour is none of the log's, or a time lies ahead.
    """
    code = {name: place for place, name in enumerate(log.names)}
    if not events:
        raise SettingsError("A history needs at least one event; add what the user did.")
    for name, ago_s in events:
        if name not in code:
            raise SettingsError(f"The log has no behaviour {name!r}; choose one that it has.")
        if not (np.isfinite(ago_s) and ago_s >= 0):
            raise SettingsError(f"{name!r} is said to lie {ago_s} s back; give a time of 0 s or more.")
    end = int(log.time.max())
    time = np.array([end - round(ago_s * TICKS_PER_S) for _, ago_s in events], dtype=np.int64)
    marks = np.array([code[name] for name, _ in events], dtype=np.int32)
    return EventLog.from_columns(np.zeros(len(events), np.int32), time, marks, log.behaviours, ["typed"])


def advise(
    log: EventLog,
    *,
    known: Sequence[KnownEdge] = (),
    goal: str | None = None,
    user: str | None = None,
    horizon_s: float | None = None,
    top: int = 5,
    test: bool = True,
    transformer: bool = False,
    raw: RawEvents | None = None,
) -> dict[str, pd.DataFrame]:
    """Everything that the Recommend page shows.

    Args:
        log: The events.
        known: Verdicts of an expert: they inform the graph, and are laid over it.
        goal: Name of a behaviour that is wished for; None leaves its tables out.
        user: Name of the only user of interest, whose reasons are told too; None for all users, without reasons.
        horizon_s: How far to look ahead, seconds; None for whatever comes next.
        top: How many behaviours for each user.
        test: Whether the recommenders are compared with baselines on held-out time.
        transformer: Whether a transformer is trained too, which takes minutes: what comes next is then told by its
            mixture with the causal rates (but within a horizon, which it does not know), and the test has it.
        raw: The events of which the log was made, if they have items, so that these are recommended too.

    Returns:
        By name: ``next``, ``reasons`` (of one user), ``promote`` and ``actions`` (with a goal), ``what_if``,
        ``evaluation``; with items ``items`` and ``items_evaluation``, where users come back often enough for them;
        these are the items that get the goal's event type next, where it is one that happens to items.

    Raises:
        CausalVizError: If the log, a name or a number cannot be used.
    """
    if top < 1:
        raise SettingsError(f"At least one behaviour can be recommended (got {top}).")
    if user is not None and user not in log.user_names:
        raise SettingsError(f"The log has no user {user!r}; give an id that it has.")
    found = discover(log, known=known)
    history = History.of_table(known)
    graph = found.graph(history)
    influence = influence_of(log, found, graph)
    rates = fit_rates(log, found.counts.grid, edge_chances(graph), horizon_s=horizon_s)
    read = log if user is None else user_history(log, log.user_names.index(user))
    states = now(read, found.counts.grid)
    mixture = _mixture(log, found, graph) if transformer and horizon_s is None else None
    expected = None if mixture is None else mixture.chances(read, states)
    if expected is None:
        tables = {"next": predictions_table(rates, states, read.user_names, top)}
    else:
        tables = {"next": mixed_table(rates, expected, states, read.user_names, top)}
    if user is not None:
        tables["reasons"] = reasons_table(predict(rates, states, top, None if expected is None else expected[0]))
    if goal is not None:
        tables["promote"] = promotions_table(promote(influence, goal), goal)
        actions = next_actions(influence, goal, rates.chances(states))
        tables["actions"] = actions_table(actions, states, read.user_names, goal)
    if influence.happened.totals is not None:
        tables["what_if"] = all_changes(influence)
    if test:
        compared = compare_recommenders(log, history=history, others=sequence_methods() if transformer else ())
        if compared is not None:
            tables["evaluation"] = compared.table()
    if raw is not None:
        events, tested = ItemEvents.of_raw(raw), history if all(b.item is None for b in log.behaviours) else None
        wished = next((b.kind for b in log.behaviours if b.name == goal), None)
        wished = wished if wished in events.kinds_with_items else None
        drawn = kind_mask(graph, log.behaviours, raw.event_names)
        with suppress(UnusableLog):  # behaviours can still be recommended where users come to items once only
            items = fit_items(events, found.counts.grid, drawn, goal=wished)
            tables["items"] = items_table(items, events if user is None else events.of_user(user), top)
            tested_items = compare_items(raw, goal=wished, history=tested) if test else None
            if tested_items is not None:
                tables["items_evaluation"] = tested_items.table()
    return tables


def _mixture(log: EventLog, found: Discovery, graph: CausalGraph) -> SequenceModel | None:
    from causalviz.recommend.sequence import fit_mixture

    return fit_mixture(log, found.counts.grid, edge_chances(graph))
