"""The command line as a script meets it: files, summary, exit codes."""

from __future__ import annotations

import json
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


def test_evaluate_scores_them(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(video / "found" / "edges.csv"), str(video / "truth.csv")]) == 0
    said = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert int(said["pairs"]) == 42
    assert int(said["true_edges"]) == 7
    assert float(said["auroc"]) > 0.95


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
