"""One edge in a paragraph that somebody can read aloud: arguments, neighbours, histories, and what would flip it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalviz.explain.counterfactual import counterfactual_sentence
from causalviz.explain.neighbourhood import CLEAR_SHIFT, neighbourhood_sentences
from causalviz.explain.sentences import duration

if TYPE_CHECKING:
    from causalviz.explain.counterfactual import Counterfactual
    from causalviz.explain.evidence import Histories
    from causalviz.explain.neighbourhood import Neighbourhood
    from causalviz.explain.shapley import EdgeExplanation

AGAINST = "Most against it, being less than the rest of the pair suggests"
CLEAR_STEP = 0.1  # log-odds; a weaker argument is not worth a sentence


def edge_paragraph(
    explanation: EdgeExplanation,
    histories: Histories,
    around: Neighbourhood | None,
    flip: Counterfactual | None,
) -> str:
    """What follows the sentence that says how likely the edge is; plain text.

    Args:
        explanation: Why the network believes it.
        histories: Real users for and against it.
        around: What other edges do to it; None where it was not judged.
        flip: What would flip it; None where the log cannot decide.
    """
    if not explanation.parts:
        return "The network did not look at it: stronger candidates came first."
    told = []
    most = max(explanation.parts, key=lambda part: part.shap)
    least = min(explanation.parts, key=lambda part: part.shap)
    if most.shap >= CLEAR_STEP:
        told.append(f"Most for it: {_clause(most.sentence)}")
    if least.shap <= -CLEAR_STEP:
        told.append(f"{AGAINST}: {_clause(least.sentence)}")
    if histories.watched:
        told.append(
            f"The effect followed within {duration(histories.window_s)} in {histories.followed:,} of "
            f"{histories.watched:,} cases."
        )
    shifts = [] if around is None else [*(way.shift for way in around.ways), *(edge.shift for edge in around.edges)]
    if around is not None and max(map(abs, shifts), default=0.0) >= CLEAR_SHIFT:
        told.append(neighbourhood_sentences(around, explanation.cause, explanation.effect)[0])
    told.append(counterfactual_sentence(flip))
    return " ".join(told)


def _clause(sentence: str) -> str:
    """A sentence that goes on behind a colon."""
    return sentence[:1].lower() + sentence[1:]
