"""Random tables and mutated files: they are read, or refused by an error of our own with one sentence.

``CAUSALVIZ_FUZZ=1000`` makes a thousand examples of each of the ten kinds, which takes a quarter of an hour of a core.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causalviz.errors import CausalVizError
from causalviz.events.findings import notes
from causalviz.events.mapping import Roles
from causalviz.events.quality import measure_quality
from causalviz.events.readers import read_events
from causalviz.events.rules import Rules, apply_rules

ROLES = Roles("user", "event", "time")
HEADER = ("user", "event", "time")
NOON = 1_710_331_200
ROWS = [(f"用户{k % 3}", ("view", "cart", "buy")[k % 3], f"2024-03-13 12:00:{k:02d}") for k in range(12)]
EXAMPLES = int(os.environ.get("CAUSALVIZ_FUZZ", "6"))
CASES = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_csv() -> bytes:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in [HEADER, *ROWS]).encode()


def as_json() -> bytes:
    return "\n".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in ROWS).encode()


def as_parquet() -> bytes:
    held = io.BytesIO()
    pd.DataFrame(ROWS, columns=list(HEADER)).to_parquet(held, compression=None)
    return held.getvalue()


def as_xes() -> bytes:
    steps = (
        f'<event><string key="concept:name" value="{what}"/><date key="time:timestamp" value="{when}"/></event>'
        for _, what, when in ROWS
    )
    return f'<?xml version="1.0"?>\n<log><trace>{"".join(steps)}</trace></log>'.encode()


def as_excel() -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    book.save(held)
    loose = io.BytesIO()  # without packing, so that a changed byte reaches the reader of the sheet
    with zipfile.ZipFile(held) as packed, zipfile.ZipFile(loose, "w") as archive:
        for name in packed.namelist():
            archive.writestr(name, packed.read(name))
    return loose.getvalue()


def as_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.csv", as_csv())
    return held.getvalue()


def as_gzip() -> bytes:
    return gzip.compress(as_csv())


def as_utf16() -> bytes:
    return as_csv().decode().encode("utf-16")


def tried(path: Path, roles: Roles | None) -> None:
    """Reads a file through to the quality of its log."""
    refusal, told = "One sentence.", ()
    try:
        raw, report = read_events(path, roles)
        told = notes(measure_quality(apply_rules(raw, Rules())), report)
    except CausalVizError as error:
        refusal = str(error)
    assert refusal.endswith(".")
    assert "\n" not in refusal
    assert all(note.meaning_for_causes.endswith(".") for note in told)


CELLS = st.one_of(
    st.sampled_from(["", "view", "buy", "u1", "u2", "NULL", str(NOON), "-1", "1e400", "2024-03-13T12:00:00+08:00",
                     "13/03/2024"]),
    st.integers(-(10**20), 10**20).map(str),
    st.text(max_size=8),
)  # fmt: skip

USUAL_ROWS = st.tuples(
    st.sampled_from(["u1", "u2", "用户", "=1+1"]),
    st.sampled_from(["view", "buy", " Buy", "<b>"]),
    st.sampled_from(
        [str(NOON), str(NOON + 1), f"{NOON}000", "2024-03-13T12:00:00+08:00", "2024-03-13 12:00", "03/04/2024"]
    ),
).map(list)


@given(
    st.lists(st.one_of(USUAL_ROWS, st.lists(CELLS, min_size=1, max_size=5)), max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-16", "gb18030"]),
    st.booleans(),
)
@CASES
def test_random_tables(tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str, has_header: bool) -> None:
    lines = [delimiter.join(row) for row in ([list(HEADER)] if has_header else []) + rows]
    path = tmp_path / "log.csv"
    path.write_bytes("\n".join(lines).encode(encoding, errors="replace"))
    tried(path, ROLES if has_header else None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*HEADER, "A", ""]), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1, max_size=6), st.booleans())
@CASES
def test_random_json(tmp_path: Path, values: list[object], is_array: bool) -> None:
    path = tmp_path / "log.json"
    text = json.dumps(values) if is_array else "\n".join(map(json.dumps, values))
    path.write_text(text, encoding="utf-8")
    tried(path, None)


@pytest.mark.parametrize(
    "make", [as_csv, as_json, as_parquet, as_xes, as_excel, as_zip, as_gzip, as_utf16], ids=lambda make: make.__name__
)
@given(data=st.data())
@CASES
def test_mutated_files(tmp_path: Path, make: Callable[[], bytes], data: st.DataObject) -> None:
    content = bytearray(make())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["change", "cut", "insert", "remove", "repeat"]))
        few = data.draw(st.binary(min_size=1, max_size=4))
        if how == "change":
            content[at : at + len(few)] = few
        elif how == "insert":
            content[at:at] = few
        elif how == "remove":
            del content[at : at + 8]
        elif how == "repeat":
            content[at:at] = content[at // 2 : at]
        else:
            del content[at:]
        content = content or bytearray(b"x")
    path = tmp_path / "log"
    path.write_bytes(bytes(content))
    tried(path, None if make is as_xes else ROLES)
