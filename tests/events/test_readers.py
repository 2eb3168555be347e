"""Files in, raw events and a report out."""

from __future__ import annotations

import gzip
import json
import re
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalviz.errors import LogError, RoleError, UnreadableLog, UnusableLog
from causalviz.events import nested, readers
from causalviz.events.mapping import Roles
from causalviz.events.nested import write_rows
from causalviz.events.raw import RawEvents
from causalviz.events.readers import inspect, read_events
from causalviz.events.report import OffendingRow
from causalviz.events.tables import open_table

NOON = 1_710_331_200_000  # 2024-03-13 12:00:00 UTC, ms
ROWS = [
    ("张三", "浏览", "2024-03-13 12:00:00", "A"),
    ("张三", "购买", "2024-03-13 12:00:30", "A"),
    ("李四", "浏览", "2024-03-13 12:00:05", "B"),
    ("李四", "浏览", "2024-03-13 12:00:05", "B"),
]
HEADER = ("用户ID", "行为", "时间", "商品")


def delimited(delimiter: str = ",", header: bool = True) -> str:
    rows = [HEADER, *ROWS] if header else ROWS
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def saved(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def expected() -> RawEvents:
    users, events, _, items = zip(*ROWS, strict=True)
    return RawEvents.from_names(users, NOON + np.array([0, 30_000, 5_000, 5_000]), events, items)


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"),
     ("gb18030", "GB18030"), ("gbk", "GB18030")],
)  # fmt: skip
@pytest.mark.parametrize("is_packed", [False, True])
def test_encodings_are_found(tmp_path: Path, encoding: str, title: str, is_packed: bool) -> None:
    content = delimited().encode(encoding)
    path = saved(tmp_path, "日志.csv", gzip.compress(content) if is_packed else content)
    raw, report = read_events(path)
    assert raw.fingerprint == expected().fingerprint
    assert report.format == f"CSV divided by commas, {title}" + (", gzip" if is_packed else "")
    assert (report.rows, report.events, report.duplicates, report.out_of_order) == (4, 4, 1, 0)
    assert report.roles == Roles(*HEADER)


@pytest.mark.parametrize(("delimiter", "word"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_delimiters_are_found(tmp_path: Path, delimiter: str, word: str) -> None:
    raw, report = read_events(saved(tmp_path, "log.txt", delimited(delimiter)))
    assert raw.fingerprint == expected().fingerprint
    assert f"divided by {word}" in report.format


def frame() -> pd.DataFrame:
    told = pd.DataFrame(ROWS, columns=list(HEADER))
    return told.assign(**{"时间": pd.to_datetime(told["时间"])})


def test_parquet_and_a_folder_of_it(tmp_path: Path) -> None:
    one, folder = tmp_path / "log.parquet", tmp_path / "parts"
    (folder / "day=1").mkdir(parents=True)
    frame().to_parquet(one)
    frame().iloc[:1].to_parquet(folder / "a.parquet")
    frame().iloc[1:].to_parquet(folder / "day=1" / "b.parquet")
    assert read_events(one).raw.fingerprint == expected().fingerprint
    assert read_events(one).report.format == "Parquet"
    assert read_events(folder).raw.fingerprint == expected().fingerprint
    assert read_events(folder).report.format == "2 Parquet files"


def test_the_part_that_does_not_belong_to_a_folder_is_named(tmp_path: Path) -> None:
    known = pd.DataFrame({"user": ["u"], "event": ["view"], "time": [pd.Timestamp(NOON, unit="ms")]})
    known.to_parquet(tmp_path / "a.parquet")
    for column, value, clash in (
        (
            "time",
            5,
            r"do not belong together: the column 'time' is TIME\w+ in a.parquet, but BIGINT in b.parquet; write",
        ),
        ("user", {"id": 1}, "the column 'user' is VARCHAR in a.parquet, but STRUCT"),
    ):
        known.assign(**{column: [value]}).to_parquet(tmp_path / "b.parquet")
        with pytest.raises(UnreadableLog, match=clash):
            read_events(tmp_path)
    known.assign(event=1, item=None).to_parquet(tmp_path / "b.parquet")  # what can be read together is
    known.assign(item=5, time=pd.Timestamp("2024-03-14")).to_parquet(tmp_path / "c.parquet")
    assert read_events(tmp_path, Roles("user", "event", "time")).raw.event_names == ("1", "view")
    for content, wrong in ((b"PAR1" + b"x" * 99, "is cut off"), (b"PAR1" + b"x" * 99 + b"PAR1", "is damaged Parquet")):
        (tmp_path / "b.parquet").write_bytes(content)
        with pytest.raises(UnreadableLog, match=rf"^b\.parquet in .* {wrong}"):
            read_events(tmp_path)


def test_zoned_parquet_times_are_utc(tmp_path: Path) -> None:
    told = frame()
    told["时间"] = told["时间"].dt.tz_localize("UTC").dt.tz_convert("Asia/Shanghai")
    told.to_parquet(tmp_path / "log.parquet")
    assert read_events(tmp_path / "log.parquet").raw.fingerprint == expected().fingerprint


def test_json_lines_and_arrays(tmp_path: Path) -> None:
    objects = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    lines = "\n".join(json.dumps(o, ensure_ascii=False) for o in objects)
    for name, text in (("a.jsonl", lines), ("b.json", json.dumps(objects, indent=2)), ("c.json", json.dumps(objects))):
        assert read_events(saved(tmp_path, name, text)).raw.fingerprint == expected().fingerprint
    packed = saved(tmp_path, "d.jsonl.gz", gzip.compress(lines.encode("gb18030")))
    assert read_events(packed).raw.fingerprint == expected().fingerprint


@pytest.mark.parametrize("chunk", [1 << 20, 64, 1])
@pytest.mark.parametrize("between", ["\n", "", " " * 99 + ",\n"])
def test_arrays_one_behind_the_other_are_one_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, between: str
) -> None:
    monkeypatch.setattr(nested, "CHUNK", chunk)
    objects = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    pages = [json.dumps(page, ensure_ascii=False) for page in (objects[:2], [], objects[2:])]
    path = saved(tmp_path, "pages.json", between.join(pages) + "\n")
    assert read_events(path).raw.fingerprint == expected().fingerprint


@pytest.mark.parametrize("number", [22, 31, 57, 30])
def test_dates_in_the_formats_of_east_asia_are_dates(tmp_path: Path, number: int) -> None:
    path, other = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    rows = [(user, event, pd.Timestamp(when), item) for user, event, when, item in ROWS]
    pd.DataFrame(rows, columns=HEADER).to_excel(path, index=False)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            part = re.sub(rb"<numFmts.*?</numFmts>", b"", old.read(name))
            new.writestr(name, re.sub(rb'numFmtId="16\d"', b'numFmtId="%d"' % number, part))
    assert read_events(other).raw.fingerprint == expected().fingerprint


@pytest.mark.parametrize("mark", ["0001-01-01 00:00:00", "1900-01-01", "1970-01-01T00:00:00Z", "0"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_programs_write_for_a_missing_time_is_none(tmp_path: Path, mark: str, kind: str) -> None:
    whole, seconds = [when for _, _, when, _ in ROWS], [str(NOON // 1000 + k) for k in (0, 30, 5, 5)]
    times = [mark] * 6 + (seconds if mark == "0" else whole)
    rows = [(f"u{k % 2}", "ab"[k % 3 == 0], when) for k, when in enumerate(times)]
    table, path = pd.DataFrame(rows, columns=["user", "event", "time"]), tmp_path / f"log.{kind}"
    if kind == "csv":
        table.to_csv(path, index=False)
    else:
        native = mark.startswith("1970")
        moments = pd.to_datetime(table["time"], format="ISO8601", utc=True) if native else table["time"]
        table.assign(time=moments).to_parquet(path)
    raw, report = read_events(path)
    assert sorted(raw.time - NOON) == [0, 5_000, 5_000, 30_000]
    assert sum(report.dropped.values()) == 6


def test_a_log_that_begins_with_a_calendar_keeps_its_first_moment(tmp_path: Path) -> None:
    rows = [(f"u{k % 2}", "ab"[k % 3 == 0], f"1970-01-01 00:{k:02d}:00") for k in range(30)]
    path = tmp_path / "log.csv"
    pd.DataFrame(rows, columns=["user", "event", "time"]).to_csv(path, index=False)
    assert read_events(path).raw.time.min() == 0


@pytest.mark.parametrize("odd", ["\x0c\n", "\u2028\n", "\x0b\n\x1c\n"])
def test_only_line_ends_end_a_line(tmp_path: Path, odd: str) -> None:
    assert read_events(saved(tmp_path, "a.csv", odd + delimited())).report.events == len(ROWS)


def test_lists_of_events_are_unfolded(tmp_path: Path) -> None:
    lines = [
        {"user": {"id": "u"}, "events": [{"type": "view", "ts": NOON}, {"type": "buy", "ts": NOON + 30_000}]},
        {"user": {"id": "v"}, "events": []},
        {"user": {"id": "w"}, "events": [{"type": "view", "ts": NOON + 5_000, "Type": "x", "tags": [1, 2]}]},
    ]  # fmt: skip
    path = saved(tmp_path, "log.jsonl", "\n".join(map(json.dumps, lines)))
    source = inspect(path)
    assert [column.name for column in source.columns] == [
        "user.id",
        "events.type",
        "events.ts",
        "events.Type",
        "events.tags",
    ]
    assert source.preview["events.tags"].tolist()[-1] == "[1, 2]"
    raw, report = read_events(path, Roles("user.id", "events.type", "events.ts"))
    assert raw.user_names == ("u", "w")
    assert raw.time.tolist() == [NOON, NOON + 30_000, NOON + 5_000]
    assert report.dropped == {"no behaviour": 1}


def test_a_long_array_on_one_line_keeps_its_order(tmp_path: Path) -> None:
    objects = [{"user": f"u{k // 9}", "event": "ab"[k % 2], "time": NOON - k * 1000} for k in range(9000)]
    report = read_events(saved(tmp_path, "log.json", json.dumps(objects))).report
    assert (report.events, report.dropped) == (9000, {})
    assert report.out_of_order == 8 * 1000  # all but the first of each user's nine


def test_dropped_rows_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    text = (
        "user,event,time,note\n"  # line 1
        'u,view,2024-03-13 12:00:00,"two\nlines"\n'  # 2 and 3
        ",view,2024-03-13 12:00:01,\n"  # 4: no user
        "\n"
        "u,NULL,2024-03-13 12:00:02,\n"  # 6: no behaviour
        "u,buy,yesterday,\n"  # 7: no time that can be read
        "u,buy\n"  # 8: broken
        "u,buy,2024-03-13 12:00:03,\n"
        "u,buy,,\n"  # 10: no time
    )
    raw, report = read_events(saved(tmp_path, "log.csv", text))
    assert raw.n_events == 2
    assert (report.rows, report.events) == (7, 2)
    assert report.dropped == {"no user": 1, "no behaviour": 1, "no time": 1, "an unreadable time": 1, "a broken row": 1}
    assert report.first_offending == (
        OffendingRow(4, "user", "", "no user"),
        OffendingRow(6, "event", "", "no behaviour"),
        OffendingRow(7, "time", "yesterday", "an unreadable time"),
        OffendingRow(8, "(whole row)", "u,buy", "too few columns"),
        OffendingRow(10, "time", "", "no time"),
    )
    assert json.loads(json.dumps(asdict(report)))["first_offending"][2]["value"] == "yesterday"


def test_events_out_of_order_are_counted_and_sorted(tmp_path: Path) -> None:
    rows = [("u", "a", 2000), ("v", "a", 1000), ("u", "b", 1000), ("u", "a", 3000), ("v", "b", 4000)]
    text = "user,event,time\n" + "".join(f"{u},{e},{t}\n" for u, e, t in rows)
    raw, report = read_events(saved(tmp_path, "log.csv", text))
    assert report.out_of_order == 1
    assert raw.time.tolist() == [1_000_000, 2_000_000, 3_000_000, 1_000_000, 4_000_000]
    assert [raw.event_names[code] for code in raw.event] == ["b", "a", "a", "a", "b"]


def test_a_file_without_header_is_told_by_its_values(tmp_path: Path) -> None:
    rows = [(f"{100 + k % 4}", ["pv", "buy", "fav"][k % 3], str(1_710_331_200 + k)) for k in range(40)]
    path = saved(tmp_path, "UserBehavior.csv", "".join(",".join(row) + "\n" for row in rows))
    raw, report = read_events(path)
    assert (raw.n_events, raw.user_names, raw.event_names) == (40, ("100", "101", "102", "103"), ("buy", "fav", "pv"))
    assert "no header" in report.format


def test_inspect_shows_columns_and_first_rows(tmp_path: Path) -> None:
    source = inspect(saved(tmp_path, "log.csv", delimited()))
    assert (source.file, source.rows, len(source.preview)) == ("log.csv", 4, 4)
    assert [(c.name, c.kind, c.distinct) for c in source.columns] == [
        ("用户ID", "text", 2), ("行为", "text", 2), ("时间", "time", 3), ("商品", "text", 2),
    ]  # fmt: skip
    assert source.preview.iloc[1].tolist() == list(ROWS[1])


@pytest.mark.parametrize("name", ["a*b.csv", "[x]?.csv", "it's; DROP TABLE source; --.csv", "%s {0}.csv", "..csv"])
def test_names_of_files_are_names_and_not_patterns(tmp_path: Path, name: str) -> None:
    saved(tmp_path, "axxb.csv", "user,event,time\nwrong,wrong,1\n")
    assert read_events(saved(tmp_path, name, delimited())).raw.fingerprint == expected().fingerprint


def test_names_of_columns_are_never_executed(tmp_path: Path) -> None:
    header = ['event"; drop table source; --', "c0", "ROW", "row", "row", ""]
    text = ",".join('"' + name.replace('"', '""') + '"' for name in header) + "\n" + "a,u,1,x,y,z\n" + "b,u,2,x,y,z\n"
    path = saved(tmp_path, "log.csv", text)
    assert [column.name for column in inspect(path).columns] == [*header[:4], "row (2)", "column 6"]
    assert read_events(path, Roles("c0", header[0], "ROW")).raw.event_names == ("a", "b")


NO_WAY = "\x00\x01\x02\x93NUMPY\x00" * 100


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "empty.csv is empty"),
        ("blank.csv", b"\n \n", "blank.csv is empty"),
        ("array.csv", NO_WAY.encode("latin-1"), "array.csv is no text but binary data"),
        ("book.csv", b"PK\x03\x04rest", "book.csv is a ZIP or Excel file"),
        ("page.csv", b"<html><body>a,b</body></html>", "page.csv is XML or a web page"),
        ("words.csv", b"hello\nworld\n", "words.csv has one column only"),
        ("cut.csv.gz", gzip.compress(delimited().encode() * 100)[:-20], "cut.csv.gz is cut off"),
        ("torn.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 50, "torn.csv.gz is damaged gzip"),
        ("torn.parquet", b"PAR1" + b"x" * 100 + b"PAR1", "torn.parquet is damaged Parquet"),
        ("torn.jsonl", b'{"user": "u"}\n{"user": \n', "torn.jsonl is broken at line 2"),
        ("list.jsonl", b'{"user": "u"}\n[1]\n', "list.jsonl has no JSON object but .* at line 2"),
        ("deep.jsonl", b'{"a":' * 100_000, "deep.jsonl is broken at line 1"),
        ("cut.json", b'[{"user": "u"},\n{"user": "v"', "cut.json is broken or cut off in the array element at line 2"),
        ("none.json", b"[]", "none.json holds no events"),
        ("odd.csv", b"user,event\n" + b"\xff\xff\xff,\xff\n" * 30, "odd.csv is text in no encoding known here"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = saved(tmp_path, name, content)
    for look in (inspect, read_events):
        with pytest.raises(UnreadableLog, match=sentence) as caught:
            look(path)
        assert str(caught.value).endswith(".")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "roles", "error", "sentence"),
    [
        ("user,event,time\n", None, UnusableLog, "log.csv has no rows below its header"),
        ("user,event,time\nu,a,1\nu,a,2\n", None, UnusableLog, "one behaviour only, 'a' in column 'event'"),
        ("user,event,time\n,a,1\n,b,2\n", Roles("user", "event", "time"), UnusableLog, "the first, row 2, has no user"),
        (
            "user,event,note\nu,a,x\nu,b,y\n",
            Roles("user", "event", "note"),
            RoleError,
            "'note' of log.csv holds no times",
        ),
        ("user,event,note\nu,a,x\nu,b,y\n", None, RoleError, r"the time \(when\); choose among user, event, note"),
        ("user,event,time\nu,a,1\n", Roles("user", "event", "when"), RoleError, "no column 'when' for the time"),
    ],
)
def test_a_log_that_cannot_be_used_gets_one_sentence(
    tmp_path: Path, text: str, roles: Roles | None, error: type[LogError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        read_events(saved(tmp_path, "log.csv", text), roles)


def test_a_title_replaces_the_name_in_messages(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match=r"^shop.csv is empty"):
        read_events(saved(tmp_path, "5fe1", b""), title="shop.csv")
    with pytest.raises(UnreadableLog, match="There is no file"):
        read_events(tmp_path / "nowhere.csv")


def test_a_few_damaged_characters_do_not_change_the_encoding(tmp_path: Path) -> None:
    content = (delimited() * 50).encode()
    broken = content.replace("李".encode(), "李".encode()[:2], 1)
    assert "UTF-8 with damaged characters" in inspect(saved(tmp_path, "log.csv", broken)).format


@pytest.mark.parametrize(
    ("file", "found", "rows", "users", "events"),
    [
        ("shop_clickstream/ecom.csv.gz", Roles("user_id", "event", "timestamp", session="session_id"), 31_106, 600, 19),
        ("otto_sessions/train.jsonl", Roles("session", "events.type", "events.ts", "events.aid"), 862, 20, 3),
        (
            "student_activity/epm_events.csv.gz",
            Roles("student_Id", "activity", "start", session="session"),
            230_318,
            115,
            99,
        ),
        ("wireless_alarms/Alarm.csv", Roles("device_id", "alarm_id", "start_timestamp"), 34_838, 55, 18),
    ],
)  # fmt: skip
def test_the_open_logs_are_understood_without_help(
    shared_data: Path, file: str, found: Roles, rows: int, users: int, events: int
) -> None:
    raw, report = read_events(shared_data / file)
    assert report.roles == Roles(**{**asdict(found), "attributes": report.roles.attributes})
    assert (report.rows, raw.n_events, len(raw.user_names), len(raw.event_names)) == (rows, rows, users, events)
    assert read_events(shared_data / file, found).raw.fingerprint == raw.fingerprint
    assert not report.dropped


def test_a_folder_with_one_log_is_that_log(shared_data: Path) -> None:
    assert read_events(shared_data / "wireless_alarms").report.rows == 34_838


def test_a_wide_table_is_described_a_few_columns_at_a_time(tmp_path: Path) -> None:
    """Of so many columns only those that may be times are tried as times."""
    rows = [["u", "ab"[k % 2], str(k), f"2024-03-13 12:00:0{k % 10}", *[f"v{k}"] * 66] for k in range(60)]
    header = ["user", "event", "number", "moment", *(f"x{k}" for k in range(66))]
    path = saved(tmp_path, "log.csv", "".join(",".join(row) + "\n" for row in [header, *rows]))
    source = inspect(path)
    assert [(c.kind, c.distinct) for c in source.columns[:5]] == [
        ("text", 1), ("text", 2), ("number", 60), ("time", 10), ("text", 60),
    ]  # fmt: skip
    assert read_events(path).report.roles.time == "moment"


def test_a_table_that_is_too_wide_is_refused(tmp_path: Path) -> None:
    header = ",".join(f"c{k}" for k in range(2_001))
    with pytest.raises(UnreadableLog, match=r"log.csv has 2,001 columns, more than the 2,000 that are read"):
        inspect(saved(tmp_path, "log.csv", header + "\n" + "," * 2_000 + "\n"))
    pd.DataFrame([[1] * 2_001], columns=header.split(",")).to_parquet(tmp_path / "log.parquet")
    with pytest.raises(UnreadableLog, match=r"log.parquet has 2,001 columns"):
        inspect(tmp_path / "log.parquet")


def test_what_the_engine_cannot_do_is_one_sentence(tmp_path: Path) -> None:
    path = saved(tmp_path, "log.csv", delimited())
    with (
        pytest.raises(
            UnreadableLog, match=r"^log.csv cannot be processed \(.*no_such_thing.*\); take a part"
        ) as caught,
        open_table(path, path.name) as table,
    ):
        table.source.aggregate("no_such_thing(c0)").fetchall()
    assert "\n" not in str(caught.value)


def test_times_too_far_to_subtract_are_unreadable(tmp_path: Path) -> None:
    near, far = [1, 2, 3, 4], [9223372036854775, -9223372036854775, 1000000000001]
    text = "user,event,time\n" + "".join(f"u,{'ab'[t % 2]},{t}\n" for t in near + far)
    raw, report = read_events(saved(tmp_path, "log.csv", text))
    assert raw.time.tolist() == [1_000, 2_000, 3_000, 4_000]
    assert report.dropped == {"an unreadable time": 3}


def test_halves_of_characters_in_keys_are_replaced(tmp_path: Path) -> None:
    lines = '{"user": "u", "event": "a", "time": 1, "\\ud800": "x"}\n{"user": "u", "event": "b\\udfff", "time": 2}\n'
    raw, report = read_events(saved(tmp_path, "log.jsonl", lines))
    assert report.roles.attributes == ("?",)
    assert raw.event_names == ("a", "b?")


@pytest.mark.parametrize("line", ['{"a": %s}', '{"a": [%s]}', "%s"])
@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_objects_as_deep_as_the_parser_bears_are_one_sentence(
    tmp_path: Path, line: str, opening: str, closing: str
) -> None:
    refused = 0
    for depth in range(sys.getrecursionlimit() - 150, sys.getrecursionlimit() + 2):
        path = saved(tmp_path, "deep.jsonl", line % (opening * depth + "1" + closing * depth) + "\n")
        try:
            write_rows(path, tmp_path, path.name)
        except UnreadableLog as error:
            refused += "\n" not in str(error)
    assert refused > 0


def test_rows_with_endless_names_are_dropped(tmp_path: Path) -> None:
    rows = ["user,event,time,item", "u,a,1,x", "u,b,2," + "y" * 2_000]  # the last is just short enough
    rows += ["u" * 2_001 + ",a,3,x", "u," + "b" * 9_999 + ",4,x", "u,a,5," + "z" * 2_001]
    text = "".join(row + "\n" for row in rows)
    raw, report = read_events(saved(tmp_path, "log.csv", text))
    assert raw.n_events == 2
    assert report.dropped == {"a name longer than 2000 characters": 3}
    assert [(bad.row, bad.column) for bad in report.first_offending] == [(4, "user"), (5, "event"), (6, "item")]
    assert report.first_offending[0].value == "u" * 80 + "…"


def test_a_time_column_that_is_half_unreadable_is_named(tmp_path: Path) -> None:
    text = "user,event,time\nu,a,1\nu,b,soon\nu,a,2\nu,b,later\n"
    with pytest.raises(RoleError, match=r"The column 'time' of log.csv has the name of a time.*\(not 'soon'\)"):
        read_events(saved(tmp_path, "log.csv", text))


def test_rows_that_are_all_broken_are_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableLog, match=r"the first, line 2, has too few columns \('u,a'\)"):
        read_events(saved(tmp_path, "log.csv", "user,event,time\nu,a\nu,b\n"))


def test_more_rows_than_memory_holds_are_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, "log.csv", delimited())
    monkeypatch.setattr(readers, "MOST_ROWS", 4)
    assert read_events(path).raw.n_events == 4
    monkeypatch.setattr(readers, "MOST_ROWS", 3)
    for read in (inspect, read_events):
        with pytest.raises(
            UnusableLog,
            match=r"^log\.csv has more than 3 rows, and at most 3 are held in .* discover log\.csv --out DIR`,",
        ):
            read(path)
