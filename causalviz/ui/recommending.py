"""Recommendations on the project's curated graph: cached stages, and the test of recommenders as a job.

Rates depend on the drawn edges, so each is kept under the log, the edges and the horizon: an edge that is taken out of
the graph is gone from the next recommendation.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

import streamlit as st

from causalviz.errors import TrainingFailed
from causalviz.ui.compute import (
    current_discovery,
    current_graph,
    current_history,
    current_log,
    current_model,
    current_raw,
    current_view,
)
from causalviz.ui.following import Stage, follow
from causalviz.ui.jobs import JobRegistry

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from causalviz.events.log import EventLog
    from causalviz.forecasting import Comparison, Split
    from causalviz.item_forecasting import ItemComparison
    from causalviz.model.transformer import TransformerStep
    from causalviz.recommend.influence import Influence
    from causalviz.recommend.item_states import ItemEvents
    from causalviz.recommend.items import ItemRates
    from causalviz.recommend.rates import Rates
    from causalviz.recommend.reasons import Prediction
    from causalviz.recommend.sequence import SequenceModel
    from causalviz.recommend.states import States
    from causalviz.ui.jobs import Job
    from causalviz.ui.session import Session

Subject = Literal["behaviours", "items"]  # what is recommended

PAUSE_S = 0.01  # after each step of a fit, in which the pages that wait are served


class HeldOutStep(NamedTuple):
    """Where a test stands: what is being done, stages done and in all, seconds left as far as can be told, and how much
    of the present stage is done, 0..1."""

    stage: str
    done: int
    total: int
    seconds_left: float
    part: float = 0.0


def current_rates(session: Session, horizon_s: float | None) -> Rates | None:
    """The rates over the curated graph; fitted on first use, with progress on the page. None without a log.

    Raises:
        CausalVizError: If nothing can be foretold from the log.
    """
    log, discovery, graph = current_log(session), current_discovery(session), current_graph(session)
    if log is None or discovery is None or graph is None:
        return None
    edges = _edges(session)

    def work(on_step: Callable[[Stage], None], _cancelled: Callable[[], bool]) -> Rates:
        from causalviz.recommend.rates import fit_rates

        def tell(done: int, total: int) -> None:
            on_step(("fitting the rates", done, total))
            time.sleep(PAUSE_S)

        return fit_rates(log, discovery.counts.grid, edges, horizon_s=horizon_s, on_progress=tell)

    key = f"{log.fingerprint} {_digest(edges)} {horizon_s}"
    return follow(fits(), fits().ensure(key, work), "Learning what comes next")


class ItemStage(NamedTuple):
    """The project's events to items, and the rates fitted to them."""

    events: ItemEvents
    rates: ItemRates


def has_items(session: Session) -> bool:
    """Whether the project's log tells what was done to which item."""
    raw = current_raw(session)
    return raw is not None and raw.item is not None


def item_goals(session: Session) -> list[str]:
    """The event types that happen to items, by name."""
    raw = current_raw(session)
    if raw is None or raw.item is None:
        return []
    return sorted({raw.event_names[code] for code in set(raw.event[raw.item >= 0].tolist())})


def current_items(session: Session, goal: str | None) -> ItemStage | None:
    """The rates of items over the curated graph; fitted on first use. None without a log with items.

    Args:
        session: Whose project.
        goal: The event type that is asked for; None for any.

    Raises:
        CausalVizError: If nothing can be foretold from the log.
    """
    raw, log, discovery, graph = (
        current_raw(session), current_log(session), current_discovery(session), current_graph(session),
    )  # fmt: skip
    if raw is None or raw.item is None or log is None or discovery is None or graph is None:
        return None
    from causalviz.recommend.drawn import kind_mask
    from causalviz.recommend.item_states import ItemEvents
    from causalviz.recommend.items import fit_items

    drawn, grid = kind_mask(graph, log.behaviours, raw.event_names), discovery.counts.grid

    def work(on_step: Callable[[Stage], None], _cancelled: Callable[[], bool]) -> ItemStage:
        events = ItemEvents.of_raw(raw)

        def tell(stage: str, done: int, total: int) -> None:
            on_step((stage, done, total))
            time.sleep(PAUSE_S)

        return ItemStage(events, fit_items(events, grid, drawn, goal=goal, on_progress=tell))

    key = f"{raw.fingerprint} {grid.edges} {_digest(drawn)} {goal}"
    return follow(item_fits(), item_fits().ensure(key, work), "Learning which items come next")


def items_of(stage: ItemStage, history: EventLog, is_real: bool, top: int) -> pd.DataFrame:
    """The next items after the history of a one-user log: from the raw events of a real user, else as typed."""
    from causalviz.recommend.tables import items_table

    name = history.user_names[0]
    events = stage.events.of_user(name) if is_real else stage.events.of_history(history)
    return items_table(stage.rates, events, top)


def all_items(stage: ItemStage, top: int) -> pd.DataFrame:
    """The next items of every user, as a table."""
    from causalviz.recommend.tables import items_table

    return items_table(stage.rates, stage.events, top)


def current_influence(session: Session) -> Influence | None:
    """The direct effects on the curated graph and the repeats; fitted on first use. None without a log."""
    log, discovery, graph = current_log(session), current_discovery(session), current_graph(session)
    if log is None or discovery is None or graph is None:
        return None

    def work(on_step: Callable[[Stage], None], _cancelled: Callable[[], bool]) -> Influence:
        from causalviz.advice import influence_of

        def tell(done: int, total: int) -> None:
            on_step(("telling repeats from visits", done, total))
            time.sleep(PAUSE_S)

        return influence_of(log, discovery, graph, on_progress=tell)

    key = f"{discovery.log_fingerprint} {discovery.answer_id} {_digest(_edges(session))}"
    return follow(influences(), influences().ensure(key, work), "Adding up effects")


def current_mixture(session: Session) -> SequenceModel | None:
    """The causal rates with a transformer over them; trained on first use, epoch by epoch. None without a log.

    Raises:
        CausalVizError: If the log holds too little to learn from.
    """
    log, discovery = current_log(session), current_discovery(session)
    if log is None or discovery is None:
        return None
    edges = _edges(session)

    def work(on_step: Callable[[Stage], None], cancelled: Callable[[], bool]) -> SequenceModel:
        from causalviz.model.apart import run_apart
        from causalviz.recommend.sequence import learn_mixture

        def tell(step: TransformerStep) -> None:
            on_step(("epochs, at most", step.epoch, step.epochs))

        on_step(("fitting the rates beneath", 0, 1))
        found = run_apart(learn_mixture, log, discovery.counts.grid, edges, on_step=tell, cancelled=cancelled)
        if found is None:
            raise TrainingFailed("The training was cancelled; start it again.")
        return found.opened()

    key = f"{log.fingerprint} {_digest(edges)}"
    return follow(mixtures(), mixtures().ensure(key, work), "Training the sequence model")


def predictions_of(
    session: Session, history: EventLog, horizon_s: float | None, top: int, *, deep: bool = False
) -> tuple[Prediction, ...]:
    """What the user of a one-user log does next, and why; ``deep`` by the mixture with a sequence model."""
    from causalviz.recommend.reasons import predict

    rates = current_rates(session, horizon_s)
    if rates is None:
        return ()
    state = state_of(rates, history)
    mixture = current_mixture(session) if deep else None
    return predict(rates, state, top, None if mixture is None else mixture.chances(history, state)[0])


def state_of(rates: Rates, history: EventLog) -> States:
    """The state of the user of a one-user log."""
    from causalviz.recommend.states import now

    return now(history, rates.grid)


def all_predictions(session: Session, horizon_s: float | None, top: int, *, deep: bool = False) -> pd.DataFrame:
    """The most likely behaviours of every user, as a table."""
    import pandas as pd

    from causalviz.recommend.states import now
    from causalviz.recommend.tables import mixed_table, predictions_table

    log, rates = current_log(session), current_rates(session, horizon_s)
    if log is None or rates is None:
        return pd.DataFrame()
    states, mixture = now(log, rates.grid), current_mixture(session) if deep else None
    if mixture is None:
        return predictions_table(rates, states, log.user_names, top)
    return mixed_table(rates, mixture.chances(log, states), states, log.user_names, top)


def all_actions(session: Session, influence: Influence, goal: str, horizon_s: float | None) -> pd.DataFrame:
    """The best next actions of every user, as a table."""
    import pandas as pd

    from causalviz.recommend.promotion import next_actions
    from causalviz.recommend.states import now
    from causalviz.recommend.tables import actions_table

    log, rates = current_log(session), current_rates(session, horizon_s)
    if log is None or rates is None:
        return pd.DataFrame()
    states = now(log, rates.grid)
    return actions_table(next_actions(influence, goal, rates.chances(states)), states, log.user_names, goal)


def start_test(session: Session, split: Split, subject: Subject = "behaviours", deep: bool = False) -> str | None:
    """Starts comparing recommenders on the project's log, ``deep`` with a transformer among them.

    Returns:
        The job's id; None without a log.
    """
    log, raw = current_log(session), current_raw(session)
    if log is None or raw is None:
        return None
    history, view, model = current_history(session), current_view(session), current_model(session)
    on_kinds = history if all(behaviour.item is None for behaviour in log.behaviours) else None

    def work(
        on_step: Callable[[HeldOutStep], None], cancelled: Callable[[], bool]
    ) -> Comparison | ItemComparison | None:
        from causalviz.model.apart import run_apart
        from causalviz.trials import contest, item_contest

        began = time.monotonic()

        def tell(stage: str, done: int, total: int, part: float = 0.0) -> None:
            so_far = done + part
            left = (time.monotonic() - began) / so_far * (total - so_far) if so_far else float("nan")
            on_step(HeldOutStep(stage, done, total, left, part))

        if subject == "items":
            return run_apart(item_contest, raw, split, on_kinds, model, on_step=tell, cancelled=cancelled)
        return run_apart(contest, log, split, history, view, model, deep=deep, on_step=tell, cancelled=cancelled)

    return tests().start(_test_key(session, split, subject, deep), work)


def current_test(
    session: Session, split: Split, subject: Subject = "behaviours", deep: bool = False
) -> Job[HeldOutStep, Comparison | ItemComparison | None] | None:
    """The latest test of the log as it is curated now, or None."""
    return tests().find(_test_key(session, split, subject, deep))


@st.cache_resource(show_spinner=False)
def fits() -> JobRegistry[Stage, Rates]:
    """Fitted rates of this process, one per log, drawn edges and horizon."""
    return JobRegistry(max_running=1, max_kept=12)


@st.cache_resource(show_spinner=False)
def mixtures() -> JobRegistry[Stage, SequenceModel]:
    """Trained mixtures of this process, one per log and drawn edges."""
    return JobRegistry(max_running=1, max_kept=4)


@st.cache_resource(show_spinner=False)
def influences() -> JobRegistry[Stage, Influence]:
    """Influences of this process, one per log and drawn edges."""
    return JobRegistry(max_running=1, max_kept=12)


@st.cache_resource(show_spinner=False)
def item_fits() -> JobRegistry[Stage, ItemStage]:
    """Fitted item rates of this process, one per log, drawn edges and goal."""
    return JobRegistry(max_running=1, max_kept=6)


@st.cache_resource(show_spinner=False)
def tests() -> JobRegistry[HeldOutStep, Comparison | ItemComparison | None]:
    """Tests of this process; one runs, the others wait."""
    return JobRegistry(max_running=1, max_kept=8)


def _test_key(session: Session, split: Split, subject: Subject, deep: bool) -> str:
    discovery = current_discovery(session)
    made_from = "" if discovery is None else f"{discovery.log_fingerprint} {discovery.model_id}"
    return f"{made_from} {_digest(_edges(session))} {split} {subject}{' deep' * deep}"


def _edges(session: Session) -> NDArray[np.float64]:
    """(K, K) chances of the drawn edges and of those that are too unsure to be drawn, and yet counted."""
    import numpy as np

    from causalviz.recommend.drawn import edge_chances

    graph = current_graph(session)
    return np.zeros((0, 0)) if graph is None else edge_chances(graph)


def _digest(edges: NDArray[np.generic]) -> str:
    return hashlib.blake2b(edges.tobytes(), digest_size=8).hexdigest()
