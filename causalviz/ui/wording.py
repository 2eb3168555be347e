"""Sentences about edges in Markdown; what they say is the report's wording."""

from __future__ import annotations

from causalviz.report.wording import Finding, Markup, chance_words, finding_of, finding_sentence, ratio_words
from causalviz.ui.components.text import plain

__all__ = ["MARKDOWN", "Finding", "chance_words", "edge_sentence", "finding_of", "ratio_words"]

MARKDOWN = Markup(lambda name: f"**{plain(name)}**", plain)


def edge_sentence(finding: Finding) -> str:
    """What was found about one pair, in two sentences of Markdown, and a third where the log cannot decide."""
    return finding_sentence(finding, MARKDOWN)
