"""What a terminal is told, it can show."""

from __future__ import annotations

from causalviz.commands.terminal import shown


def test_unprintable_characters_of_names_are_replaced() -> None:
    assert shown("浏览\x1b[2J\n a\u202eb") == "浏览\ufffd[2J  a\ufffdb"
