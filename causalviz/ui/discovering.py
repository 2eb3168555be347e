"""EventLog -> Discovery by the shipped prior: once per log, as a job that all tabs share, kept beside the log's events.

On disk lies what was counted and fitted, never a probability: the network judges it anew, in a moment. A key carries a
digest of the code that counts and fits, so that after an update nothing of an older make is found. What is kept goes
when its log goes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from causalviz.ui.following import Stage, follow
from causalviz.ui.jobs import JobRegistry
from causalviz.ui.shelf import Arrays, Shelf

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.events.log import EventLog

FOLDER = "found"  # of each log's folder in the store
MOST_KEPT = 4  # of a log under its latest rules; 500 behaviours take 60 MB each
ROOMS = ("events", "lags", "model")  # whose code counts and fits


@st.cache_resource(show_spinner=False)
def discoveries() -> JobRegistry[Stage, Discovery]:
    """Discoveries of this process, one per log."""
    return JobRegistry(max_running=2, max_kept=6)


def found_in(log: EventLog, folder: Path) -> Discovery:
    """What the shipped prior finds in a log; shown with its progress where it is not known yet.

    Args:
        log: After its rules.
        folder: Of the log in the store.

    Raises:
        CausalVizError: If the log cannot be used.
    """
    shelf = Shelf(lambda: folder / FOLDER, packed, unpacked, MOST_KEPT)
    key = f"{log.fingerprint} {make()}"

    def work(on_step: Callable[[Stage], None], _cancelled: Callable[[], bool]) -> Discovery:
        from causalviz.pipeline import discover

        kept = shelf.find(key)
        if kept is not None:
            return kept
        found = discover(log, on_progress=lambda *stage: on_step(stage))
        shelf.keep(shelf.place(key), found)
        return found

    return follow(discoveries(), discoveries().ensure(log.fingerprint, work), "Reading causes")


@cache
def make() -> str:
    """A digest of the code that counts and fits, and of the shipped networks, which tell the signs of the effects."""
    from causalviz.model.checkpoint import PRIOR_FOLDER

    digest = hashlib.blake2b(digest_size=16)
    code = (path for room in ROOMS for path in (Path(__file__).parents[1] / room).rglob("*.py"))
    for path in (*sorted(code), *sorted(PRIOR_FOLDER.glob("*.safetensors"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def packed(discovery: Discovery) -> Arrays:
    """A discovery as arrays of numbers, and one of text."""
    counts, features = discovery.counts, discovery.features
    texts = {
        "log": discovery.log_fingerprint,
        "behaviours": [asdict(behaviour) for behaviour in counts.behaviours],
        "grid": counts.grid.edges,
        "columns": features.column_names,
        "groups": [asdict(group) for group in features.groups],
        "seconds": discovery.seconds,
    }
    parts = {
        "counts": counts.arrays(),
        "candidates": features.candidates._asdict(),
        "features": {"edge": features.edge, "node": features.node},
        "effects": {field.name: getattr(discovery.effects, field.name) for field in fields(discovery.effects)},
    }
    arrays = {f"{part}.{name}": array for part, named in parts.items() for name, array in named.items()}
    return {**arrays, "texts": np.array(json.dumps(texts))}


def unpacked(arrays: Arrays) -> Discovery:
    """The discovery that was packed, judged by the shipped prior of now.

    Raises:
        KeyError: If an array is missing.
        ValueError: If the arrays do not fit together.
    """
    from causalviz.discovery import Discovery, judge_again
    from causalviz.events.log import Behaviour
    from causalviz.lags import LagGrid
    from causalviz.lags.counts import no_counts
    from causalviz.model.candidates import Candidates
    from causalviz.model.checkpoint import load_prior
    from causalviz.model.decidability import find_doubts
    from causalviz.model.effects import Effects
    from causalviz.model.features import FeatureGroup, PairFeatures

    texts = json.loads(str(arrays["texts"]))
    behaviours = tuple(Behaviour(**behaviour) for behaviour in texts["behaviours"])
    K = len(behaviours)
    empty = no_counts(behaviours, LagGrid(tuple(texts["grid"])), len(arrays["counts.users"]))
    tables = {name: _of_shape(arrays[f"counts.{name}"], array.shape) for name, array in empty.arrays().items()}
    candidates = Candidates(*(arrays[f"candidates.{name}"] for name in Candidates._fields))
    E, columns = len(candidates.cause), tuple(map(str, texts["columns"]))
    features = PairFeatures(
        candidates=Candidates(*(_of_shape(codes, (E,)) for codes in candidates)),
        edge=_of_shape(arrays["features.edge"], (E, len(columns))),
        node=_of_shape(arrays["features.node"], (K, arrays["features.node"].shape[-1])),
        column_names=columns,
        groups=tuple(FeatureGroup(**{**group, "columns": tuple(group["columns"])}) for group in texts["groups"]),
    )
    effects = Effects(**{f.name: _of_shape(arrays[f"effects.{f.name}"], (K, K)) for f in fields(Effects)})
    counts = type(empty)(behaviours=behaviours, grid=empty.grid, **tables)
    unjudged = Discovery(
        str(texts["log"]), counts, features, np.full((K, K), np.nan), np.zeros((K, K), dtype=bool),
        find_doubts(counts), effects, model_id="", seconds=texts["seconds"],
    )  # fmt: skip
    return judge_again(unjudged, load_prior())


def _of_shape(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if array.shape != shape:
        raise ValueError(f"an array has the shape {array.shape}, not {shape}")
    return array
