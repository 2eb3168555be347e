"""Text for pages: a stranger's, made harmless before it is put into Markdown, and numbers of things."""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # all of ASCII's: a backslash before any of it is literal
_SHORTCODE = re.compile(r"\\:(?=[\w/\\+-])")
_LINE_BREAK = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")
_JOINER = "\u2060"  # invisible; keeps ":name:" from being read as an emoji or icon after unescaping


def plain(text: str) -> str:
    """Markdown that shows ``text`` literally, on one line: no markup, formula, icon, link or HTML.

    Example:
        >>> plain("*buy*")
        '\\\\*buy\\\\*'
    """
    escaped = _PUNCTUATION.sub(r"\\\1", _LINE_BREAK.sub(" ", text))
    return _SHORTCODE.sub(lambda _: "\\:" + _JOINER, escaped)


def said(sentence: str) -> str:
    """Markdown of a message, in which what stands between two backticks, a command, is set as code to be copied.

    Example:
        >>> said("run `a --b`.")
        'run `a --b`\\\\.'
    """
    parts = _LINE_BREAK.sub(" ", sentence).split("`")
    codes = parts[1::2]
    if len(parts) % 2 == 0 or not all(map(str.strip, codes)):
        return plain(sentence)
    return "".join(f"`{part}`" if k % 2 else plain(part) for k, part in enumerate(parts))


def arrow(cause: str, effect: str) -> str:
    """Markdown for an edge: both names in bold, literally."""
    return f"**{plain(cause)}** → **{plain(effect)}**"


def counted(number: int, what: str, many: str = "") -> str:
    """A number of things; ``many`` where the plural is more than an "s".

    Example:
        >>> counted(2, "edge")
        '2 edges'
    """
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def file_stem(name: str, usual: str) -> str:
    """A name for a file: letters of any script, digits, dashes; ``usual`` where nothing of the name is left.

    Example:
        >>> file_stem("Adapted 1: <b>", "model")
        'Adapted-1-b'
    """
    return re.sub(r"[^\w]+", "-", name).strip("-") or usual
