"""Lines of the table, by hand."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.answers import Answer, load_answer, load_log, probabilities, save_answer, save_log
from benchmarks.known import Known
from benchmarks.runner import Obtained
from benchmarks.table import heading, line_of, text_of, write_csv
from causalviz.events.log import Behaviour, EventLog


def log_of(*names: str | Behaviour) -> EventLog:
    K = len(names)
    return EventLog.from_columns(np.zeros(K, np.int32), np.arange(K), np.arange(K, dtype=np.int32), names)


def world(*edges: tuple[int, int]) -> Known:
    truth = np.zeros((3, 3), dtype=bool)
    for edge in edges:
        truth[edge] = True
    return Known(log_of("a", "b", "c"), truth)


CHAIN = world((0, 1), (1, 2))
SURE = np.array([[np.nan, 0.9, 0.1], [0.1, np.nan, 0.9], [0.1, 0.1, np.nan]])


def test_a_line_sums_up_its_worlds() -> None:
    obtained = [Obtained(probabilities(SURE), 1.0, 100.0), Obtained(probabilities(SURE.T), 3.0, 300.0)]
    line = line_of("chains", "ours", [CHAIN, CHAIN], obtained, {})
    assert (line.worlds, line.seconds, line.peak_mb) == (2, 2.0, 300.0)
    assert line.scores["f1"] == 0.5  # of 1 and 0
    assert line.scores["orientation"] == 0.5
    assert line.scores["brier"] == pytest.approx((8 * 0.01 + 4 * 0.81) / 12)
    assert line.drawn == 4 / 12
    assert line.top_wrong == 0.9


def test_scores_that_are_no_probabilities_have_no_calibration() -> None:
    answer = Answer(np.nan_to_num(10 * SURE), SURE >= 0.5, False)
    line = line_of("chain", "a peer", [CHAIN], [Obtained(answer, 1.0, 1.0)], {})
    assert line.scores["auroc"] == 1.0
    assert math.isnan(line.scores["ece"])
    assert math.isnan(line.scores["brier"])


def test_without_edges_what_counts_is_the_share_drawn() -> None:
    line = line_of("null", "ours", [world()], [Obtained(probabilities(SURE), 1.0, 1.0)], {})
    assert math.isnan(line.scores["auroc"])
    assert line.drawn == 2 / 6


def test_a_method_without_an_answer_says_why() -> None:
    line = line_of("chain", "ADM4", [CHAIN], [Obtained(None, reason="not installed")], {})
    assert line.worlds == 0
    assert text_of(line).endswith("not installed")


def test_a_stopped_method_is_scored_on_what_it_answered() -> None:
    obtained = [Obtained(probabilities(SURE), 1.0, 1.0), Obtained(None, reason="over 5 s")]
    line = line_of("chains", "TTPM", [CHAIN, CHAIN, CHAIN], obtained, {})
    assert (line.worlds, line.note) == (1, "over 5 s")


def test_columns_stand_under_their_titles() -> None:
    line = line_of("chain", "ours", [CHAIN], [Obtained(probabilities(SURE), 1.0, 1.0)], {"auroc": 0.025})
    assert "1.000±.025" in text_of(line)
    assert len(text_of(line)) == len(heading())


def test_the_file_has_all_lines(tmp_path: Path) -> None:
    lines = [line_of("chain", "ours", [CHAIN], [Obtained(probabilities(SURE), 1.0, 1.0)], {"auroc": 0.025})]
    write_csv(lines, tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    assert (row["log"], row["method"], row["auroc"], row["auroc_half_width"]) == ("chain", "ours", "1", "0.025")
    assert row["f1_half_width"] == ""


def test_logs_and_answers_pass_between_processes(tmp_path: Path) -> None:
    log = log_of("plain", Behaviour("view A", "view", "A"), Behaviour("view", "view", ""))
    save_log(log, tmp_path / "log.npz")
    assert load_log(tmp_path / "log.npz").fingerprint == log.fingerprint
    save_answer(probabilities(SURE), tmp_path / "answer.npz")
    back = load_answer(tmp_path / "answer.npz")
    assert np.array_equal(back.score, SURE, equal_nan=True)
    assert back.drawn.sum() == 2
    assert back.probable
