"""Names from strangers in Markdown."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causalviz.ui.components.text import arrow, plain, said


@pytest.mark.parametrize("mark", string.punctuation)
def test_every_ascii_mark_is_escaped(mark: str) -> None:
    assert plain(f"a{mark} b") == f"a\\{mark} b"


def test_letters_of_any_script_stay() -> None:
    assert plain("浏览 商品A") == "浏览 商品A"


def test_lines_are_joined() -> None:
    assert plain("a\n# b\r\n\u2028c") == "a \\# b c"


def test_a_shortcode_is_broken_up() -> None:
    assert plain(":material/home:") == "\\:\u2060material\\/home\\:"


@given(st.text(alphabet=st.characters(exclude_characters="\r\n\u2028\u2029")))
def test_unescaping_gives_the_text_back(text: str) -> None:
    shown, marks = [], iter(plain(text).replace("\u2060", ""))
    for mark in marks:
        shown.append(next(marks) if mark == "\\" else mark)
    assert "".join(shown) == text.replace("\u2060", "")


def test_a_command_stays_as_it_is_typed() -> None:
    assert said("It is <b>; run `causalviz discover 'a b' --out DIR`, then go on") == (
        "It is \\<b\\>\\; run `causalviz discover 'a b' --out DIR`\\, then go on"
    )


@pytest.mark.parametrize("text", ["a ` b", "a `` b", "` ` <b>", "a\n`b"])
def test_marks_that_hold_no_command_are_literal(text: str) -> None:
    assert said(text) == plain(text)


def test_an_arrow_names_both_ends() -> None:
    assert arrow("view_A", "buy") == "**view\\_A** → **buy**"
