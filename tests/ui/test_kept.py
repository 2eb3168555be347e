"""A choice is there again when its page is; one that is no longer offered is not."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from causalviz.ui.components.kept import kept_tabs

    if st.session_state.get("away"):
        return
    first, second = kept_tabs(["one", "two"], "tab")
    st.text("first" if first.open else "second" if second.open else "none")
    offered = st.session_state.get("offered", ["a", "b"])
    st.selectbox("Which", offered, key="chosen", persist_state="session")


def test_a_tab_and_a_choice_are_there_again() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["tab"] = "two"
    app.selectbox(key="chosen").set_value("b").run()
    assert app.text[0].value == "second"
    app.session_state["away"] = True
    app.run()
    app.session_state["away"] = False
    app.run()
    assert not app.exception
    assert app.text[0].value == "second"
    assert app.selectbox(key="chosen").value == "b"


def test_what_is_no_longer_offered_gives_way_to_the_first() -> None:
    app = AppTest.from_function(page).run()
    app.selectbox(key="chosen").set_value("b").run()
    app.session_state["offered"] = ["c", "d"]
    app.run()
    assert not app.exception
    assert app.selectbox(key="chosen").value == "c"


def test_nor_does_it_come_back_where_another_log_was_opened_meanwhile() -> None:
    app = AppTest.from_function(page).run()
    app.selectbox(key="chosen").set_value("b").run()
    app.session_state["away"] = True
    app.run()
    app.session_state["away"], app.session_state["offered"] = False, ["c", "d"]
    app.run()
    assert not app.exception
    assert app.selectbox(key="chosen").value == "c"
