"""The same sentences in HTML, and ratios that people can read."""

from __future__ import annotations

import pytest

from causalviz.report.wording import HTML, Finding, finding_sentence, html_text, ratio_words

FOUND = Finding("<b>view</b>", "cart", 0.85, 3.24, 2.1, 2234.0, 190.0, "few: a & b", 0.4)


def test_a_sentence_in_html_shows_names_as_text() -> None:
    told = finding_sentence(FOUND, HTML)
    assert told.startswith("<b>&lt;b&gt;view&lt;/b&gt;</b> → <b>cart</b> is likely a direct influence")
    assert "(2.1 to 2,200 with 90 % confidence)" in told
    assert told.endswith("Take care: few: a &amp; b.")


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(0.4, "0.4"), (3.24, "3.2"), (99.4, "99"), (100.0, "100"), (2234.0, "2,200"), (1e9, "1,000,000,000")],
)  # fmt: skip
def test_ratios_have_two_figures_and_no_exponent(ratio: float, words: str) -> None:
    assert ratio_words(ratio) == words


def test_text_is_one_visible_line() -> None:
    assert html_text("a\n  b\u202e<") == "a b\ufffd&lt;"
