"""XES in, the same events as from a table out; traps and damage refused with one sentence."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from causalviz.errors import UnreadableLog
from causalviz.events import nested, xes
from causalviz.events.mapping import Roles
from causalviz.events.readers import inspect, read_events
from causalviz.events.report import OffendingRow

NOON = 1_710_331_200_000  # 2024-03-13 12:00:00 UTC, ms
STANDARD = ("case:concept:name", "concept:name", "time:timestamp")
LOG = """<?xml version="1.0" encoding="UTF-8"?>
<!-- two orders -->
<log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="__INVALID__"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="concept:name" value="a log's own name"/>
  <trace>
    <string key="concept:name" value="订单 1"/>
    <float key="amount" value="9.5"/>
    <event>
      <string key="concept:name" value="下单"/>
      <string key="org:resource" value="Anna"/>
      <date key="time:timestamp" value="2024-03-13T13:00:00.000+01:00"/>
    </event>
    <event>
      <string key="concept:name" value="pay &amp; go"><string key="note" value="by card"/></string>
      <string key="org:resource" value="Ben"/>
      <date key="time:timestamp" value="2024-03-13T12:00:30.250Z"/>
      <list key="goods"><values><string key="first" value="A"/></values></list>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="订单 2"/>
    <event>
      <date key="time:timestamp" value="2024-03-13T12:00:05"/>
      <string key="concept:name" value="下单"/>
    </event>
  </trace>
</log>
"""


def saved(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def event(name: str, second: int | None) -> str:
    time = "" if second is None else f'<date key="time:timestamp" value="2024-03-13T12:00:{second:02d}Z"/>'
    return f'<event><string key="concept:name" value="{name}"/>{time}</event>'


def trace(name: str | None, events: Sequence[str]) -> str:
    named = "" if name is None else f'<string key="concept:name" value="{name}"/>'
    return f"<trace>{named}{''.join(events)}</trace>"


def test_traces_are_users_and_events_are_behaviours(tmp_path: Path) -> None:
    raw, report = read_events(saved(tmp_path, "log.xes", LOG))
    assert raw.user_names == ("订单 1", "订单 2")
    assert [raw.event_names[code] for code in raw.event] == ["下单", "pay & go", "下单"]
    assert raw.time.tolist() == [NOON, NOON + 30_250, NOON + 5_000]
    assert (report.rows, report.events, report.dropped, report.format) == (3, 3, {}, "XES, UTF-8")
    assert report.roles == Roles(*STANDARD, attributes=("case:amount", "org:resource", "goods"))


def test_the_other_attributes_are_columns(tmp_path: Path) -> None:
    preview = inspect(saved(tmp_path, "log.xes", LOG)).preview
    assert preview["case:amount"].tolist()[:2] == ["9.5", "9.5"]
    assert preview["org:resource"].tolist()[:2] == ["Anna", "Ben"]
    assert preview["case:amount"].isna().tolist() == [False, False, True]
    assert "note" not in preview.columns


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.xes.gz", gzip.compress(LOG.encode())),
        ("log.gz", gzip.compress(LOG.encode("utf-16"))),
        ("log", ("\ufeff" + LOG).encode()),
        ("gb.xes", LOG.replace("UTF-8", "GB18030").encode("gb18030")),
        ("prefixed.xes", LOG.replace("<log", "<x:log").replace("</log", "</x:log").replace("<trace", "<x:trace")
         .replace("</trace", "</x:trace").replace("xmlns=", "xmlns:x=")),
    ],
)  # fmt: skip
def test_packing_encoding_and_prefixes_do_not_matter(tmp_path: Path, name: str, content: str | bytes) -> None:
    plain = read_events(saved(tmp_path, "plain.xes", LOG)).raw.fingerprint
    assert read_events(saved(tmp_path, name, content)).raw.fingerprint == plain


def test_a_declared_latin_1_is_believed(tmp_path: Path) -> None:
    text = LOG.replace("UTF-8", "ISO-8859-1").replace("下单", "geprüft").replace("订单", "Fall")
    raw, report = read_events(saved(tmp_path, "log.xes", text.encode("latin-1")))
    assert raw.event_names == ("geprüft", "pay & go")
    assert report.format == "XES, Latin-1"


def test_a_declared_windows_1252_is_believed(tmp_path: Path) -> None:
    text = LOG.replace("UTF-8", "windows-1252").replace("下单", "détail à 5 €").replace("订单", "Fall")
    raw, report = read_events(saved(tmp_path, "log.xes", text.encode("cp1252")))
    assert raw.event_names == ("détail à 5 €", "pay & go")
    assert report.format == "XES, Windows-1252"


def test_standard_keys_go_before_more_telling_names(tmp_path: Path) -> None:
    extra = '<string key="user" value="clerk"/><string key="action" value="statechange"/>'
    told = LOG.replace("<event>", f"<event>{extra}").replace('key="org:resource"', 'key="event"')
    assert read_events(saved(tmp_path, "log.xes", told)).report.roles == Roles(
        *STANDARD, attributes=("case:amount", "user", "action", "event", "goods")
    )


def test_events_without_time_name_or_trace_are_dropped_and_counted(tmp_path: Path) -> None:
    lines = [
        "<log>",
        trace("a", [event("x", 1)]),  # line 2
        trace("b", [event("y", 2)]),
        trace("b", [event("y", None)]),  # 4: no time
        trace("b", [event("", 3), event("x", None)]),  # 5: no behaviour, and no time
        event("x", 4),  # 6: outside any trace
        trace("b", [event("y", 5).replace("2024", "soon")]),  # 7
        "</log>",
    ]
    raw, report = read_events(saved(tmp_path, "log.xes", "\n".join(lines)))
    assert raw.n_events == 2
    assert (report.rows, report.events) == (7, 2)
    assert report.dropped == {"no user": 1, "no behaviour": 1, "no time": 2, "an unreadable time": 1}
    assert report.first_offending == (
        OffendingRow(4, "time:timestamp", "", "no time"),
        OffendingRow(5, "concept:name", "", "no behaviour"),
        OffendingRow(5, "time:timestamp", "", "no time"),
        OffendingRow(6, "case:concept:name", "", "no user"),
        OffendingRow(7, "time:timestamp", "soon-03-13T12:00:05Z", "an unreadable time"),
    )


def test_a_trace_without_a_name_is_known_by_its_place(tmp_path: Path) -> None:
    traces = [trace(None, [event("x", 1), event("y", 2)]), trace("", [event("x", 1)]), trace("c", [event("y", 1)])]
    raw = read_events(saved(tmp_path, "log.xes", f"<log>{''.join(traces)}</log>")).raw
    assert raw.user_names == ("c", "trace 1", "trace 2")


def test_a_log_on_one_line_keeps_its_order(tmp_path: Path) -> None:
    traces = [trace(f"u{k}", [event("x", k % 60), event("y", 0)]) for k in range(3000)]
    report = read_events(saved(tmp_path, "log.xes", f"<log>{''.join(traces)}</log>")).report
    assert (report.events, report.out_of_order) == (6000, 2950)  # all but those at second 0
    assert report.first_offending == ()


BOMB = (
    "<!DOCTYPE log [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f'<?xml version="1.0"?>\n{BOMB}<log><trace>&j;</trace></log>', "x.xes has a DOCTYPE at line 2"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "x.xes has a DOCTYPE at line 1"),
        ("<log>\n<trace>&secret;</trace></log>", r"x.xes is damaged XML at line 2 \(undefined entity\)"),
        ("<log>\n<trace>\n<event></trace></log>", r"x.xes is damaged XML at line 3 \(mismatched tag\)"),
        ("<log>\n<trace>", r"x.xes is damaged XML at line 2 \(no element found\)"),
        ("<log>\n<trace a=", r"x.xes is damaged XML at line 2 \(unclosed token\)"),
        ("<log>\n\n<trace>\x01</trace></log>", "x.xes is damaged XML at line 3"),
        ("<log/>", "x.xes holds no events"),
        ("<log><trace/></log>", "x.xes holds no events"),
        ("<ocel/>", "x.xes is XML or a web page but no XES log"),
        ("<!DOCTYPE html><html/>", "x.xes is XML or a web page but no XES log"),
        ("<!doctype html><html/>", "x.xes is XML or a web page but no XES log"),
        (
            '<log>\n<trace><event><int key="a" value="1"/></event>\n<int key="late" value="1"/></trace></log>',
            "behind the trace's events, at line 3",
        ),
    ],
)
def test_traps_and_damage_get_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = saved(tmp_path, "x.xes", content)
    for look in (inspect, read_events):
        with pytest.raises(UnreadableLog, match=sentence) as caught:
            look(path)
        assert str(caught.value).endswith(".")
        assert "\n" not in str(caught.value)


def test_a_tag_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xes, "LONGEST", 1 << 20)
    path = saved(tmp_path, "x.xes", "<log>\n<trace>\n<string key='" + "k" * (4 << 20) + "'/></trace></log>")
    with pytest.raises(UnreadableLog, match=r"x\.xes has a tag of more than 1 MB at line 3"):
        inspect(path)


def test_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "BATCH_ROWS", 500)
    monkeypatch.setattr(xes, "CHUNK", 1 << 14)
    peaks = []
    for traces in (100, 1000):
        text = "<log>" + "\n".join(trace(f"u{k}", [event("x", 1), event("y", 2)] * 5) for k in range(traces)) + "</log>"
        path, folder = saved(tmp_path, f"{traces}.xes", text), tmp_path / f"{traces}"
        folder.mkdir()
        tracemalloc.start()
        parts, names = xes.write_events(path, folder, path.name)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert sum(pq.read_metadata(part).num_rows for part in parts) == 10 * traces
        assert names == STANDARD
    assert peaks[1] < 2 * peaks[0]
