"""The Data page, run headless: samples, tabs, rules and duplicates."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from causalviz.events.mapping import Roles
from causalviz.ui import compute
from causalviz.ui.logs import open_file

PAGE = Path(__file__).resolve().parents[2] / "pages" / "data.py"
PATIENCE_S = 60
NASTY = "<img src=x onerror=alert(1)>"


pytestmark = pytest.mark.usefixtures("own_home")


def visit(project_id: str | None = None) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE_S)
    if project_id is not None:
        page.query_params["project"] = project_id
    return page.run()


def told(page: AppTest) -> str:
    return "\n".join(str(block.value) for block in [*page.markdown, *page.caption, *page.subheader])


def opened(tmp_path: Path) -> str:
    path = tmp_path / "upload"
    rows = [("u", "view", 0), ("u", NASTY, 60), ("u", NASTY, 60), ("u", "buy", 120), ("", "buy", 130)]
    path.write_text("user,event,time\n" + "".join(f'{u},"{e}",{t}\n' for u, e, t in rows))
    return open_file(path, "log.csv", Roles("user", "event", "time")).id


def test_a_graph_can_be_drawn_without_a_log() -> None:
    page = visit()
    page.button(key="sketch").click().run()
    assert not page.exception
    assert [project.name for project in compute.store().projects()] == ["Sketch"]


def test_the_first_visit_offers_samples_and_one_click_opens_one() -> None:
    page = visit()
    assert not page.exception
    assert {"Start with a sample", "Or bring your own log"} <= {head.value for head in page.subheader}
    page.button(key="open_shop").click().run()
    assert not page.exception
    assert [metric.label for metric in page.metric] == ["Events", "Users", "Behaviours", "Span"]
    for times in (1, 0):  # seen from its top, once
        assert sum("scrollTo(0, 0)" in block.proto.body for block in page.get("html")) == times
        page.run()
    assert [project.name for project in compute.store().projects()] == ["Shop sample"]


@pytest.mark.parametrize("tab", ["Overview", "Behaviours", "Quality"])
def test_each_tab_shows_a_log_with_hostile_names(tmp_path: Path, tab: str) -> None:
    page = visit(opened(tmp_path))
    page.session_state["data_tab"] = tab
    page.run()
    assert not page.exception
    assert not page.error
    assert NASTY not in told(page)
    assert [metric.value for metric in page.metric] == ["4", "1", "3", "2 min"]


def test_duplicates_are_dropped_and_kept_again_by_one_click(tmp_path: Path) -> None:
    page = visit(opened(tmp_path))
    page.session_state["data_tab"] = "Quality"
    page.run()
    assert "1 of 5 rows" in told(page).replace("\\", "")
    page.button(key="drop_duplicates").click().run()
    assert page.metric[0].value == "3"
    page.button(key="keep_duplicates").click().run()
    assert page.metric[0].value == "4"


def test_behaviours_are_hidden_and_come_back(tmp_path: Path) -> None:
    page = visit(opened(tmp_path))
    page.session_state["data_tab"] = "Behaviours"
    page.run()
    page.multiselect[0].select("buy")
    next(button for button in page.button if button.label == "Hide").click().run()
    assert page.metric[2].value == "2"
    page.button(key="undo_hidden_0").click().run()
    assert page.metric[2].value == "3"


def test_rules_that_leave_one_behaviour_are_refused_and_not_kept(tmp_path: Path) -> None:
    project_id = opened(tmp_path)
    page = visit(project_id)
    page.session_state["data_tab"] = "Behaviours"
    page.run()
    page.multiselect[1].set_value(["buy", "view", NASTY])
    page.text_input[-1].set_value("all")
    next(button for button in page.button if button.label == "Merge").click().run()
    assert "The rules leave only" in page.error[0].value
    assert visit(project_id).metric[2].value == "3"


def test_an_upload_shows_its_roles_lets_them_be_changed_and_opens(tmp_path: Path) -> None:
    page = visit()
    rows = [
        "会员,动作,备注,时间",
        *(f"甲,{what},{k % 2},2024-03-13 12:0{k}" for k, what in enumerate(["浏览", "购买"] * 2)),
    ]
    lines = "\r\n".join(rows)
    page.file_uploader[0].upload("三月.csv", lines.encode("gb18030"), "text/csv").run()
    assert not page.exception
    assert "GB18030" in told(page)
    assert [box.value for box in page.selectbox if box.key and box.key.startswith("role_")] == [
        "会员", "动作", "时间", "—", "—", "—",
    ]  # fmt: skip
    next(box for box in page.selectbox if box.key and box.key.startswith("role_event")).set_value("备注").run()
    page.button(key="read_upload").click().run()
    assert not page.exception
    assert [project.name for project in compute.store().projects()] == ["三月"]
    assert page.metric[2].value == "2"
    assert not list(compute.store().uploads.iterdir())


def test_what_does_not_show_by_itself_is_asked_until_it_is_chosen() -> None:
    page = visit()
    rows = "".join(f"{k % 2},{'ab'[k % 2]},{60 * k}\n" for k in range(9))
    page.file_uploader[0].upload("odd.csv", f"x,y,z\n{rows}".encode(), "text/csv").run()
    assert "odd.csv does not show by itself which column is the" in page.warning[0].value.replace("\\", "")
    for role, name in (("user", "x"), ("event", "y"), ("time", "z")):
        next(box for box in page.selectbox if (box.key or "").startswith(f"role_{role}")).set_value(name).run()
    assert not page.warning
    page.button(key="read_upload").click().run()
    assert page.metric[0].value == "9"


def test_where_day_and_month_may_be_swapped_the_visitor_says_which_comes_first() -> None:
    page = visit()
    rows = "".join(f"u,{what},0{day}/03/2024 12:00\n" for day, what in ((4, "view"), (5, "buy"), (6, "view")))
    page.file_uploader[0].upload("march.csv", f"user,event,time\n{rows}".encode(), "text/csv").run()
    assert "Times are date and time as day/month/year, UTC" in told(page).replace("\\", "")
    assert "so that they span 2 days and not 61" in page.warning[0].value.replace("\\", "")
    next(choice for choice in page.segmented_control if "Month" in choice.options).set_value("Month").run()
    assert "They will be read month-first." in told(page)
    page.button(key="read_upload").click().run()
    assert not page.exception
    assert page.metric[3].value == "61 d"


def test_an_upload_that_was_swept_out_is_stored_again() -> None:
    page = visit()
    page.file_uploader[0].upload("log.csv", LOG.encode(), "text/csv").run()
    for stored in compute.store().uploads.iterdir():
        stored.unlink()
    page.run()
    assert not page.exception
    page.button(key="read_upload").click().run()
    assert page.metric[0].value == "4"


def test_a_file_that_cannot_be_read_gets_its_sentence(tmp_path: Path) -> None:
    page = visit()
    page.file_uploader[0].upload("book.csv", b"PK\x03\x04", "text/csv").run()
    assert not page.exception
    assert "is a ZIP or Excel file" in page.error[0].value.replace("\\", "")


LOG = "user,event,time\n" + "".join(f"u,{what},{60 * k}\n" for k, what in enumerate(["view", "buy"] * 2))


def at_place(place: str) -> AppTest:
    page = visit()
    page.segmented_control(key="log_place").set_value(place).run()
    assert not page.exception
    return page


@pytest.mark.parametrize(("place", "name"), [("server", "CAUSALVIZ_DATA"), ("database", "CAUSALVIZ_TABLES")])
def test_without_leave_of_the_operator_nothing_of_the_server_is_offered(place: str, name: str) -> None:
    page = at_place(place)
    assert name in page.info[0].value
    assert not [box for box in page.selectbox if box.key in ("server_path", "table_address")]


def test_a_file_of_the_server_opens_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = tmp_path / "logs"
    (allowed / "days").mkdir(parents=True)
    (allowed / "march.csv").write_text(LOG)
    (tmp_path / "secret.csv").write_text(LOG)
    monkeypatch.setenv("CAUSALVIZ_DATA", str(allowed))
    page = at_place("server")
    assert page.selectbox(key="server_path").options == [str(allowed / "march.csv")]
    page.selectbox(key="server_path").set_value(str(allowed / "march.csv")).run()
    assert "**First rows** of 4" in told(page)
    page.button(key="read_upload").click().run()
    assert not page.exception
    assert [project.name for project in compute.store().projects()] == ["march"]
    assert (allowed / "march.csv").read_text() == LOG


def test_a_table_opens_by_an_address_whose_password_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ibis", reason="the extra 'warehouse' is not installed: pip install -e '.[warehouse]'")
    (tmp_path / "log.csv").write_text(LOG)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as engine:
        engine.read_csv(str(tmp_path / "log.csv")).create("march")
    secret = "postgresql://me:s3cret@db.example/shop#log"  # noqa: S105  # a host that is not there
    monkeypatch.setenv("CAUSALVIZ_TABLES", f"duckdb://{tmp_path}/shop.duckdb#* {secret}")
    page = at_place("database")
    assert page.selectbox(key="table_address").options == [
        f"duckdb://{tmp_path}/shop.duckdb#*", "postgresql://me@db.example:5432/shop#log",
    ]  # fmt: skip
    assert page.button(key="fetch_table").disabled
    page.text_input(key="table_name").set_value("nothing").run()
    page.button(key="fetch_table").click().run()
    assert "there is no table 'nothing'" in page.error[0].value.replace("\\", "")
    page.text_input(key="table_name").set_value("march").run()
    page.button(key="fetch_table").click().run()
    assert "**First rows** of 4" in told(page)
    page.button(key="read_upload").click().run()
    assert not page.exception
    assert [project.name for project in compute.store().projects()] == ["march"]
    assert not list(compute.store().uploads.iterdir())
