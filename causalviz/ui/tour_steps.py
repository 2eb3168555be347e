"""The guided demo as data: six steps through the shop story, for someone who shows the product to others."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Step(NamedTuple):
    """One step.

    Attributes:
        page: Name of its page's file.
        title: A few words.
        see: What is to be seen or done, Markdown.
        say: What to tell the audience, Markdown.
        edge: Which edge is chosen when the step begins: one to explain, one to rule on, or none.
    """

    page: str
    title: str
    see: str
    say: str
    edge: Literal["", "explained", "ruled"] = ""


STEPS: tuple[Step, ...] = (
    Step(
        "data",
        "The log",
        "A shop in six weeks: who did what, and when.",
        "nothing else goes in. No labels, no model of the shop.",
    ),
    Step(
        "graph",
        "What leads to what",
        "Arrows are direct influences; darker is surer, thicker is stronger.",
        "searching leads to views, views to carts, carts to purchases; no view leads straight to a purchase.",
    ),
    Step(
        "explain",
        "Why it is believed",
        "One edge taken apart: arguments, delays, counts and real users for and against it.",
        "every probability can be asked why, in numbers that can be counted again.",
        "explained",
    ),
    Step(
        "graph",
        "The expert decides",
        "Press **Reject** beside the drawing, look at the dashed arrow, then press **Undo**.",
        "each ruling is signed, dated and kept; no new computation overwrites it.",
        "ruled",
    ),
    Step(
        "evaluate",
        "Can it be trusted",
        "The sample was simulated, so the truth is known: our graph beside lines that cost nothing.",
        "we always show what simple counting would get. The Recommend page then turns the graph into next steps.",
    ),
    Step(
        "graph",
        "Take it along",
        "Press **Report** over the drawing: one page for stakeholders, ready to print.",
        "question, findings, edits and caveats travel together, with all that is needed to do it again.",
    ),
)
