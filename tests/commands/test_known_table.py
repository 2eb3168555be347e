"""Tables of what is known: what cannot be meant is one sentence with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from causalviz.commands.known_table import read_known
from causalviz.errors import UnreadableGraph

NAMES = ("view", "cart", "buy")


def table(folder: Path, *rows: str) -> Path:
    path = folder / "known.csv"
    path.write_text("\n".join(["cause,effect,exists", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (("view,cart,yes", "view,cart,no"), "row 3: 'view' -> 'cart' is said both to exist and not; keep one."),
        (("cart,cart,no",), "row 2: 'cart' is cause and effect; name two behaviours."),
        ((",cart,no",), "row 2: cause or effect is empty; name both behaviours."),
        (("view,cart,",), "row 2: exists is 'nan'; say yes or no."),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_row(tmp_path: Path, rows: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UnreadableGraph) as caught:
        read_known(table(tmp_path, *rows), NAMES)
    assert str(caught.value) == f"known.csv, {sentence}"


def test_a_comma_too_many_shifts_nothing(tmp_path: Path) -> None:
    assert read_known(table(tmp_path, "view,cart,yes,", "cart,buy,no,"), NAMES) == (
        ("view", "cart", True),
        ("cart", "buy", False),
    )


def test_verdicts_on_strangers_wait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = read_known(table(tmp_path, "view,cart,yes", "viev,cart,yes", "cart,购买,no"), NAMES)
    assert known == (("view", "cart", True),)
    assert capsys.readouterr().out == "Not in the log, so their verdicts wait: viev, 购买\n"
