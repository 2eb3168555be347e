"""The Explain page, run headless: an edge taken apart, and what all judgements rest on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_project import NASTY, open_small_project
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.model.features import GROUP_LABELS
from causalviz.ui import compute
from causalviz.ui.session import KEY

PAGE = Path(__file__).resolve().parents[2] / "pages" / "explain.py"
PATIENCE_S = 90


pytestmark = pytest.mark.usefixtures("own_home")


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE_S)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def told(page: AppTest) -> str:
    blocks = [*page.markdown, *page.caption, *page.subheader]
    return "\n".join(str(block.value) for block in blocks)


def list_of_edges(page: AppTest) -> Selectbox[tuple[str, str]]:
    return next(box for box in page.selectbox if box.key is not None and box.key.startswith("explained_edge"))


def test_without_a_log_the_page_offers_one() -> None:
    page = visit()
    assert not page.exception
    assert page.subheader[0].value == "No event log yet"


def test_an_edge_is_taken_apart() -> None:
    page = visit(project=open_small_project(), cause="impression", effect="watch")
    assert not page.exception
    assert not page.error
    assert [metric.label for metric in page.metric] == [
        "Probability", "Rate ratio", "Typical delay", "Share of the effect",
    ]  # fmt: skip
    words = told(page)
    assert "**impression** → **watch**" in words
    assert "No verdict yet" in words
    base, parts, total = (
        float(x) for x in re.findall(r"[+-]\d+\.\d\d", words.replace("−", "-").partition("In log-odds:")[2])[:3]
    )
    assert base + parts == pytest.approx(total, abs=0.02)  # each is rounded to two places
    assert words.count("-badge[") == 1 + len(GROUP_LABELS)  # the verdict and the arguments
    assert len(page.dataframe) == 1


def test_the_most_probable_edge_is_shown_first_and_kept_in_the_session() -> None:
    page = visit(project=open_small_project())
    pair = list_of_edges(page).value
    assert (page.session_state[KEY].cause, page.session_state[KEY].effect) == pair
    page.button(key="turn_edge").click().run()
    assert not page.exception
    assert list_of_edges(page).value == pair[::-1]
    assert (page.session_state[KEY].cause, page.session_state[KEY].effect) == pair[::-1]


def test_choosing_another_edge_explains_that_one() -> None:
    page = visit(project=open_small_project(), cause="impression", effect="watch")
    list_of_edges(page).set_value(("watch", "like")).run()
    assert not page.exception
    assert "**watch** → **like**" in told(page)
    assert page.query_params["effect"] == "like"


def test_an_edge_that_the_log_does_not_have_gives_way_to_the_most_probable_one() -> None:
    page = visit(project=open_small_project(), cause="gone", effect="watch")
    assert not page.exception
    assert list_of_edges(page).value[0] != "gone"


def test_the_verdict_that_stands_is_shown() -> None:
    project_id = open_small_project()
    said = Verdict(Act.REJECT, "impression", "watch", "Ada *", "2026-01-02T00:00:00+00:00", "seen <b>by</b> chance")
    compute.store().append_verdicts(project_id, History().append(said), 0)
    words = told(visit(project=project_id, cause="impression", effect="watch"))
    assert "Rejected by Ada \\*, 2026-01-02" in words
    assert "seen \\<b\\>by\\<\\/b\\> chance" in words


def test_a_hostile_name_is_shown_as_text() -> None:
    page = visit(project=open_small_project(), cause="watch", effect=NASTY)
    assert not page.exception
    assert NASTY not in told(page)
    assert "\\<img src" in told(page)


def test_all_edges_have_their_overview() -> None:
    page = visit(project=open_small_project())
    page.session_state["explain_tab"] = "All edges"
    page.run()
    assert not page.exception
    assert {"Which arguments weigh most", "What each argument does to each pair"} <= {h.value for h in page.subheader}
    assert "on average over 42 pairs" in told(page)


def test_what_other_edges_do_and_what_would_flip_it_are_told() -> None:
    page = visit(project=open_small_project(), cause="impression", effect="watch")
    assert {"What other edges do to it", "What would flip it"} <= {head.value for head in page.subheader}
    words = told(page).replace("\\", "")
    assert "Most for it" in words
    assert words.count("50 %") >= 2 or words.count("No one or two arguments flip it") == 2  # in short, and in full


def test_an_argument_unfolds_to_its_single_features() -> None:
    page = visit(project=open_small_project(), cause="impression", effect="watch")
    charts = len(page.get("plotly_chart"))
    page.selectbox(key="unfolded_argument").set_value("hawkes").run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == charts + 1


@pytest.mark.parametrize("pairs", ["Into one effect", "Out of one cause", "Drawn or not", "Accepted or rejected"])
def test_groups_of_edges_have_their_overview_too(pairs: str) -> None:
    page = visit(project=open_small_project())
    page.session_state["explain_tab"] = "All edges"
    page.session_state["explained_pairs"] = pairs
    page.run()
    assert not page.exception
    assert not page.error
    heads = {head.value for head in page.subheader}
    assert ("Where the two groups differ" in heads) == (" or " in pairs)
    assert "How an argument's weight depends on its strength" in heads
    if pairs == "Into one effect":
        assert "on average over 6 pairs" in told(page)
