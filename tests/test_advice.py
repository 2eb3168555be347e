"""Recommendations as tables, by Python and by the command line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from causalviz.__main__ import main
from causalviz.advice import typed_history
from causalviz.errors import SettingsError
from causalviz.events.raw import RawEvents
from causalviz.results import write_world
from causalviz.worlds.demos import demo_log


def test_the_command_line_writes_every_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "world", tmp_path / "out"
    assert main(["simulate", "--preset", "video", "--seed", "2", "--out", str(folder)]) == 0
    arguments = ["--goal", "subscribe", "--for-user", "user 3", "--horizon", "86400", "--no-test", "--out", str(out)]
    assert main(["recommend", str(folder / "log.csv"), *arguments]) == 0
    assert "Extra subscribe" in capsys.readouterr().out
    tables = {path.stem: pd.read_csv(path) for path in out.glob("*.csv")}
    assert set(tables) == {"next", "reasons", "promote", "actions", "what_if"}
    assert tables["next"]["chance"].is_monotonic_decreasing
    assert tables["next"]["user"].unique().tolist() == ["user 3"]
    assert tables["promote"].loc[0, "behaviour"] == "favourite"
    assert (tables["promote"]["extra_low"] <= tables["promote"]["extra_per_1000"]).all()
    assert main(["recommend", str(folder / "log.csv"), "--for-user", "nobody", "--out", str(out)]) == 2
    assert "no user 'nobody'" in capsys.readouterr().err


def test_a_forbidden_edge_is_gone_from_the_advice(tmp_path: Path) -> None:
    write_world(demo_log("video", users=300), tmp_path)
    rules, out = tmp_path / "rules.csv", tmp_path / "out"
    rules.write_text("rule,behaviour,other\nforbidden,favourite,subscribe\n", encoding="utf-8")
    arguments = ["--known", str(rules), "--goal", "subscribe", "--no-test", "--out", str(out)]
    assert main(["recommend", str(tmp_path / "log.csv"), *arguments]) == 0
    assert "favourite" not in pd.read_csv(out / "promote.csv")["behaviour"].tolist()


def test_a_typed_history_is_a_log_of_one_user() -> None:
    log = demo_log("video", users=50).log
    typed = typed_history(log, [("watch", 60.0), ("like", 0.0)])
    assert [typed.names[code] for code in typed.behaviour] == ["watch", "like"]
    assert typed.time[1] - typed.time[0] == 60_000
    for events, sentence in (([], "at least one event"), ([("walk", 0.0)], "no behaviour"), ([("like", -1.0)], "0 s")):
        with pytest.raises(SettingsError, match=sentence):
            typed_history(log, events)


def test_items_are_recommended_where_the_log_has_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "world", tmp_path / "out"
    raw = RawEvents.from_log(demo_log("shop", users=300).log)
    folder.mkdir()
    columns = {"user": raw.user_names, "event": raw.event_names, "item": (*raw.item_names, None)}
    codes = {"user": raw.user, "event": raw.event, "item": raw.item}
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=object).to_numpy()[codes[name]] for name in columns})
    table.assign(time=pd.to_datetime(raw.time, unit="ms")).to_csv(folder / "log.csv", index=False)
    arguments = ["recommend", str(folder / "log.csv"), "--goal", "buy", "--top", "2", "--out", str(out)]
    assert main(arguments) == 0
    assert "of the next item on held-out time" in capsys.readouterr().out
    items, scores = pd.read_csv(out / "items.csv"), pd.read_csv(out / "items_evaluation.csv")
    assert items["rank"].tolist()[:3] == [1, 2, 1]
    assert set(items["item"]) <= set("ABC")
    assert set(items["because"]) <= {"own", "companion", "category", "popular"}
    assert scores.loc[scores["ndcg"].idxmax(), "method"] == "causal rates"
