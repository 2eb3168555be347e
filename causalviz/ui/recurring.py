"""The recurrent network beside the graph neural network: trained on the log as a job, compared where a truth is.

Its scores are kept, one result per log.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from causalviz.errors import UnknownRecord
from causalviz.ui.compute import current_discovery, current_log, store
from causalviz.ui.evaluating import current_beside, truth_kinds
from causalviz.ui.jobs import JobRegistry
from causalviz.ui.shelf import Arrays, Shelf

if TYPE_CHECKING:
    from causalviz.model.recurrent import RecurrentConfig, RecurrentScores, RecurrentStep
    from causalviz.ui.evaluating import TruthKind
    from causalviz.ui.jobs import Job
    from causalviz.ui.session import Session

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class RankScores(NamedTuple):
    """How well a score ranks true edges: AUROC and average precision; NaN without both kinds of pairs."""

    auroc: float
    auprc: float


class Contrast(NamedTuple):
    """Both scores of the log's pairs, beside every truth.

    Attributes:
        names: The K behaviours.
        ours: (K, K) probabilities of the graph neural network.
        theirs: (K, K) scores of the recurrent one; NaN where it has none.
        ranks: Truth -> ranks of ours and of theirs, on the pairs that both have scored.
        truth: (K, K) of the most trustworthy truth; None without any.
        known: (K, K) where that truth speaks; None for everywhere.
    """

    names: tuple[str, ...]
    ours: Floats
    theirs: Floats
    ranks: dict[TruthKind, tuple[RankScores, RankScores]]
    truth: Bools | None = None
    known: Bools | None = None


@st.cache_resource(show_spinner=False)
def recurrents() -> JobRegistry[RecurrentStep, RecurrentScores | None]:
    """Recurrent networks; one trains, the others wait."""
    shelf = Shelf(lambda: store().home / "recurrent", _packed, _unpacked)
    return JobRegistry(max_running=1, max_kept=6, shelf=shelf)


def _packed(scores: RecurrentScores | None) -> Arrays:
    if scores is None:
        return {}
    texts = {
        "names": scores.names,
        "steps": [step._asdict() for step in scores.steps],
        "config": asdict(scores.config),
        "log": scores.log_fingerprint,
        "losses": (scores.heldout_loss, scores.free_loss),
    }
    return {"score": scores.score, "moments": scores.moments, "texts": np.array(json.dumps(texts))}


def _unpacked(arrays: Arrays) -> RecurrentScores | None:
    from causalviz.model.recurrent import RecurrentConfig, RecurrentScores, RecurrentStep

    texts = json.loads(str(arrays["texts"]))
    names = tuple(map(str, texts["names"]))
    score, moments = np.asarray(arrays["score"], np.float64), np.asarray(arrays["moments"], np.int64)
    if score.shape != (len(names), len(names)) or moments.shape != (len(names),):
        raise ValueError(f"{len(names)} behaviours have no scores of shape {score.shape}")
    steps = tuple(RecurrentStep(**step) for step in texts["steps"])
    heldout, free = map(float, texts["losses"])
    config = RecurrentConfig(**texts["config"])
    return RecurrentScores(str(texts["log"]), names, score, moments, heldout, free, steps, config)


def recurrent_job(session: Session) -> Job[RecurrentStep, RecurrentScores | None] | None:
    """The latest one of the project's log."""
    log = current_log(session)
    return None if log is None else recurrents().find(log.fingerprint)


def start_recurrent(session: Session, config: RecurrentConfig) -> str:
    """Starts to train one on the project's log.

    Returns:
        The job's id.

    Raises:
        UnknownRecord: If there is no log.
    """
    log = current_log(session)
    if log is None:
        raise UnknownRecord("There is no log to learn from; choose one on the Data page.")

    def work(on_step: Callable[[RecurrentStep], None], cancelled: Callable[[], bool]) -> RecurrentScores | None:
        from causalviz.model.apart import run_apart
        from causalviz.model.recurrent import train_recurrent

        return run_apart(train_recurrent, log, config, on_step=on_step, cancelled=cancelled)

    return recurrents().start(log.fingerprint, work)


def contrast(session: Session, scores: RecurrentScores) -> Contrast | None:
    """Both networks on the project's log; None before a log was chosen.

    Raises:
        CausalVizError: If the log or a truth cannot be used.
    """
    discovery = current_discovery(session)
    if discovery is None:
        return None
    place = {name: code for code, name in enumerate(scores.names)}
    at = np.array([place[name] for name in discovery.names])
    theirs = scores.score[np.ix_(at, at)]
    ranks: dict[TruthKind, tuple[RankScores, RankScores]] = {}
    shown: tuple[Bools | None, Bools | None] = (None, None)
    for kind in truth_kinds(session):
        beside = current_beside(session, kind)
        if beside is None or set(beside.case.names) != set(place):
            continue
        code = {name: number for number, name in enumerate(beside.case.names)}
        order = np.ix_(*[[code[name] for name in discovery.names]] * 2)
        truth, known = beside.case.truth[order], None if beside.case.known is None else beside.case.known[order]
        asked = np.isfinite(theirs) & np.isfinite(discovery.probability) & (True if known is None else known)
        ours, other = discovery.probability[asked], np.abs(theirs[asked])
        ranks[kind] = _ranks(ours, truth[asked]), _ranks(other, truth[asked])
        if shown[0] is None:
            shown = truth, known
    return Contrast(discovery.names, discovery.probability, theirs, ranks, *shown)


def _ranks(score: Floats, label: Bools) -> RankScores:
    from causalviz.evaluate.curves import area_under_roc, average_precision, steps_of

    if not 0 < label.sum() < len(label):
        return RankScores(float("nan"), float("nan"))
    steps = steps_of(score, label)
    return RankScores(area_under_roc(steps), average_precision(steps))
