"""Bad files: each gets one clear sentence, or the reading that is written here."""

from __future__ import annotations

import errno
import gzip
import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from causalviz.errors import CausalVizError, OversizedLog, UnreadableLog
from causalviz.events import packing, readers, tables
from causalviz.events.mapping import Roles
from causalviz.events.preparing import prepare
from causalviz.events.raw import RawEvents
from causalviz.events.readers import Reading, inspect, read_events
from causalviz.events.rules import MAX_BEHAVIOURS, Rules, apply_rules

NOON = 1_710_331_200  # 2024-03-13 12:00:00 UTC
ROLES = Roles("user", "event", "time")
Cell = str | int


def csv(rows: list[tuple[Cell, ...]], head: str = "user,event,time") -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in [head.split(","), *rows])


def events(n: int = 30, when: Callable[[int], Cell] = lambda k: NOON + k) -> list[tuple[Cell, ...]]:
    return [(f"u{k % 4}", ("view", "cart", "buy")[k % 3], when(k)) for k in range(n)]


def parquet(**columns: list[object]) -> bytes:
    held = io.BytesIO()
    pd.DataFrame(columns).to_parquet(held)
    return held.getvalue()


def zipped(method: int = zipfile.ZIP_DEFLATED, **files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return held.getvalue()


def nameless() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), csv(events()))
    return held.getvalue()


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def listed(changes: dict[int, bytes]) -> bytes:
    """A zipped log with other bytes at some places of its central directory."""
    packed = bytearray(zipped(log__csv=GOOD))
    start = packed.index(b"PK\x01\x02")
    for place, byte in changes.items():
        packed[start + place : start + place + 1] = byte
    return bytes(packed)


def workbook(*sheets: list[tuple[object, ...]]) -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for k, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{k}")
        for row in rows:
            sheet.append(row)
    book.save(held)
    return held.getvalue()


def clocked(when: Cell) -> str:
    """A log all of whose times are the same."""
    return csv([(user, event, when) for user, event, _ in events()])


def saved(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


GOOD = csv(events())
BODY = csv(events()[1:]).partition("\n")[2]
MIXED = GOOD.encode() + "用户甲,浏览,2024-03-13\n".encode() * 30 + "用户乙,购买,2024-03-14\n".encode("gb18030") * 30
BOMB = gzip.compress(bytes(10 << 20)) * 1000  # 10 GB of zeros, as members one after the other
TRAP = gzip.compress((GOOD * 2000).encode()) + BOMB  # the same behind a log
LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n<log><trace><event/></trace></log>'
)

REFUSED: dict[str, tuple[str | bytes, str]] = {  # name: content, sentence
    "empty.csv": (b"", "empty.csv is empty; choose a file"),
    "header.csv": ("user,event,time\n", "header.csv has no rows below its header; choose"),
    "one_column.csv": ("user\na\nb\n", "one_column.csv has one column only.*('user').*save the table"),
    "delimiter.csv": (GOOD.replace(",", "^"), "no comma, tab, semicolon or bar divides its first line ('user^event"),
    "ragged.csv": ("user,event,time\n" + "u,a\n" * 3, "the first, line 2, has too few columns ('u,a'); write every"),
    "quote.csv": (
        GOOD + f'u1,"view,{NOON}\n' + BODY,
        f"has a quote in line 32 ('u1,\"view,{NOON}') that is not closed and swallows the 29 lines after it; close",
    ),
    "hole.csv": (GOOD.encode() + bytes(50) + BODY.encode(), "NUL bytes, the first at byte 576 in line 32.*remove"),
    "late_hole.csv": (GOOD.encode() + BODY.encode() * 3000 + b"\0", "the first at byte 1623576 in line 87032"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "is no text but binary data; choose a CSV"),
    "cut.csv.gz": (gzip.compress(GOOD.encode())[:-20], "is cut off: its gzip data end before their end mark; copy"),
    "twice.csv.gz": (gzip.compress(gzip.compress(GOOD.encode())), "is packed with gzip; unpack it"),
    "bomb.csv.gz": (BOMB, "is no text but binary data"),
    "trap.csv.gz": (TRAP, "holds nothing but NUL bytes from byte 2097152 on, as a crash or a trap leaves them; unpack"),
    "cut.zip": (zipped(log__csv=GOOD)[:-30], "is a ZIP or Excel file that is damaged or cut off"),
    "name.parquet": (
        parquet(user=["a", "b"], event=["x", "y"], time=[1, 2]).replace(b"event", b"even\x80"),
        "is damaged: a name in it is no text",
    ),
    "new.zip": (listed({6: b"\x40"}), "is a ZIP file packed by a method that is not known here"),
    "name.zip": (listed({9: b"\x08", 46: b"\xff"}), "is a ZIP or Excel file that is damaged or cut off"),
    "two.zip": (zipped(a__csv=GOOD, b__csv=GOOD), r"not just one log in it (found a.csv, b.csv); pack only one"),
    "none.zip": (zipped(), "not just one log in it (found none)"),
    "cut.parquet": (parquet(user=["u"], event=["a"], time=[1])[:-9], "is cut off: its Parquet data end without their"),
    "torn.parquet": (b"PAR1" + b"x" * 99 + b"PAR1", "is damaged Parquet; copy or export it again"),
    "lists.parquet": (
        parquet(user=["u", "v"], event=[["a", "b"], ["b"]], time=[1, 2]),
        "The column 'event' of lists.parquet, chosen for the event, holds many values in one row ('[a, b]'); write",
    ),
    "line.jsonl": ('{"user": "u"}\n{"user": \n', "at line 2: it is no JSON (Expecting value, character 11); write"),
    "behind.json": ('[{"user": "u"}]\n# end', "something behind the end of its array, at line 2 ('# end'); write one"),
    "lzma.zip": (flipped(zipped(zipfile.ZIP_LZMA, log__csv=GOOD), 60), "is a ZIP or Excel file that is damaged or cut"),
    "nameless.zip": (nameless(), "not just one log in it (found none)"),
    "laughs.xes": (LAUGHS, "has a DOCTYPE at line 2, which no event log needs"),
    "no_user.csv": (csv([("", e, t) for _, e, t in events()]), "column 'user' of no_user.csv has no values"),
    "no_time.csv": (clocked(""), "The column 'time' of no_time.csv has no values in any of its 30"),
    "one_moment.csv": (clocked(NOON), "the same time in column 'time' (2024-03-13 12:00:00), so none"),
    "one_behaviour.csv": (csv([("u", "view", k) for k in range(9)]), "one behaviour only, 'view' in column 'event'"),
    "latin.csv": (GOOD.replace("view", "vu\xe9").encode("latin-1"), "no encoding known here.*in line 2); save it as"),
    "western.csv": (GOOD.replace("view", "d\xe9tail").encode("cp1252"), "no encoding known here.*in line 2); save it"),
    "encodings.csv": (MIXED, "mixes two encodings: '用户甲' in line 32 is UTF-8, but byte 1416 in line 62 is not"),
    "joined.csv": (
        "用户,行为,时间\n甲,购买,1\n".encode("gb18030") + "乙,浏览,2\n".encode(),
        "mixes two encodings: '浏览' in line 3 is UTF-8, but byte 0 in line 1 is not; save all of it as UTF-8",
    ),
    "damaged.xlsx": (zipped(**{"xl/workbook__xml": "<a>"}), "is a damaged Excel file (.*); save it again, or as CSV"),
    "empty.xlsx": (workbook([]), "has no sheet with a table; it needs one row per event"),
    "header.xlsx": (workbook([("user", "event", "time")]), "has no rows below its header"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_one_sentence_names_the_file_the_place_and_the_way_out(tmp_path: Path, name: str) -> None:
    content, sentence = REFUSED[name]
    path = saved(tmp_path, name, content)
    started = time.monotonic()
    with pytest.raises(CausalVizError) as caught:
        read_events(path)
    told = str(caught.value)
    assert time.monotonic() - started < 30  # seconds, on a busy machine: a bomb is not unpacked
    assert name in told
    assert "\n" not in told
    assert told.endswith(".")
    *parts, last = sentence.split(".*")
    for part in [*parts, last]:
        assert part in told
    assert [file.name for file in tmp_path.iterdir()] == [name]  # nothing is left behind


@pytest.mark.parametrize("name", ["header.csv", "ragged.csv"])
def test_a_file_without_rows_is_refused_before_its_roles_are_asked(tmp_path: Path, name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(CausalVizError) as caught:
        inspect(saved(tmp_path, name, content))
    assert sentence in str(caught.value)


def test_a_column_whose_name_has_line_breaks_is_listed_on_one_line(tmp_path: Path) -> None:
    path = saved(tmp_path, "run_on.csv", 'user,event,"x\ny"\nu,view,soon\nu,buy,later\n')
    for roles in (ROLES, None):
        with pytest.raises(CausalVizError, match=r"(are|among) user, event, x y\.$"):
            read_events(path, roles)


class Read(NamedTuple):
    """What a reading is asked for."""

    events: int
    dropped: dict[str, int]
    told: str = ""  # a part of the format, the time unit or a doubt
    behaviours: tuple[str, ...] = ("buy", "cart", "view")
    roles: Roles | None = ROLES


def at(second: int) -> str:
    return f"2024-03-13 12:00:{second % 60:02d}"


NAMES = [" ", "View", " view ", '"a\nb"', "<b>x</b>", "=cmd|' /C calc'!A0", "🛒", "شراء", "x" * 100_000]
FAR = {0: "1970-01-01 00:00:00", 1: "2262-04-12 00:00:00"}
MIXED_IDS = [1, "1", "a", 1.0, True, None, [1], 2**70]

READ: dict[str, tuple[str | bytes, Read]] = {  # name: content, reading
    "semicolons.csv": (GOOD.replace(",", ";"), Read(30, {}, "divided by semicolons")),
    "declared.csv": ("sep=;\r\n" + GOOD.replace(",", ";"), Read(30, {}, "divided by semicolons")),
    "quoted.csv": (csv([(f"'{u}'", f"'{e}'", t) for u, e, t in events()]), Read(30, {}, "values in single quotes")),
    "usual_quotes.csv": (csv([(u, f'"{e}"', t) for u, e, t in events()]), Read(30, {}, "in double quotes, UTF-8")),
    "ragged.csv": (GOOD + "u,view\nu,view,1,x,y\n", Read(30, {"a broken row": 2})),
    "last_quote.csv": (GOOD + 'u,"view', Read(30, {"a broken row": 1})),
    "returns.csv": (GOOD.replace("\n", "\r"), Read(30, {})),
    "packed.zip": (zipped(log__csv=GOOD, **{"a__md": "x", "__MACOSX/__log__csv": "x"}), Read(30, {}, "UTF-8, ZIP")),
    "months.xlsx": (
        workbook(
            *[[("user", "event", "time"), *events()[k : k + 10]] for k in (0, 10, 20)], [("user", "event"), ("u", "a")]
        ),
        Read(30, {}, "Excel, sheets 'S0' and 'S1' and 1 more"),
    ),
    "book.xlsx": (workbook([("note",)], [("user", "event", "time"), *events()]), Read(30, {}, "Excel, sheet 'S1'")),
    "untitled.xlsx": (
        workbook([(u, e, pd.Timestamp(int(t), unit="s")) for u, e, t in events()]),
        Read(30, {}, "Excel, sheet 'S0', no header", roles=Roles("column 1", "column 2", "column 3")),
    ),
    "nested.parquet": (
        parquet(who=[{"user": {"id": "u"}}] * 2, event=["a", "b"], time=[1, 2]),
        Read(2, {}, "", ("a", "b"), Roles("who.user.id", "event", "time")),
    ),
    "array.jsonl": (
        json.dumps([{"user": "u", "event": "ab"[k % 2], "time": k} for k in range(9)]),
        Read(9, {}, "JSON array", ("a", "b")),
    ),
    "doubled.csv": (
        csv([(u, e, t, t) for u, e, t in events()], "user,event,time,time"),
        Read(30, {}, roles=Roles("user", "event", "time (2)")),
    ),
    "unreadable.csv": (csv(events(100, lambda k: "soon" if k == 77 else at(k))), Read(99, {"an unreadable time": 1})),
    "zones.csv": (
        csv(events(when=lambda k: at(k) + ("+08:00", "Z", "")[k % 3])),
        Read(30, {}, "Some times name their zone and some do not; the latter were read as UTC."),
    ),
    "units.csv": (
        csv(events(when=lambda k: NOON + k if k % 9 else (NOON + k) * 1000)),
        Read(30, {}, "The times mix seconds and milliseconds since 1970; each number was read by its size."),
    ),
    "far.csv": (
        csv(events(when=lambda k: FAR.get(k, at(k)))),
        Read(29, {"an unreadable time": 1}, "1 of 29 events lie in the future"),
    ),
    "farther.csv": (csv(events(when=lambda k: "9999-12-31" if k else at(k))), Read(30, {}, "the last at 9999-12-31")),
    "negative.csv": (csv(events(when=lambda k: k - NOON)), Read(30, {}, "seconds since 1970")),
    "marks.csv": (csv(events(when=lambda k: NOON + k if k % 10 else -1)), Read(27, {"an unreadable time": 3})),
    "months.csv": (
        csv(events(when=lambda k: f"0{k % 9 + 1}/0{k % 8 + 1}/2024 12:00:00")),
        Read(30, {}, "may be swapped: the times were read as day/month/year, so that they span"),
    ),
    "told_months.csv": (
        csv(events(when=lambda k: f"0{k % 9 + 1}/0{k % 8 + 1}/2024 12:00:00")),
        Read(30, {}, "month/day/year, UTC; ", roles=Roles("user", "event", "time", dates="month-first")),
    ),
    "late_day.csv": (
        csv([*events(4_500, lambda k: f"0{k % 9 + 1}/03/2024"), ("u1", "view", "13/09/2024")]),
        Read(4501, {}, "day/month/year, UTC; "),
    ),
    "both_orders.csv": (
        csv(events(when=lambda k: "25/03/2024" if k < 20 else "03/28/2024" if k == 25 else "02/03/2024")),
        Read(29, {"an unreadable time": 1}, "read as day/month/year, but 1 of the 30 looked at can only be month"),
    ),
    "days.csv": (csv(events(when=lambda k: f"{k % 28 + 1}/03/2024 12:00")), Read(30, {}, "day/month/year, UTC")),
    "disorder.csv": (csv(events()[::-1]), Read(30, {})),
    "repeated.csv": (GOOD + BODY, Read(59, {})),
    "one_user.csv": (csv([("u", e, t) for _, e, t in events()]), Read(30, {})),
    "two_events.csv": (csv([("u", "a", 1), ("u", "b", 2)]), Read(2, {}, "own clock", ("a", "b"))),
    "names.csv": (
        csv([*events(), *(("u", name, NOON) for name in ["", *NAMES])]),
        Read(
            37, {"no behaviour": 2, "a name longer than 2000 characters": 1}, "",
            ("<b>x</b>", "=cmd|' /C calc'!A0", "View", "a\nb", "buy", "cart", "view", "شراء", "🛒"),
        ),
    ),
    "ids.jsonl": (
        "\n".join(json.dumps({"user": MIXED_IDS[k % 8], "event": "ab"[k // 8], "time": k}) for k in range(16)),
        Read(14, {"no user": 2}, "", ("a", "b")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_is_read_all_the_same_is_read_so(tmp_path: Path, name: str) -> None:
    content, asked = READ[name]
    raw, report = read_events(saved(tmp_path, name, content), asked.roles)
    assert (raw.n_events, report.dropped, raw.event_names) == (asked.events, asked.dropped, asked.behaviours)
    assert report.rows == asked.events + sum(asked.dropped.values())
    assert asked.told in f"{report.format}; {report.time_unit}; {' '.join(report.time_doubts)}"


def read(folder: Path, name: str) -> Reading:
    content, asked = READ[name]
    return read_events(saved(folder, name, content), asked.roles)


def test_each_way_to_write_a_time_gives_the_same_moments(tmp_path: Path) -> None:
    wanted = [NOON * 1000 + 1000 * k for k in range(30)]
    for name in ("semicolons.csv", "units.csv", "untitled.xlsx", "book.xlsx", "disorder.csv"):
        assert sorted(read(tmp_path, name).raw.time.tolist()) == wanted, name
    assert read(tmp_path, "zones.csv").raw.time.min() == (NOON - 8 * 3600) * 1000
    assert read(tmp_path, "negative.csv").raw.time.min() == -NOON * 1000
    assert read(tmp_path, "negative.csv").report.time_doubts == ()


def test_the_distance_of_the_disorder_is_told(tmp_path: Path) -> None:
    report = read(tmp_path, "disorder.csv").report
    assert (report.out_of_order, report.furthest_back_s) == (26, 4.0)
    assert read(tmp_path, "semicolons.csv").report.furthest_back_s == 0


def test_ids_of_mixed_types_are_text(tmp_path: Path) -> None:
    assert read(tmp_path, "ids.jsonl").raw.user_names == ("1", "1.0", str(2**70), "[1]", "a", "true")


def test_ten_thousand_behaviours_are_grouped_once_their_column_is_chosen(tmp_path: Path) -> None:
    path = saved(tmp_path, "many.csv", csv([(f"u{k % 50}", f"e{k % 10_000}", NOON + k) for k in range(12_000)]))
    with pytest.raises(CausalVizError, match=r"'event' of many.csv has 10,000 different values in 12,000 rows"):
        read_events(path)
    log = apply_rules(read_events(path, ROLES).raw, Rules())
    assert (log.n_behaviours, log.n_events, log.names[0]) == (MAX_BEHAVIOURS, 12_000, "(rare)")


def test_a_bomb_of_text_is_refused_when_it_has_grown_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "HARMLESS_BYTES", 1 << 20)
    lines = b"u,a,1\n" * 200_000
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.csv", lines * 10)
    for name, content in (("bomb.csv.gz", gzip.compress(lines) * 10), ("bomb.zip", held.getvalue())):
        with pytest.raises(UnreadableLog, match=rf"^{name} unpacks to more than 400 times its size, which no log does"):
            inspect(saved(tmp_path, name, content))
    monkeypatch.setattr(packing, "SPARE_BYTES", 1 << 60)
    room = r"and 0\.0 GB may be taken for it of the disk of '[^']+'; free some space there, .* Parquet"
    for name, content in (("log.csv.gz", gzip.compress(GOOD.encode())), ("log.zip", zipped(log__csv=GOOD))):
        path = saved(tmp_path, name, content)
        with pytest.raises(UnreadableLog, match=rf"^{name} \(0\.00 GB\) unpacks to .*0\.0 GB, {room}"):
            inspect(path)
        with pytest.raises(UnreadableLog, match=re.escape(f"disk of {str(tmp_path / 'home')!r}")):
            prepare(path, ROLES, Rules(), tmp_path / "home")
        assert list((tmp_path / "home" / ".staging").iterdir()) == []


def test_a_text_of_too_many_rows_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MOST_ROWS", 29)
    monkeypatch.setattr(tables, "find_encoding", None)  # it does not come so far
    said = r"^log\.\S+ has more than 29 rows, and at most 29 are held in memory; .* discover log"
    for name, content in (
        ("log.csv", GOOD.encode()),
        ("log.csv.gz", gzip.compress(GOOD.encode())),
        ("log.zip", zipped(log__csv=GOOD)),
    ):
        with pytest.raises(OversizedLog, match=said):
            inspect(saved(tmp_path, name, content))


def test_a_bomb_in_a_workbook_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entities = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 10))
    whole, held = io.BytesIO(workbook([("user", "event", "time"), ("u", "view", 1)])), io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(held, "w") as target:
        for name in source.namelist():
            part = source.read(name).replace(b"view", b"&a9;")
            is_sheet = name.startswith("xl/worksheets/")
            doctype = f'<!DOCTYPE x [<!ENTITY a0 "{"ha" * 50}">{entities}]>'.encode() if is_sheet else b""
            target.writestr(name, doctype + part)
    with pytest.raises(UnreadableLog, match=r"laughs\.xlsx is a damaged Excel file") as caught:
        read_events(saved(tmp_path, "laughs.xlsx", held.getvalue()), ROLES)
    assert "causalviz-" not in str(caught.value)  # the folder where it was unpacked
    monkeypatch.setattr(packing, "HARMLESS_BYTES", 1)
    monkeypatch.setattr(packing, "MOST_TIMES", 1)
    with pytest.raises(UnreadableLog, match=r"grown\.xlsx unpacks to more than"):
        read_events(saved(tmp_path, "grown.xlsx", whole.getvalue()), ROLES)


def test_a_locked_archive_is_named(tmp_path: Path) -> None:
    locked = bytearray(zipped(log__csv=GOOD))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableLog, match="locked with a password; unpack it first"):
        inspect(saved(tmp_path, "log.zip", bytes(locked)))


@pytest.mark.parametrize("stage", ["find_dialect", "_load", "find_clock"])
def test_a_file_that_goes_while_it_is_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    path = saved(tmp_path, "log.csv", GOOD)
    real = getattr(tables, stage)

    def gone(*arguments: object, **named: object) -> object:
        path.unlink(missing_ok=True)
        return real(*arguments, **named)

    monkeypatch.setattr(tables, stage, gone)
    if stage == "find_clock":  # the table is complete by then
        assert read_events(path, ROLES).raw.n_events == 30
        return
    with pytest.raises(UnreadableLog, match=r"^log.csv was deleted or moved while it was read; choose it again\.$"):
        read_events(path, ROLES)


def test_a_part_of_a_folder_that_goes_while_it_is_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = tmp_path / "days", tables.find_clock
    folder.mkdir()
    for name in ("one.parquet", "two.parquet"):
        saved(folder, name, parquet(user=["u", "u"], event=["a", "b"], time=[NOON, NOON + 1]))

    def gone(*arguments: object) -> object:
        (folder / "two.parquet").unlink(missing_ok=True)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "find_clock", gone)
    with pytest.raises(UnreadableLog, match=r"^two\.parquet in days was deleted or moved .* choose the folder again"):
        prepare(folder, ROLES, Rules(), tmp_path / "home")
    assert list((tmp_path / "home" / ".staging").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.jsonl", '{"user": "u", "event": "a", "time": 1}'),
        ("log.xes", '<log><trace><event><string key="concept:name" value="a"/></event></trace></log>'),
        ("log.xlsx", workbook([("user", "event", "time"), ("u", "a", 1)])),
    ],
)
def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(UnreadableLog, match=f"^The disk is full, so {name} cannot be prepared; free some space in "):
        inspect(saved(tmp_path, name, content))
    raw = RawEvents.from_names(["u", "u"], np.array([1, 2]), ["a", "b"])
    (tmp_path / "events.parquet").write_bytes(b"half")
    with pytest.raises(UnreadableLog, match=r"cannot be kept in events.parquet \(No space left on device\); free some"):
        raw.save(tmp_path / "events.parquet")
    assert not (tmp_path / "events.parquet").exists()


def test_a_full_disk_is_named_by_a_folder_that_is_still_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tables, "find_dialect", full)
    with pytest.raises(UnreadableLog) as caught:
        prepare(saved(tmp_path, "log.csv", GOOD), ROLES, Rules(), tmp_path / "home")
    assert str(caught.value).endswith(f"free some space in {str(tmp_path / 'home')!r}.")
    assert list((tmp_path / "home" / ".staging").iterdir()) == []


def test_a_disk_that_fills_while_unpacking_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(packing, "_copied", full)
    with pytest.raises(UnreadableLog, match=r"^The disk is full, so log.csv.gz cannot be prepared"):
        inspect(saved(tmp_path, "log.csv.gz", gzip.compress(GOOD.encode())))
