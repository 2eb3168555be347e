"""The settings of a training for experts, folded away: what it learns from, where it starts, and how it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.ui.components.text import plain
from causalviz.ui.components.truth_choice import Upload

if TYPE_CHECKING:
    from causalviz.model.adapted import AdaptConfig, Start
    from causalviz.ui.adapting import Sources

STARTS: dict[Start, str] = {"shipped": "The shipped network", "scratch": "From scratch"}
SCRATCH = {"worlds": 300, "epochs": 20, "learning_rate": 2e-3}  # what a network needs that knows nothing yet
LARGEST_TABLE_MB = 16


class Settings(NamedTuple):
    """What an expert chose.

    Attributes:
        config: None where no source is chosen.
        upload: A table of true edges that was brought.
        forget: Whether the table that was brought before is to be dropped.
    """

    config: AdaptConfig | None
    upload: Upload | None = None
    forget: bool = False


def training_settings(sources: Sources, project_id: str) -> Settings:
    """Draws the settings; the usual ones until they are changed.

    Args:
        sources: What could be learned from.
        project_id: Each project has its own choice of sources.
    """
    from causalviz.model.adapted import AdaptConfig

    usual = AdaptConfig()
    with st.expander("Settings for experts", icon=":material/tune:", key="training_settings"):
        st.markdown("**What it starts from**")
        start: Start = st.segmented_control(
            "What it starts from", list(STARTS), default="shipped", required=True, format_func=STARTS.__getitem__,
            key="adapt_start", label_visibility="collapsed",
        )  # fmt: skip
        st.caption(
            "It has learned from thousands of worlds and is refined; its widths are fixed."
            if start == "shipped"
            else "An untrained network of your own widths. It knows nothing but this training's worlds, so it seldom "
            "beats the shipped one; it is kept only if it does on worlds that neither has seen."
        )
        st.markdown("**What it learns from**")
        left, middle, right = st.columns(3, gap="large")
        with left:
            learn_worlds = _worlds(start)
        with middle:
            verdict_weight = _verdicts(sources.verdicts, project_id, usual.verdict_weight)
        with right:
            graph_weight, upload, forget = _graph(sources, project_id, usual.graph_weight)
        st.markdown("**How it learns**")
        config = _how(usual, start, learn_worlds, verdict_weight, graph_weight)
    has_lessons = (verdict_weight and sources.verdicts) or (graph_weight and sources.graph_edges)
    return Settings(config if learn_worlds or has_lessons else None, upload, forget)


def _worlds(start: Start) -> bool:
    if start == "scratch":
        st.checkbox("Worlds matched to this log", value=True, disabled=True, key="learn_worlds_scratch")
        st.caption("A network from scratch cannot do without them.")
        return True
    chosen = st.checkbox("Worlds matched to this log", value=True, key="learn_worlds")
    st.caption("Simulated logs with known graphs. Those kept aside for scoring are simulated in any case.")
    return chosen


def _verdicts(verdicts: int, project_id: str, usual: float) -> float:
    """The weight; 0 without the source."""
    title = f"My verdicts ({verdicts})" if verdicts else "My verdicts (none yet)"
    use = st.checkbox(title, value=True, disabled=not verdicts, key=f"learn_verdicts_{project_id}")
    st.caption("What you ruled on the Graph page: each counts for its own pair, and for what resembles it.")
    weight = st.slider(
        "Weight of verdicts", 0.0, 5.0, usual, step=0.5, key="adapt_weight", disabled=not (verdicts and use),
        help="At 1, one of your verdicts counts as much as 30 simulated pairs; at 0 they are ignored.",
    )  # fmt: skip
    return weight if use else 0.0


def _graph(sources: Sources, project_id: str, usual: float) -> tuple[float, Upload | None, bool]:
    """The weight, a table that was brought, and whether the one from before is dropped."""
    if sources.graph is None:
        st.checkbox("A known graph (none yet)", value=False, disabled=True, key="learn_no_graph")
        st.caption("Edges that you know to be true, as CSV with the columns cause and effect; Evaluate uses it too.")
        file = st.file_uploader(
            "Known graph", type=["csv"], key=f"train_graph_{project_id}", max_upload_size=LARGEST_TABLE_MB,
            label_visibility="collapsed",
        )  # fmt: skip
        wanted = file is not None and st.button("Use this graph", key="use_train_graph")
        return 0.0, Upload(file.name, file.getvalue()) if wanted and file is not None else None, False
    edges = "1 edge" if sources.graph_edges == 1 else f"{sources.graph_edges} edges"
    title = f"{plain(sources.graph)} ({edges})"
    use = st.checkbox(title, value=False, disabled=not sources.graph_edges, key=f"learn_graph_{project_id}")
    st.caption(
        "What it does not list counts as no edge. What was learned from it cannot be tested on it: Evaluate's scores "
        "against this graph will flatter."
        if sources.graph_edges
        else "None of its edges lies between this log's behaviours."
    )
    weight = st.slider(
        "Weight of the known graph", 0.5, 5.0, usual, step=0.5, key="adapt_graph_weight", disabled=not use,
        help="At 1, one of its pairs counts as much as 5 simulated pairs; a verdict on a pair overrules it.",
    )  # fmt: skip
    forget = st.button("Forget this graph", icon=":material/delete:", type="tertiary", key="forget_train_graph")
    return weight if use else 0.0, None, forget


def _how(
    usual: AdaptConfig, start: Start, learn_worlds: bool, verdict_weight: float, graph_weight: float
) -> AdaptConfig:
    from causalviz.model.adapted import AdaptConfig

    scratch = start == "scratch"
    own = "_scratch" if scratch else ""  # a start of its own keeps values of its own
    left, middle, right = st.columns(3, gap="large")
    worlds = left.slider(
        "Matched worlds", 20, 600, int(SCRATCH["worlds"]) if scratch else usual.worlds, step=20,
        key=f"adapt_worlds{own}",
        help="Simulated logs that resemble yours. More are steadier and take longer; a quarter, at most 40, is kept "
        "aside.",
    )  # fmt: skip
    epochs = left.slider(
        "Epochs", 1, 40, int(SCRATCH["epochs"]) if scratch else usual.epochs, key=f"adapt_epochs{own}",
        help="Passes over the worlds. Too many learn them by heart: watch the held-out curve.",
    )  # fmt: skip
    rates = sorted({5e-5, 1.5e-4, 3e-4, 5e-4, 1e-3, 2e-3, 5e-3, usual.learning_rate})
    rate = middle.select_slider(
        "Learning rate", rates, SCRATCH["learning_rate"] if scratch else usual.learning_rate,
        format_func=lambda value: f"{value:g}", key=f"adapt_rate{own}",
        help="Length of each step. Larger forgets the shipped network sooner.",
    )  # fmt: skip
    seed = middle.number_input(
        "Seed", 0, 2**31 - 1, usual.seed, key="adapt_seed", help="The same seed gives the same model, bit for bit."
    )
    hidden, rounds = usual.hidden, usual.rounds
    if scratch:
        hidden = right.slider(
            "Hidden width", 8, 96, usual.hidden, step=8, key="adapt_hidden",
            help="Numbers that stand for each behaviour and each pair. Wider sees more and needs more worlds.",
        )  # fmt: skip
        rounds = right.slider(
            "Rounds of messages", 1, 5, usual.rounds, key="adapt_rounds",
            help="How far the answer on one pair reaches through the graph; three reach a mediator's mediator.",
        )  # fmt: skip
    check = right.checkbox(
        "Check on what was left out", value=usual.check, key="adapt_check",
        help="Leaves verdicts and known pairs out in turn, trains without them and scores on them: three more "
        "trainings on the same worlds.",
    )  # fmt: skip
    return AdaptConfig(
        worlds=worlds, epochs=epochs, learning_rate=float(rate), verdict_weight=verdict_weight,
        graph_weight=graph_weight, seed=int(seed), learn_worlds=learn_worlds, start=start, hidden=hidden,
        rounds=rounds, check=check,
    )  # fmt: skip
