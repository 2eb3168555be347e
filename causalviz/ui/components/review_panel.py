"""The expert's day: one question after the other, what stands against the data, and whether the model may learn of it.

Each answer is one key: A accepts, X rejects, S puts off. The keys belong to the pair that is shown: one that is pressed
twice cannot rule on a pair that nobody has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.text import arrow, plain
from causalviz.ui.graph_editor import Kind, Operation
from causalviz.ui.wording import chance_words, edge_sentence

if TYPE_CHECKING:
    from causalviz.graph.review import Disagreement, Progress
    from causalviz.graph.verdicts import Pair
    from causalviz.ui.knowing import Asked, Informed, Moved

MOVED = 4  # pairs that verdicts carry over the threshold; more are counted
SHOWN = 20  # disagreements; those with less at stake are counted
TALL_PX = 340


def review_panel(
    progress: Progress,
    asked: Asked | None,
    propose: Callable[[Operation], None],
    skip: Callable[[Pair], None],
    select: Callable[[Pair], None],
) -> bool:
    """Draws the pair whose verdict would teach most, and the keys to rule on it.

    Args:
        progress: Of the queue.
        asked: Its first open pair, or None where there is none.
        propose: Told the verdict, in a callback.
        skip: Told the pair that is put off, in a callback.
        select: Told the pair that shall be marked in the drawing, in a callback.

    Returns:
        Whether the visitor wants the pair explained.
    """
    if progress.total == 0:
        st.caption("The model is sure of every pair, so there is nothing to ask.")
        return False
    share = progress.answered / progress.total
    st.progress(share, f"{progress.answered:,} of {progress.total:,} reviewed")
    if asked is None:
        st.markdown(":material/task_alt: **All are reviewed.** What is left is surer than 98 %, one way or the other.")
        return False
    pair = asked.question.pair
    own = hashlib.blake2b(repr(pair).encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()
    with st.container(border=True, key="review_question"):
        st.markdown(edge_sentence(asked.finding))
        st.caption(_counts(asked))
    with st.container(horizontal=True, gap="xsmall", key="review_keys"):
        for kind, label, icon, key in (
            (Kind.ACCEPT, "Accept", ":material/check:", "A"),
            (Kind.REJECT, "Reject", ":material/close:", "X"),
        ):
            st.button(
                label, icon=icon, key=f"review_{kind.value}_{own}", shortcut=key, on_click=propose,
                args=(Operation(kind, pair),), width="stretch",
            )  # fmt: skip
        st.button(
            "Skip", icon=":material/skip_next:", key=f"review_skip_{own}", shortcut="S", on_click=skip, args=(pair,),
            width="stretch",
        )  # fmt: skip
    with st.container(horizontal=True, gap="xsmall", key="review_more"):
        explain = st.button("Explain", icon=":material/lightbulb:", key="review_explain", type="tertiary")
        st.button(
            "Mark in the drawing", icon=":material/my_location:", key="review_show", type="tertiary", on_click=select,
            args=(pair,),
        )  # fmt: skip
    return explain


def worklist_panel(worklist: Sequence[Disagreement], select: Callable[[Pair], None]) -> None:
    """Lists where data and expert disagree, the most at stake first.

    Args:
        worklist: The disagreements in their order.
        select: Told the pair that shall be chosen, in a callback.
    """
    st.markdown(
        f"**Data against experts** · {len(worklist):,}",
        help="Verdicts and rules that the log contradicts now. First those that are furthest apart and that most "
        "events hang on.",
    )
    if not worklist:
        st.caption("No verdict and no rule stands against the data.")
        return
    tall = len(worklist) > 3
    with st.container(height=TALL_PX if tall else "content", border=tall, key="worklist"):
        for number, one in enumerate(worklist[:SHOWN]):
            with st.container(horizontal=True, wrap=False, gap="small", key=f"disagreement_{number}"):
                st.markdown(disagreement_sentence(one), width="stretch")
                st.button(
                    "Look", key=f"disagreement_look_{number}", type="tertiary", on_click=select,
                    args=((one.cause, one.effect),),
                )  # fmt: skip
        if len(worklist) > SHOWN:
            st.caption(f"and {len(worklist) - SHOWN:,} more with less at stake")


def informing_panel(informed: Informed, moved: Sequence[Moved], inform: Callable[[bool], None]) -> None:
    """Says whether the estimates take in the verdicts, and lets that be changed.

    Args:
        informed: What they take in.
        moved: What they therefore draw otherwise.
        inform: Told whether they shall, in a callback.
    """
    if informed.standing == 0 and informed.entries == 0:
        return
    st.markdown("**Verdicts and the estimates**")
    if informed.entries == 0:
        taught = f", and the network was trained on {_verdicts(informed.learned)}" if informed.learned else " alone"
        st.caption(f"The estimates rest on the log and your rules{taught}.")
    else:
        later = f"; {informed.fresh:,} came or changed since" if informed.fresh else ""
        st.caption(f"The estimates take in {_verdicts(informed.verdicts)}{later}.")
        if moved:
            st.markdown(moved_sentence(moved))
    with st.container(horizontal=True, gap="xsmall", key="informing"):
        if informed.fresh:
            st.button(
                "Let the verdicts inform their neighbours" if not informed.entries else "Take in the new ones too",
                icon=":material/hub:", key="inform", on_click=inform, args=(True,),
                help="The pairs around a verdict are judged again with it. A judged pair keeps its own probability, so "
                "that data and expert can still be compared.",
            )  # fmt: skip
        if informed.entries:
            st.button("Use the log alone", icon=":material/undo:", key="uninform", on_click=inform, args=(False,))


def moved_sentence(moved: Sequence[Moved]) -> str:
    """Which pairs are drawn otherwise for what was said of others: Markdown."""
    told = [f"{arrow(*one.pair)} {one.before:.2f} → **{one.after:.2f}**" for one in moved[:MOVED]]
    more = f", and {len(moved) - MOVED:,} more" if len(moved) > MOVED else ""
    said = f"They change what is drawn: {', '.join(told)}{more}."
    return f"{said} A wrong verdict misleads its neighbours; look at these."


def disagreement_sentence(one: Disagreement) -> str:
    """Who says what, and what the log says: Markdown."""
    pair, chance = arrow(one.cause, one.effect), chance_words(one.probability)
    if one.by == "rule":
        said = f"{pair} is {plain(one.who)}"
    else:
        said = f"{plain(one.who)} {'accepted' if one.exists else 'rejected'} {pair} on {one.at[:10]}"
    events = round(one.events)
    weight = f" About {events:,} events of **{plain(one.effect)}** hang on it." if events > 1 else ""
    return f"{said}, but the log gives it **{chance}**.{weight}"


def _counts(asked: Asked) -> str:
    """How much there is to judge by, and what the verdict would do."""
    finding, moved = asked.finding, asked.question.moved
    happened = ((finding.cause, asked.cause_events), (finding.effect, asked.effect_events))
    counts = " · ".join(f"{plain(name)}: {events:,} events" for name, events in happened)
    if moved == 0:
        return f"{counts}  \nYour verdict would hardly teach the model anything about other pairs."
    return f"{counts}  \nYour verdict can move {moved:,} other pair{'s' * (moved > 1)} by 5 points or more."


def _verdicts(count: int) -> str:
    return "one verdict" if count == 1 else f"{count:,} verdicts"
