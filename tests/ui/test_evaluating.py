"""Truths as a project has them, scores against them, and the same numbers from the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small_project import NASTY, open_small_project

from causalviz.__main__ import main
from causalviz.errors import UnknownBehaviour, UnknownRecord, UnreadableGraph
from causalviz.events.rules import Rules
from causalviz.graph.knowledge import Knowledge
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.ui import compute, evaluating
from causalviz.ui.components.score_table import COUNTS, READINGS, UNDEFINED, score_rows, score_text
from causalviz.ui.logs import change_rules, open_sample
from causalviz.ui.session import Session
from causalviz.ui.settings import known_graph_of, sample_of, with_knowledge, with_known_graph, with_sample

pytestmark = pytest.mark.usefixtures("own_home")

KNOWN = "cause,effect\nimpression,watch\nwatch,like\n"


@pytest.fixture
def session() -> Session:
    """The video demo with few users, which says that it is that sample."""
    project_id = open_small_project()
    project = compute.store().project(project_id)
    compute.store().save_project(with_sample(project, "video", "en"))
    return Session(project_id=project_id)


def test_a_sample_knows_itself() -> None:
    project = open_sample("video", "zh")
    assert sample_of(project) == sample_of(compute.store().project(project.id)) == ("video", "zh")
    assert evaluating.truth_kinds(Session(project_id=project.id)) == ["sample"]


def test_a_log_of_ones_own_has_no_truth_until_one_is_brought() -> None:
    session = Session(project_id=open_small_project())
    assert evaluating.truth_kinds(session) == []
    with pytest.raises(UnknownRecord, match="no such truth"):
        evaluating.current_beside(session, "sample")
    evaluating.change_known_graph(session, ("known.csv", KNOWN.encode()))
    assert evaluating.truth_kinds(session) == ["upload"]
    assert evaluating.known_graph_title(session) == "known.csv"
    evaluating.change_known_graph(session, None)
    assert evaluating.truth_kinds(session) == []


def test_without_a_project_there_is_no_truth() -> None:
    assert evaluating.truth_kinds(Session()) == []
    assert evaluating.known_graph_title(Session()) is None
    assert evaluating.current_beside(Session(), "upload") is None
    with pytest.raises(UnknownRecord, match="no graph to compare with"):
        evaluating.change_known_graph(Session(), None)


def test_the_scores_are_those_of_the_command_line(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluating.change_known_graph(session, ("known.csv", KNOWN.encode()))
    discovery = compute.current_discovery(session)
    beside = evaluating.current_beside(session, "upload")
    assert discovery is not None
    assert beside is not None
    discovery.table().to_csv(tmp_path / "edges.csv", index=False)
    (tmp_path / "truth.csv").write_text(KNOWN)
    assert main(["evaluate", str(tmp_path / "edges.csv"), str(tmp_path / "truth.csv")]) == 0
    told = dict(line.split() for line in capsys.readouterr().out.splitlines())
    scores = evaluating.measured(beside, 0.5).scores
    assert set(told) == set(scores._fields)
    for field in READINGS:
        shown = score_text(field, scores)
        expected = "nan" if shown == UNDEFINED else shown.replace(",", "")
        assert told[field] == (f"{float(expected):.3f}" if field == "sid" else expected)


def test_a_samples_graph_follows_the_rules(session: Session) -> None:
    change_rules(session, Rules(hidden=("watch",), renamed=(("like", "heart"),)))
    beside = evaluating.current_beside(session, "sample")
    assert beside is not None
    names = beside.case.names
    true = {(names[i], names[j]) for i, j in zip(*beside.case.truth.nonzero(), strict=True)}
    assert ("impression", "heart") in true  # impression -> watch -> like
    assert ("favourite", "subscribe") in true
    assert not {"watch", "like"} & set(names)


def test_verdicts_count_where_they_were_given(session: Session) -> None:
    history = History()
    for act, cause, effect in ((Act.ACCEPT, "impression", "watch"), (Act.REJECT, "watch", NASTY)):
        history = history.append(Verdict(act, cause, effect, "Ada", "2026-01-01T00:00:00+00:00"))
    compute.store().append_verdicts(session.project_id or "", history, 0)
    assert evaluating.truth_kinds(session) == ["sample", "verdicts"]
    beside = evaluating.current_beside(session, "verdicts")
    assert beside is not None
    scores = evaluating.measured(beside, 0.5).scores
    assert (scores.pairs, scores.true_edges) == (2, 1)
    assert evaluating.measured(beside, 0.5).lines["all edges"].accuracy == 0.5


def test_the_table_has_a_row_for_every_score_and_the_free_lines_beside(session: Session) -> None:
    beside = evaluating.current_beside(session, "sample")
    assert beside is not None
    rows = score_rows(evaluating.measured(beside, 0.5), "ours")
    assert list(rows) == [
        "Score", "ours", "90 % interval", "All edges", "Count sort", "Lift", "Directly follows", "How to read it",
    ]  # fmt: skip
    assert {len(column) for column in rows.values()} == {len(READINGS)}
    table = pd.DataFrame(rows).set_index("Score")
    assert table.loc["Recall", "All edges"] == "1.000"
    assert table.loc["Brier", "Lift"] == UNDEFINED
    assert table.loc["SID", "All edges"] == UNDEFINED
    assert set(COUNTS) == {"shd", "sid"}


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"from,to\na,b\n", UnreadableGraph, "no column 'cause'"),
        (b"cause,effect\nimpression,\n", UnreadableGraph, "Row 1 of the truth lacks a name"),
        (b"cause,effect\nview,buy\n", UnknownBehaviour, "'buy', 'view'"),
        (b"\xff\xfe\x00", UnreadableGraph, "known.csv is no plain CSV table"),
        (b"", UnreadableGraph, "known.csv is no plain CSV table"),
    ],
)
def test_a_table_that_is_none_is_refused_and_not_kept(
    session: Session, data: bytes, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluating.change_known_graph(session, ("known.csv", data))
    assert evaluating.known_graph_title(session) is None


def test_a_table_that_is_too_large_is_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "LARGEST_TABLE", 10)
    with pytest.raises(UnreadableGraph, match="larger than 16 MB"):
        evaluating.change_known_graph(session, ("known.csv", KNOWN.encode()))


def test_a_known_graph_survives_its_storage(session: Session) -> None:
    evaluating.change_known_graph(session, ("已知.csv", f'cause,effect\nwatch,"{NASTY}"\n'.encode()))
    project = compute.store().project(session.project_id or "")
    known = known_graph_of(project)
    assert known is not None
    assert known == ("已知.csv", (("watch", NASTY),))
    assert known_graph_of(with_known_graph(project, None)) is None
    assert sample_of(replace(project, settings={})) is None


def test_scores_follow_what_the_network_was_told(session: Session) -> None:
    assert session.project_id is not None
    before = evaluating.current_beside(session, "sample")
    rule = Knowledge(required=(("like", "watch"), ("like", "impression")))
    compute.store().change_project(session.project_id, lambda there: with_knowledge(there, rule))
    after = evaluating.current_beside(session, "sample")
    assert before is not None
    assert after is not None
    assert after.key != before.key
