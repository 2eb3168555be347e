"""The Quality tab names what bends causes, and one click mends it or takes that back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from causalviz.events.mapping import Roles
from causalviz.ui.logs import open_file

PAGE = Path(__file__).resolve().parents[2] / "pages" / "data.py"
NASTY = "<b>bot</b>"

pytestmark = pytest.mark.usefixtures("own_home")


def quality_tab(tmp_path: Path) -> AppTest:
    rows = [(f"u{k % 30}", ("view", "buy", "Buy")[k % 3], 1_710_000_000 + 97 * k) for k in range(300)]
    rows += [(NASTY, "view", 1_710_000_000 + 10 * k) for k in range(3_000)] + [("u1", "view", 1)]
    path = tmp_path / "upload"
    path.write_text("user,event,time\n" + "".join(f'"{u}",{e},{t}\n' for u, e, t in rows))
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    page.query_params["project"] = open_file(path, "log.csv", Roles("user", "event", "time")).id
    page.session_state["data_tab"] = "Quality"
    return page.run()


def told(page: AppTest) -> str:
    return "\n".join(str(block.value) for block in page.markdown).replace("\\", "").replace("\u2060", "")


def test_each_remedy_is_one_click_and_so_is_its_way_back(tmp_path: Path) -> None:
    page = quality_tab(tmp_path)
    assert not page.exception
    assert NASTY not in "\n".join(str(block.value) for block in page.markdown)  # only escaped
    assert "did 91% of all events" in told(page)
    assert "1 event far away in time from all others, as at 1970-01-01 00:00:01" in told(page)
    for key, events in (("cap_users", "312"), ("keep_period", "311"), ("drop_users_1", "300")):
        if key == "drop_users_1":
            page.button(key="uncap_users").click().run()
        page.button(key=key).click().run()
        assert not page.exception
        assert page.metric[0].value == events
    page.button(key="merge_alike").click().run()
    assert (page.metric[1].value, page.metric[2].value) == ("30", "2")
    for key in ("keep_users", "whole_period"):
        page.button(key=key).click().run()
    assert page.metric[0].value == "3,301"
