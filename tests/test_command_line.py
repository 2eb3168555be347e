"""The command line as a script meets it: files, summary, exit codes."""

from __future__ import annotations

import errno
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from causalviz import discover, read_log
from causalviz.__main__ import main
from causalviz.graph.exchange import read_graph
from causalviz.graph.verdicts import Ruling

COLUMNS = ["cause", "effect", "probability", "effect_size", "effect_low", "effect_high", "delay_s"]
REAL = {
    "shop_clickstream/ecom.csv.gz": (19, []),
    "otto_sessions": (3, []),
    "student_activity/epm_events.csv.gz": (99, []),
    "wireless_alarms/Alarm.csv": (18, ["--user", "device_id", "--event", "alarm_id", "--time", "start_timestamp"]),
}


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated demo log with its discovery, all by the command line."""
    folder = tmp_path_factory.mktemp("video")
    assert main(["simulate", "--preset", "video", "--seed", "3", "--out", str(folder)]) == 0
    assert main(["discover", str(folder / "log.csv"), "--out", str(folder / "found")]) == 0
    return folder


def test_a_report_is_one_page_with_the_figures_of_discover(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = video / "told" / "video.html"
    assert main(["report", str(video / "log.csv"), "--question", "Why <do> they?", "--out", str(page)]) == 0
    said = capsys.readouterr()
    edges = pd.read_csv(video / "found" / "edges.csv")
    drawn = edges[edges["probability"] >= 0.5]
    assert f"6 findings on {len(drawn)} edges" in said.out
    assert "7 of 7: scores and settings" in said.err
    text = page.read_text(encoding="utf-8")
    assert "Why &lt;do&gt; they?" in text
    assert "--question &#x27;Why &lt;do&gt; they?&#x27;" in text
    assert text.count('<article class="finding">') == 6
    run = json.loads((video / "found" / "run.json").read_text())
    assert run["log"]["fingerprint"] in text
    for row in drawn.itertuples():
        assert f"{row.cause}</td>" in text
        assert f"{row.effect_size:.2g}" in text
    assert [path.name for path in page.parent.iterdir()] == ["video.html"]


def test_a_report_of_no_findings_is_refused(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(video / "log.csv"), "--findings", "0", "--out", str(video / "none.html")]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "A report tells 1 to 12 findings in words (got 0)."
    assert not (video / "none.html").exists()


def test_discover_leaves_four_files(video: Path) -> None:
    edges = pd.read_csv(video / "found" / "edges.csv")
    assert list(edges.columns[:7]) == COLUMNS
    assert len(edges) == 7 * 6
    run = json.loads((video / "found" / "run.json").read_text())
    assert run["log"]["fingerprint"] == read_log(video / "log.csv").fingerprint
    assert run["peak_memory_mb"] > 0
    assert set(run["seconds"]) == {"count lags and fit", "describe pairs", "judge edges", "measure effects"}
    graph = nx.read_graphml(video / "found" / "graph.graphml")
    drawn = int((edges["probability"] >= 0.5).sum())
    assert graph.number_of_edges() == drawn == len(json.loads((video / "found" / "graph.json").read_text())["edges"])
    assert not list((video / "found").glob(".*"))


def test_a_large_log_is_prepared_on_the_disk_and_gives_the_same_edges(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("causalviz.pipeline.LARGE_BYTES", 0)
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path / "home"))
    assert main(["discover", str(video / "log.csv"), "--out", str(tmp_path)]) == 0
    assert (tmp_path / "edges.csv").read_bytes() == (video / "found" / "edges.csv").read_bytes()
    told, read = (json.loads((folder / "run.json").read_text()) for folder in (tmp_path, video / "found"))
    assert (told["log"], told["reading"]) == (read["log"], read["reading"])
    assert len(list((tmp_path / "home" / "prepared").iterdir())) == 2  # the log, and the folder where logs begin


def test_a_day_is_added_to_the_days_before(video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = pd.read_csv(video / "log.csv")
    for name, part in (("one", log["time"] < "2026-03-10"), ("two", log["time"] >= "2026-03-10")):
        log[part].to_csv(tmp_path / f"{name}.csv", index=False)
        add = ["discover", str(tmp_path / f"{name}.csv"), "--add-to", str(tmp_path / "days"), "--out"]
        assert main([*add, str(tmp_path / name)]) == 0
    run, whole = (json.loads((folder / "run.json").read_text()) for folder in (tmp_path / "two", video / "found"))
    assert run["log"]["fingerprint"] == whole["log"]["fingerprint"]
    assert main([*add, str(tmp_path / "again")]) == 0
    assert "two.csv is among the days" in capsys.readouterr().out
    assert (tmp_path / "again" / "edges.csv").read_bytes() == (tmp_path / "two" / "edges.csv").read_bytes()
    for other in (("--engine", "spark"), ("--item", "item")):
        assert main([*add, str(tmp_path / "refused"), *other]) == 2
        assert f"does not go with {other[0]}" in capsys.readouterr().err


def test_what_is_stopped_is_one_sentence(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("causalviz.pipeline.open_log", stop)
    assert main(["discover", str(video / "log.csv"), "--out", str(tmp_path / "found")]) == 130
    assert capsys.readouterr().err == "Stopped; nothing half-written is left.\n"
    assert not (tmp_path / "found").exists()


def test_evaluate_scores_them(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(video / "found" / "edges.csv"), str(video / "truth.csv")]) == 0
    said = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert int(said["pairs"]) == 42
    assert int(said["true_edges"]) == 7
    assert float(said["auroc"]) > 0.95


def test_verdicts_inform_the_other_pairs(video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = tmp_path / "known.csv"
    known.write_text("cause,effect,exists\nimpression,watch,yes\nlike,watch,No\nnobody,watch,1\n", encoding="utf-8")
    assert main(["discover", str(video / "log.csv"), "--known", str(known), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "Not in the log, so their verdicts wait: nobody\n" in said
    assert "The graphs follow what is known of 2 pairs; edges.csv keeps what the log says of them.\n" in said
    drawn = read_graph((tmp_path / "out" / "graph.json").read_text(encoding="utf-8"), "graph.json")
    ruled = {edge.pair: edge.ruling for edge in drawn.edges if edge.ruling is not Ruling.NONE}
    assert ruled == {("impression", "watch"): Ruling.ACCEPTED, ("like", "watch"): Ruling.REJECTED}
    before, after = (
        pd.read_csv(folder / "edges.csv").set_index(["cause", "effect"])["probability"].sort_index()
        for folder in (video / "found", tmp_path / "out")
    )
    for pair in (("impression", "watch"), ("like", "watch")):
        assert after[pair] == pytest.approx(before[pair])
    assert (after - before).abs().max() > 1e-4
    known.write_text("cause,effect,exists\nimpression,watch,perhaps\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["discover", str(video / "log.csv"), "--known", str(known), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "known.csv, row 2: exists is 'perhaps'; say yes or no.\n"


def test_rules_inform_the_other_pairs(video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known, out = tmp_path / "rules.csv", tmp_path / "out"
    known.write_bytes(
        "rule,behaviour,other\nrequired,impression,watch\ngoal,subscribe,\ngoal,购买,\n".encode("gb18030")
    )
    assert main(["discover", str(video / "log.csv"), "--known", str(known), "--out", str(out)]) == 0
    assert "Not in the log, so their rules wait: 购买" in capsys.readouterr().out
    before, after = (
        pd.read_csv(folder / "edges.csv").set_index(["cause", "effect"])["probability"].sort_index()
        for folder in (video / "found", out)
    )
    for pair in (("impression", "watch"), ("subscribe", "watch")):
        assert after[pair] == pytest.approx(before[pair])
    assert (after - before).abs().max() > 1e-4
    known.write_text("rule,behaviour,other\nrequired,impression,watch\nforbidden,impression,watch\n", encoding="utf-8")
    assert main(["discover", str(video / "log.csv"), "--known", str(known), "--out", str(out)]) == 2
    assert "“impression” → “watch” is required, but another rule says" in capsys.readouterr().err


def test_an_item_makes_behaviours_of_type_and_item(tmp_path: Path) -> None:
    main(["simulate", "--preset", "shop", "--language", "zh", "--out", str(tmp_path)])
    assert main(["discover", str(tmp_path / "log.csv"), "--item", "item", "--out", str(tmp_path / "x")]) == 0
    truth = pd.read_csv(tmp_path / "truth.csv")
    edges = pd.read_csv(tmp_path / "x" / "edges.csv")
    assert set(truth["cause"]) <= set(edges["cause"])
    view_cart = edges[(edges["cause"] == "浏览 A") & (edges["effect"] == "加购 A")]
    assert view_cart["probability"].item() >= 0.8


def test_the_library_says_the_same_as_the_command(video: Path) -> None:
    table = discover(read_log(video / "log.csv")).table()
    edges = pd.read_csv(video / "found" / "edges.csv")
    assert np.allclose(table["probability"], edges["probability"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["discover", "missing.csv", "--out", "x"], "missing.csv"),
        (["discover", "one.csv", "--out", "x"], "one behaviour"),
        (["discover", "two.csv", "--user", "nobody", "--out", "x"], "nobody"),
        (["evaluate", "two.csv", "two.csv"], "cause"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.csv").write_text("user,event,time\nu,view,2026-01-01\nu,view,2026-01-02\n")
    Path("two.csv").write_text("user,event,time\nu,view,2026-01-01\nu,buy,2026-01-02\n")
    assert main(arguments) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert sentence in streams.err
    assert streams.err.count("\n") == 1
    assert not (tmp_path / "x").exists()


def little_log(path: Path, names: tuple[str, str] = ("view", "buy"), more: str = "") -> Path:
    """Twenty users who do two things, and further lines."""
    rows = [f'u{k},"{names[n]}",2026-01-01 00:{k:02}:{30 * n:02}\n' for k in range(20) for n in range(2)]
    path.write_text("user,event,time\n" + "".join(rows) + more, encoding="utf-8")
    return path


def test_dropped_rows_are_told_and_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = little_log(tmp_path / "log.csv", more="u1,view,soon\nu1,view\n,view,2026-01-01\nu2,buy,never\n")
    assert main(["discover", str(log), "--out", str(tmp_path / "x")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "Read as CSV divided by commas, values in double quotes, UTF-8; times are date and time, UTC" in said[1]
    assert "Dropped 2 rows: an unreadable time, first at row 42" in said
    assert "Dropped 1 row: no user, first at row 44" in said
    assert "Dropped 1 row: a broken row, first at row 43" in said
    reading = json.loads((tmp_path / "x" / "run.json").read_text())["reading"]
    assert (reading["rows"], reading["events"]) == (44, 40)
    assert reading["dropped"] == {"no user": 1, "an unreadable time": 2, "a broken row": 1}
    assert reading["roles"]["time"] == "time"


def test_a_full_disk_is_said_with_its_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x/edges.csv")

    monkeypatch.setattr("causalviz.results.write_results", full)
    assert main(["discover", str(little_log(tmp_path / "log.csv")), "--out", str(tmp_path / "x")]) == 2
    assert "x/edges.csv: No space left on device; free some space there.\n" in capsys.readouterr().err


def test_names_reach_any_terminal_and_cannot_command_it(tmp_path: Path) -> None:
    log = little_log(tmp_path / "日志.csv", ("浏览\x1b[2J\nlost", "购买"))
    code = f"import sys; from causalviz.__main__ import main; sys.exit(main({['discover', str(log)]!r} + sys.argv[1:]))"
    for rest, at_end in ((["--out", str(tmp_path / "x")], 0), (["--user", "用户", "--out", str(tmp_path / "x")], 2)):
        done = subprocess.run(
            [sys.executable, "-c", code, *rest],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": "cp1252:strict", "PYTHONUTF8": "0"},
            check=False,
        )
        assert done.returncode == at_end, done.stderr
        assert b"Traceback" not in done.stderr
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"\nlost" not in done.stdout + done.stderr


def test_evaluate_unpacks_nothing_and_refuses_what_is_too_large(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed, large = tmp_path / "edges.csv.gz", tmp_path / "large.csv"
    packed.write_bytes(gzip.compress(b"cause,effect\na,b\n"))
    with large.open("wb") as file:
        file.truncate((1 << 30) + 1)  # sparse: no disk is used
    for path, sentence in ((packed, "edges.csv.gz is no plain CSV table"), (large, "large.csv is larger than 1 GB")):
        assert main(["evaluate", str(path), str(packed)]) == 2
        assert sentence in (said := capsys.readouterr().err)
        assert said.count("\n") == 1


def test_a_file_name_that_is_no_utf8_is_noted(tmp_path: Path) -> None:
    log = little_log(tmp_path / os.fsdecode(b"log-\xff.csv"))
    assert main(["discover", str(log), "--out", str(tmp_path / "x")]) == 0
    run = json.loads((tmp_path / "x" / "run.json").read_text(encoding="utf-8"))
    assert run["settings"]["log"] == str(log)
    assert sorted(file.name for file in (tmp_path / "x").iterdir()) == [
        "edges.csv",
        "graph.graphml",
        "graph.json",
        "run.json",
    ]


def test_what_cannot_be_written_is_named_and_leaves_no_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "truth.csv").mkdir()
    assert main(["simulate", "--preset", "social", "--out", str(tmp_path)]) == 2
    assert "truth.csv: " in capsys.readouterr().err
    assert not list(tmp_path.glob(".*"))


def test_a_seed_below_zero_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--preset", "shop", "--seed", "-1", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "A seed is a whole number from 0 on (got -1); choose another.\n"


def test_it_runs_as_a_module_without_streamlit() -> None:
    code = """
import runpy, sys
sys.argv = ["causalviz", "--help"]
try:
    runpy.run_module("causalviz", run_name="__main__")
except SystemExit:
    print([name for name in ("streamlit", "torch") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "discover" in done.stdout
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("log", list(REAL))
def test_real_logs_are_read_and_judged(log: str, shared_data: Path, tmp_path: Path) -> None:
    behaviours, options = REAL[log]
    assert main(["discover", str(shared_data / log), *options, "--out", str(tmp_path)]) == 0
    edges = pd.read_csv(tmp_path / "edges.csv", dtype={"cause": str, "effect": str})
    assert len(edges) == behaviours * (behaviours - 1)
    assert edges["probability"].between(0, 1).all()
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["peak_memory_mb"] < 4000  # of the whole test process; the command's own share is a benchmark


def test_the_alarms_meet_their_expert_graph(shared_data: Path, tmp_path: Path) -> None:
    """The one use of the expert graph: this score."""
    log, options = "wireless_alarms/Alarm.csv", REAL["wireless_alarms/Alarm.csv"][1]
    main(["discover", str(shared_data / log), *options, "--out", str(tmp_path)])
    edges = pd.read_csv(tmp_path / "edges.csv")
    truth = np.load(shared_data / "wireless_alarms" / "DAG.npy")
    label = truth[edges["cause"], edges["effect"]]
    assert roc_auc_score(label, edges["probability"]) >= 0.72
    assert average_precision_score(label, edges["probability"]) >= 0.50
