"""Three samples to start with, in English or Chinese names, and the guided demo through the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

if TYPE_CHECKING:
    from causalviz.worlds.demos import DemoName, Language


class Sample(NamedTuple):
    """What the visitor chose, and whether to be shown around in it."""

    name: DemoName
    language: Language
    guided: bool = False


class _Card(NamedTuple):
    title: str
    icon: str
    story: str


CARDS: dict[DemoName, _Card] = {
    "shop": _Card(
        "Shop",
        ":material/storefront:",
        "Search, view, favourite, cart, buy: which step for which item leads to the next?",
    ),
    "social": _Card(
        "Social network",
        ":material/forum:",
        "See posts, like, comment, follow, share: what makes people come back?",
    ),
    "video": _Card(
        "Video site",
        ":material/smart_display:",
        "Impression, watch, like, subscribe: what turns watching into subscribing?",
    ),
}
LANGUAGES: dict[Language, str] = {"en": "English", "zh": "中文"}


def sample_cards(spoken: Language) -> Sample | None:
    """Draws the cards; returns the one whose button was pressed.

    Args:
        spoken: The visitor's language, preset for the names.
    """
    chosen: Sample | None = None
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        language = st.segmented_control(
            "Names of the behaviours",
            list(LANGUAGES),
            default=spoken,
            required=True,
            format_func=LANGUAGES.__getitem__,
            key="sample_language",
        )
        if st.button(
            "Show me around", icon=":material/tour:", key="start_tour",
            help="Six steps through the shop sample, for yourself or in front of others.",
        ):  # fmt: skip
            chosen = Sample("shop", language or spoken, guided=True)
    for column, (name, card) in zip(st.columns(len(CARDS), gap="medium"), CARDS.items(), strict=True):
        with column, st.container(border=True, height="stretch", key=f"sample_card_{name}"):
            st.markdown(f"#### {card.icon} {card.title}", anchors=False)
            st.markdown(card.story)
            if st.button(
                "Open this sample",
                type="primary" if name == "shop" else "secondary",
                key=f"open_{name}",
                width="stretch",
            ):
                chosen = Sample(name, language or spoken)
    return chosen
