"""Opening logs into the store, and changing what counts as a behaviour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causalviz.errors import RoleError, UnusableLog
from causalviz.events.mapping import Roles
from causalviz.events.report import OffendingRow
from causalviz.events.rules import RawEvents, Rules
from causalviz.ui import compute
from causalviz.ui.logs import _open, change_rules, current_report, levels_of, open_file, open_sample
from causalviz.ui.session import Session
from causalviz.ui.settings import rules_of

LINES = """用户,行为,时间,商品
甲,浏览,2024-03-13 12:00:00,A
甲,购买,2024-03-13 12:01:00,A
乙,浏览,,B
乙,收藏,2024-03-13 12:00:00,B
"""
ROLES = Roles("用户", "行为", "时间", "商品")


pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def opened(tmp_path: Path) -> Session:
    path = tmp_path / "upload"
    path.write_bytes(LINES.encode("gb18030"))
    project = open_file(path, "商店.日志.csv", ROLES)
    path.unlink()
    return Session(project_id=project.id)


def test_a_file_becomes_a_project_with_its_log_and_report(opened: Session) -> None:
    project, log, report = compute.current_project(opened), compute.current_log(opened), current_report(opened)
    assert project is not None
    assert project.name == "商店"
    assert log is not None
    assert log.names == ("收藏", "浏览", "购买")
    assert report is not None
    assert (report.file, report.rows, report.events, report.dropped) == ("商店.日志.csv", 4, 3, {"no time": 1})
    assert report.first_offending == (OffendingRow(4, "时间", "", "no time"),)
    assert report.roles == ROLES


def test_the_account_is_of_the_own_file_although_another_had_the_same_events(opened: Session, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_text("user;event;time\nu;view;0\nu;buy;1\n")
    other = open_file(path, "other.csv", Roles("user", "event", "time"))
    path.write_text("user\tevent\ttime\nu\tview\t0\nu\tbuy\t1\nu\tbuy\t?\n")
    same = open_file(path, "same.csv", Roles("user", "event", "time"))
    for project, file, rows in ((other, "other.csv", 2), (same, "same.csv", 3)):
        report = current_report(replace(opened, project_id=project.id))
        assert report is not None
        assert (report.file, report.rows, report.events) == (file, rows, 2)
    again = open_file(path, "same.csv", Roles("user", "event", "time"))
    assert again.log_id == same.log_id != other.log_id


def test_rules_are_kept_with_the_project(opened: Session) -> None:
    assert levels_of(compute.current_raw(opened)) == ["event", "item"]
    rules = Rules(level="item", merged=(("看", ("浏览 A", "收藏 B")),), renamed=(("购买 A", "买"),))
    change_rules(opened, rules)
    project, log = compute.current_project(opened), compute.current_log(opened)
    assert project is not None
    assert rules_of(project) == rules
    assert log is not None
    assert log.names == ("看", "买")


def test_rules_that_leave_too_little_are_not_kept(opened: Session) -> None:
    with pytest.raises(UnusableLog, match="The rules leave only '购买'"):
        change_rules(opened, Rules(hidden=("浏览", "收藏")))
    project = compute.current_project(opened)
    assert project is not None
    assert rules_of(project) == Rules()


def test_one_event_type_is_told_apart_by_its_items(tmp_path: Path) -> None:
    path = tmp_path / "views"
    path.write_text("user,event,time,item\nu,view,1,A\nu,view,2,B\n")
    session = Session(project_id=open_file(path, "views.csv", Roles("user", "event", "time", "item")).id)
    log = compute.current_log(session)
    assert log is not None
    assert log.names == ("view A", "view B")


def test_a_file_that_cannot_be_used_leaves_no_project(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text(LINES)
    with pytest.raises(RoleError, match=r"商店.csv has no column 'user'"):
        open_file(path, "商店.csv", Roles("user", "行为", "时间"))
    assert compute.store().projects() == ()


def test_a_file_whose_behaviours_are_too_few_leaves_no_log(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text("user,event,time,item\nu,view,1,A\nu,view,2,A\n")
    with pytest.raises(UnusableLog):
        open_file(path, "views.csv", Roles("user", "event", "time", "item"))
    raw = RawEvents.from_names(["u", "u"], np.array([1, 2]), ["view", "view"])
    with pytest.raises(UnusableLog, match="The rules leave only 'view'"):
        _open("views", raw, None, Rules())
    assert compute.store().projects() == ()
    assert not list(tmp_path.glob("home/**/*.parquet"))


def test_samples_open_without_a_report_and_get_free_names() -> None:
    first, second = open_sample("shop", "zh"), open_sample("shop", "zh")
    assert (first.name, second.name) == ("Shop sample (中文)", "Shop sample (中文) 2")
    assert first.log_id == second.log_id
    session = Session(project_id=first.id)
    log = compute.current_log(session)
    assert current_report(session) is None
    assert log is not None
    assert {"浏览 A", "加购 A", "购买 A"} <= set(log.names)


def test_without_a_project_there_is_nothing() -> None:
    assert compute.current_log(Session()) is None
    assert current_report(Session()) is None
    assert levels_of(None) == ["event"]
