"""The Recommend page, run headless: what comes next, what leads to a goal, what if, and the test."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest
from small_project import NASTY, ended, open_small_project
from streamlit.testing.v1 import AppTest

from causalviz.events.raw import RawEvents
from causalviz.events.rules import Rules
from causalviz.model.transformer import TransformerConfig
from causalviz.recommend import sequence
from causalviz.recommend.reasons import Prediction, Reason
from causalviz.ui import compute, recommending
from causalviz.ui.components.next_behaviour import prediction_rows
from causalviz.worlds.demos import demo_log

PAGE = Path(__file__).resolve().parents[2] / "pages" / "recommend.py"
PATIENCE_S = 90


pytestmark = pytest.mark.usefixtures("own_home", "in_this_process")


def visit(tab: str = "Next behaviour", **query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE_S)
    for name, value in query.items():
        page.query_params[name] = value
    page.session_state["recommend_tab"] = tab
    return page.run()


def told(page: AppTest) -> str:
    blocks = [*page.markdown, *page.caption, *page.subheader, *page.text]
    return "\n".join(str(block.value) for block in blocks)


def test_without_a_log_the_page_offers_one() -> None:
    page = visit()
    assert not page.exception
    assert page.subheader[0].value == "No event log yet"


def test_a_users_next_behaviours_come_with_their_reasons() -> None:
    page = visit(project=open_small_project())
    assert not page.exception
    assert not page.error
    table = page.dataframe[0].value
    assert len(table) == 5
    assert table["Chance"].is_monotonic_decreasing
    assert table["Because"].str.contains("×").any()
    page.selectbox(key="recommend_horizon").set_value("Within 1 day").run()
    assert not page.exception
    assert page.dataframe[0].value["Chance"].sum() != pytest.approx(table["Chance"].sum())


def test_what_was_done_lately_is_a_reason_in_words() -> None:
    whys = [Reason("recency", "cart", 60.0, 1, since, 2.0) for since in (0, 1, 7)]
    cells = [prediction_rows([Prediction("cart", 0.5, 0.5, 0.2, (why,))])["Because"][0] for why in whys]
    assert cells == [f"done {when} by this user × 2" for when in ("just now", "one event ago", "7 events ago")]


def test_a_sequence_model_has_its_say(monkeypatch: pytest.MonkeyPatch) -> None:
    small = TransformerConfig(hidden=8, layers=1, window=8, windows=60, epochs=1)
    monkeypatch.setattr(sequence, "fit_mixture", partial(sequence.fit_mixture, config=small))
    page = visit(project=open_small_project())
    by_causes = page.dataframe[0].value
    page.toggle(key="recommend_sequence").set_value(True).run()
    assert not page.exception
    assert not page.error
    table = page.dataframe[0].value
    assert table["Chance"].is_monotonic_decreasing
    common = table.merge(by_causes, on="Behaviour", suffixes=("", " alone"))
    assert common["Causes"].to_numpy() == pytest.approx(common["Chance alone"].to_numpy())


def test_a_typed_history_is_answered() -> None:
    page = visit(project=open_small_project())
    next(box for box in page.selectbox if box.label == "User").set_value("user 5").run()
    assert not page.exception
    page.segmented_control(key="recommend_source").set_value("A history I type").run()
    assert not page.exception
    assert "latest" in told(page)


def test_levers_towards_a_goal() -> None:
    page = visit("Towards a goal", project=open_small_project())
    assert not page.exception
    page.selectbox(key="goal").set_value("favourite").run()
    assert not page.exception
    table = page.dataframe[0].value
    assert "like" in table["Behaviour"].tolist()
    assert (table["Low"] <= table["Extra"]).all()
    assert "comes next with a chance of" in told(page)


def test_a_hostile_goal_is_shown_as_text() -> None:
    page = visit("Towards a goal", project=open_small_project())
    page.selectbox(key="goal").set_value(NASTY).run()
    assert not page.exception
    assert NASTY not in told(page)


def test_what_if_switches_off() -> None:
    page = visit("What if", project=open_small_project())
    page.selectbox(key="changed").set_value("impression").run()
    page.slider(key="factor").set_value(0.0).run()
    assert not page.exception
    table = page.dataframe[0].value.set_index("Behaviour")
    assert table.loc["watch", "Change"] < 0
    page.slider(key="factor").set_value(1.0).run()
    assert not page.exception
    assert not page.dataframe


def test_the_test_runs_beside_the_page() -> None:
    page = visit("How good is it", project=open_small_project())
    assert not page.exception
    page.button(key="run_test").click().run()
    assert not page.exception
    registry = recommending.tests()
    entries = list(registry._jobs.values())
    job = ended(lambda: registry.find(entries[-1].key))
    assert job.error == ""
    page.run()
    assert not page.exception
    assert "questions of" in told(page)
    assert page.dataframe[0].value.loc[0, "method"] == "causal rates"


def open_shop() -> str:
    """A small shop with items, whose behaviours are event types."""
    raw = RawEvents.from_log(demo_log("shop", users=120).log)
    store = compute.store()
    log = store.add_log("Shop", raw.fingerprint, lambda folder: raw.save(folder / compute.EVENTS_FILE))
    project = replace(store.create_project("Shop"), log_id=log.fingerprint, settings={"rules": asdict(Rules())})
    return store.save_project(project).id


def test_next_items_come_with_their_reasons_where_the_log_has_items() -> None:
    project = open_shop()
    page = visit(project=project)
    assert not page.exception
    assert not page.error
    items = page.dataframe[1].value
    assert set(items["Item"]) == set("ABC")
    assert items["Chance"].sum() == pytest.approx(1.0)
    page.selectbox(key="item_goal").set_value("buy").run()
    assert not page.exception
    assert "Next items: buy" in told(page)
    assert page.dataframe[1].value["Chance"].tolist() != items["Chance"].tolist()
    page.segmented_control(key="recommend_source").set_value("A history I type").run()
    assert not page.exception
    assert set(page.dataframe[-1].value["Because"]) == {"popular with everybody"}  # behaviours are event types here


def test_items_are_put_to_the_test_beside_the_page() -> None:
    page = visit("How good is it", project=open_shop())
    page.segmented_control(key="recommend_subject").set_value("items").run()
    page.button(key="run_test").click().run()
    assert not page.exception
    registry = recommending.tests()
    entries = list(registry._jobs.values())
    assert ended(lambda: registry.find(entries[-1].key)).error == ""
    page.run()
    assert not page.exception
    assert page.dataframe[0].value["method"].tolist()[-1] == "item-kNN"
