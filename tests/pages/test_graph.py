"""The Graph page, run headless; what needs a mouse is tested in a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from graph_projects import LIKE, NAMES, RUDE
from streamlit.testing.v1 import AppTest

from causalviz.discovery import Discovery
from causalviz.graph.causal_graph import View
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.model.familiarity import Resemblance
from causalviz.plots.network import CLAIM
from causalviz.ui import compute
from causalviz.ui.session import Session
from causalviz.ui.settings import view_of, with_behaviours

PAGE = Path(__file__).resolve().parents[2] / "pages" / "graph.py"
PATIENCE_S = 120
AT = "2026-01-01T00:00:00+00:00"


def visit(project_id: str, **told: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE_S)
    page.query_params["project"] = project_id
    for name, value in told.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    assert not page.error
    return page


def texts(page: AppTest) -> str:
    return "\n".join(str(block.value) for block in [*page.markdown, *page.caption])


def rulings(project_id: str) -> dict[tuple[str, str], str]:
    return {pair: said.ruling.value for pair, said in compute.store().history(project_id).standing().items()}


def edges(page: AppTest) -> list[tuple[str, str]]:
    table = page.dataframe[0].value
    return list(zip(table["Cause"], table["Effect"], strict=True))


def add(page: AppTest, cause: str, effect: str) -> AppTest:
    page.selectbox(key="add_cause").set_value(cause)
    page.selectbox(key="add_effect").set_value(effect).run()
    return page.button(key="add_this").click().run()


def test_a_behaviour_is_chosen_renamed_merged_noted_and_hidden_without_a_mouse(project_id: str) -> None:
    page = visit(project_id)
    page.selectbox(key="choose_behaviour").set_value("view").run()
    assert "1 cause" not in texts(page)
    assert re.search(r"events · 0 causes and \d effects? shown", texts(page))
    page.text_input[field(page, "New name")].set_value("look").run()
    press(page, "Rename")
    assert compute.names_of_state(compute.store().project(project_id))[0] == "look"
    page.text_area[0].set_value("the first step").run()
    assert "the first step" in texts(page)
    page.multiselect[field(page, "Merge with", "multiselect")].set_value([LIKE]).run()
    press(page, "Merge")
    assert LIKE not in compute.names_of_state(compute.store().project(project_id))
    page.button(key="behaviour_hide").click().run()
    assert view_of(compute.store().project(project_id)).hidden == ("look",)
    page.button(key="undo").click().run()
    page.button(key="undo").click().run()
    assert LIKE in compute.names_of_state(compute.store().project(project_id))
    assert view_of(compute.store().project(project_id)).hidden == ()


def test_arranged_boxes_are_put_back(project_id: str) -> None:
    page = visit(project_id)
    compute.store().save_positions(project_id, {"view": (700.0, 800.0)})
    page.button(key="arrange").click().run()
    assert compute.store().positions(project_id)["view"] != (700.0, 800.0)
    page.button(key="put_back").click().run()
    assert compute.store().positions(project_id)["view"] == (700.0, 800.0)
    assert not [button for button in page.button if button.key == "put_back"]


def test_what_a_file_says_of_an_edge_is_told_as_the_files(sketch_id: str) -> None:
    page = visit(sketch_id, cause="view", effect="cart")
    assert "The imported file gives **view** → **cart** **70 %**" in texts(page)
    assert not [button for button in page.button if button.key == "edge_explain"]


@pytest.fixture
def sketch_id(own_home: None) -> str:
    said = History().append(Verdict(Act.ADD, "view", "cart", "Ada", AT, probability=0.7))
    store = compute.store()
    project = store.change_project(
        store.create_project("Sketch").id, lambda p: with_behaviours(p, ["view", "cart"], {})
    )
    store.append_verdicts(project.id, said, 0)
    return project.id


def field(page: AppTest, label: str, kind: str = "text_input") -> int:
    return next(row for row, widget in enumerate(getattr(page, kind)) if widget.label.startswith(label))


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label and not button.disabled).click().run()
    assert not page.exception


def test_it_shows_what_was_found_and_what_it_claims(project_id: str) -> None:
    page = visit(project_id)
    assert {("view", "cart"), ("cart", "buy")} <= set(edges(page))
    assert CLAIM in texts(page)
    assert f"Edges shown **{len(edges(page))}** of 20" in texts(page)


@pytest.mark.parametrize(("share", "warned"), [(0.002, True), (0.3, False)])
def test_a_log_unlike_all_worlds_is_warned_of(
    project_id: str, monkeypatch: pytest.MonkeyPatch, share: float, warned: bool
) -> None:
    found = compute.current_discovery
    alike = Resemblance(3.0, share, ("how often both happen",))

    def told(session: Session) -> Discovery:
        return replace(found(session), resemblance=alike)

    monkeypatch.setattr(compute, "current_discovery", told)
    warnings = [str(block.value) for block in visit(project_id).warning]
    assert bool(warnings) is warned
    assert all("at most 1 in 500" in warning and "Train page" in warning for warning in warnings)


def test_a_network_of_another_version_does_not_close_the_project(project_id: str) -> None:
    def write(folder: Path) -> None:
        (folder / "card.json").write_text('{"format": 1}', encoding="utf-8")

    before, kept = edges(visit(project_id)), compute.store()
    model = kept.add_model(project_id, "old", write, {"adaptation": {}})
    kept.save_project(replace(kept.project(project_id), model_id=model.id))
    page = visit(project_id)
    assert not page.error
    assert edges(page) == before
    assert ["comes from another version" in str(block.value) for block in page.warning] == [True]


def test_boxes_get_places_that_stay(project_id: str) -> None:
    page = visit(project_id)
    places = compute.store().positions(project_id)
    assert set(places) == set(NAMES)
    page.slider(key=f"threshold_{project_id}").set_value(0.0).run()
    assert len(edges(page)) == 20
    assert compute.store().positions(project_id) == places


def test_the_view_is_kept(project_id: str) -> None:
    page = visit(project_id)
    page.slider(key=f"threshold_{project_id}").set_value(0.9).run()
    page.selectbox(key=f"top_k_{project_id}").set_value(1).run()
    page.toggle(key=f"show_rejected_{project_id}").set_value(False).run()
    kept = view_of(compute.store().project(project_id))
    assert kept == View(threshold=0.9, top_k=1, show_rejected=False)
    assert visit(project_id).slider(key=f"threshold_{project_id}").value == 0.9


def test_an_edge_is_added_without_a_mouse_and_taken_back(project_id: str) -> None:
    page = add(visit(project_id), RUDE, LIKE)
    assert rulings(project_id) == {(RUDE, LIKE): "added"}
    assert (RUDE, LIKE) in edges(page)
    assert RUDE not in texts(page)  # only ever escaped
    page.button(key="undo").click().run()
    assert rulings(project_id) == {}
    page.button(key="redo").click().run()
    assert rulings(project_id) == {(RUDE, LIKE): "added"}
    assert [entry.author for entry in compute.store().history(project_id).entries] == ["analyst"] * 3


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("accept", {("view", "cart"): "accepted"}),
        ("reject", {("view", "cart"): "rejected"}),
        ("reverse", {("view", "cart"): "reversed", ("cart", "view"): "added"}),
        ("delete", {("view", "cart"): "rejected"}),
    ],
)
def test_each_command_is_a_button(project_id: str, command: str, left: dict[tuple[str, str], str]) -> None:
    page = visit(project_id, cause="view", effect="cart", by="Ada")
    page.button(key=f"edge_{command}").click().run()
    assert rulings(project_id) == left
    assert compute.store().history(project_id).entries[-1].author == "Ada"


def test_verdicts_of_another_tab_are_seen_and_kept(project_id: str) -> None:
    page = visit(project_id)
    other = History().append(Verdict(Act.ADD, "buy", LIKE, "Bob", AT))
    compute.store().append_verdicts(project_id, other, 0)
    page = add(page, RUDE, LIKE)
    assert rulings(project_id) == {("buy", LIKE): "added", (RUDE, LIKE): "added"}
    assert {("buy", LIKE), (RUDE, LIKE)} <= set(edges(page))


def test_a_note_is_kept(project_id: str) -> None:
    page = visit(project_id, cause="view", effect="cart")
    page.text_area[0].set_value("seen in the shop").run()
    assert compute.store().history(project_id).standing()["view", "cart"].note == "seen in the shop"


def test_boxes_are_arranged_anew_on_demand(project_id: str) -> None:
    page = visit(project_id)
    before = compute.store().positions(project_id)
    compute.store().save_positions(project_id, {"view": (999.0, 999.0)})
    page.button(key="arrange").click().run()
    assert compute.store().positions(project_id) == before


def test_without_a_log_it_says_where_to_get_one(project_id: str) -> None:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE_S).run()
    assert not page.exception
    assert page.subheader[0].value == "No event log yet"
