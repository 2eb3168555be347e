"""Rules as a table that an expert writes by hand: a CSV of three columns.

    rule,behaviour,other
    required,view,cart              “view” causes “cart”
    forbidden,cart,view             “cart” does not cause “view”
    tier 1,search,                  tier 2 never causes tier 1, and so on; a behaviour stands in one tier at most
    tier 2,view,
    tier 2,compare,
    tier 2 closed,zoom,             closed, on any row of a tier: nothing in it causes anything else in it
    causes nothing,log out,
    caused by nothing,see an advert,
    goal,buy,                       causes nothing but other goals

The first row names the columns; ``cause`` and ``effect`` do for ``behaviour`` and ``other``. Small and capital letters
are the same in the words of a rule, and the Chinese words of ``WORDS`` mean the same. Columns are parted by commas,
semicolons or tabs, whichever the first row has; blank rows and rows that begin with # are passed over. The text is
UTF-8 with or without byte order mark, UTF-16 or GB18030. What is written has the mark, so that Excel shows every
script, and an apostrophe before a cell that Excel would take for a formula; one read there is taken off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from causalviz.errors import SettingsError, UnreadableGraph
from causalviz.graph.formulas import as_meant, disarmed
from causalviz.graph.knowledge import ON_PAIRS, Knowledge, Rule, RuleKind, knowledge_of
from causalviz.graph.small_file import decoded

LARGEST: Final = 10 << 20  # bytes of a table that somebody wrote by hand
COLUMNS: Final = ("rule", "behaviour", "other")
TITLES: Final = {  # what a column may be called
    "rule": "rule", "规则": "rule",
    "behaviour": "behaviour", "behavior": "behaviour", "cause": "behaviour", "行为": "behaviour", "原因": "behaviour",
    "other": "other", "effect": "other", "另一行为": "other", "结果": "other",
}  # fmt: skip
WORDS: Final = {
    **{kind.value: kind for kind in RuleKind if kind is not RuleKind.TIER},
    "必须": RuleKind.REQUIRED, "必有": RuleKind.REQUIRED,
    "禁止": RuleKind.FORBIDDEN, "不可": RuleKind.FORBIDDEN,
    "不导致任何": RuleKind.CAUSES_NOTHING,
    "无原因": RuleKind.CAUSED_BY_NOTHING,
    "目标": RuleKind.GOAL,
}  # fmt: skip
_TIER: Final = re.compile(r"(?:tier|层级?)\s*(\d{1,6})\s*(closed|封闭)?")


def write_knowledge(knowledge: Knowledge) -> bytes:
    """The rules as a table, UTF-8 with its mark."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for rule in knowledge.rules():
        word = rule.kind.value
        if rule.kind is RuleKind.TIER:
            word = f"tier {rule.tier}{' closed' if knowledge.tiers[rule.tier - 1].closed else ''}"
        table.writerow((word, disarmed(rule.behaviour), disarmed(rule.other)))
    return out.getvalue().encode("utf-8-sig", errors="replace")


def read_knowledge(data: bytes, title: str) -> Knowledge:
    """Reads a table of rules.

    Args:
        data: The file.
        title: Its name in messages.

    Returns:
        The rules as they were written; whether they clash is for ``check_rules`` to say.

    Raises:
        UnreadableGraph: If it is no such table, with the row and the value that are wrong.
    """
    text = _text(data, title)
    rows = list(_rows(text, title))
    columns = _columns(rows[0][1] if rows else [], title)
    rules: list[Rule] = []
    closed: set[int] = set()
    for number, cells in rows[1:]:
        word, behaviour, other = (cells[at].strip() if at < len(cells) else "" for at in columns)
        tier = _TIER.fullmatch(" ".join(word.casefold().split()))
        try:
            rules.append(_rule(word, tier, as_meant(behaviour), as_meant(other)))
        except SettingsError as error:
            raise UnreadableGraph(f"{title}, row {number}: {error}") from error
        if tier is not None and tier[2]:
            closed.add(int(tier[1]))
    return knowledge_of(rules, closed)


def is_knowledge(data: bytes) -> bool:
    """Whether a table's first row has a column for the rule, as far as its first line can be read."""
    marked = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for encoding in (marked, "gb18030"):
        head = data[:4096].decode(encoding, errors="replace")
        line = next((line for line in head.splitlines() if line.strip() and not line.startswith("#")), "")
        if "\ufffd" not in head[:-4]:  # the end may be half a character
            break
    return any(TITLES.get(cell.strip().strip('"').casefold()) == "rule" for cell in re.split("[,;\t]", line))


def _text(data: bytes, title: str) -> str:
    if len(data) > LARGEST:
        raise UnreadableGraph(f"{title} is larger than {LARGEST >> 20} MB; a table of rules is a small file.")
    if not data.strip():
        raise UnreadableGraph(f"{title} is empty; its first row must name the columns {', '.join(COLUMNS)}.")
    return decoded(data, title)


def _rows(text: str, title: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its line, cells) of each row that says something."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    parted_by = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=parted_by)
    try:
        for cells in table:
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                yield table.line_num, cells
    except csv.Error as error:
        raise UnreadableGraph(f"{title}, row {table.line_num}: {error}; save it as CSV anew.") from error


def _columns(head: list[str], title: str) -> tuple[int, int, int]:
    """Where rule, behaviour and other stand."""
    found = {TITLES.get(cell.strip().casefold(), ""): at for at, cell in reversed(list(enumerate(head)))}
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        got = ", ".join(cell.strip() for cell in head)[:80]
        raise UnreadableGraph(f"{title} has no column “{missing[0]}”; it needs {', '.join(COLUMNS)} (got {got}).")
    return found["rule"], found["behaviour"], found["other"]


def _rule(word: str, tier: re.Match[str] | None, behaviour: str, other: str) -> Rule:
    if tier is not None:
        return Rule(RuleKind.TIER, behaviour, other, int(tier[1]))
    kind = WORDS.get(" ".join(word.casefold().split()))
    if kind is None:
        raise SettingsError(f"there is no rule “{word}”; write one of tier 1, {', '.join(list(WORDS)[:5])}.")
    if kind is RuleKind.CAUSED_BY_NOTHING and other and not behaviour:  # written under “effect”, where it belongs
        behaviour, other = other, ""
    if kind in ON_PAIRS and behaviour == other:
        raise SettingsError(f"“{behaviour}” cannot be its own cause; name two different behaviours.")
    return Rule(kind, behaviour, other)
