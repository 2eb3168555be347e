"""Two stores on one database, as two servers or tabs have them: what both did counts, or one of them is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from graph_strategies import AT, NAMES, histories
from hypothesis import given
from hypothesis import strategies as st

from causalviz.errors import GraphError
from causalviz.graph.store import Store
from causalviz.graph.verdicts import Act, History, Ruling, Verdict
from causalviz.ui.contest import Contest, Waiting, contest_sentence, part, write_operations
from causalviz.ui.graph_editor import Acked, Applied, Kind, Operation, apply_operations

VC, CB = ("view", "cart"), ("cart", "buy")
Apply = Callable[[History, tuple[Operation, ...]], Applied]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    both = Store(tmp_path), Store(tmp_path)
    yield both
    for store in both:
        store.close()


def applying(author: str, names: tuple[str, ...] = NAMES) -> Apply:
    return lambda history, free: apply_operations(history, free, behaviours=names, author=author, at=AT)


def rulings(store: Store, project_id: str) -> dict[tuple[str, str], Ruling]:
    return {pair: said.ruling for pair, said in store.history(project_id).standing().items()}


def said(history: History, act: Act, pair: tuple[str, str], author: str = "Bob", note: str = "") -> History:
    return history.append(Verdict(act, *pair, author, AT, note))


def test_what_waits_is_found_again_by_its_author_alone_until_it_is_decided_once() -> None:
    waiting = Waiting()
    first, second = (
        Contest(Operation(kind, VC), Verdict(Act.REJECT, *VC, "Bob", AT)) for kind in (Kind.ADD, Kind.ACCEPT)
    )
    waiting.add("shop", "Ada", [first])
    waiting.add("shop", "Ada", [second, first])
    assert waiting.of("shop", "Ada") == (first, second)
    assert waiting.of("shop", "Bob") == waiting.of("video", "Ada") == ()
    assert waiting.take("shop", "Ada", first)
    assert not waiting.take("shop", "Ada", first)
    assert waiting.of("shop", "Ada") == (second,)


def test_verdicts_on_different_pairs_both_stand(stores: tuple[Store, Store]) -> None:
    ada, bob = stores
    project = ada.create_project("Shop")
    write_operations(bob, project.id, [Operation(Kind.REJECT, VC)], applying("Bob"), seen=0)
    written = write_operations(ada, project.id, [Operation(Kind.ADD, CB)], applying("Ada"), seen=0)
    assert written.held == ()
    assert rulings(ada, project.id) == {VC: Ruling.REJECTED, CB: Ruling.ADDED}


def test_on_the_same_pair_the_later_one_is_asked(stores: tuple[Store, Store]) -> None:
    ada, bob = stores
    project = ada.create_project("Shop")
    write_operations(bob, project.id, [Operation(Kind.REJECT, VC)], applying("Bob"), seen=0)
    wanted = [Operation(Kind.ADD, CB), Operation(Kind.ADD, VC)]
    written = write_operations(ada, project.id, wanted, applying("Ada"), seen=0, acked=Acked("tab", 2))
    assert [contest.operation for contest in written.held] == [wanted[1]]
    assert rulings(ada, project.id) == {VC: Ruling.REJECTED, CB: Ruling.ADDED}
    assert ada.acked("tab") == 2
    assert contest_sentence(written.held[0], "Ada") == (
        "Bob rejected “view” → “cart” on 2026-01-01 at 12:00 UTC, after this page was drawn; "
        "you wanted to add “view” → “cart”."
    )
    seen = ada.history_length(project.id)  # the page was drawn anew, and Ada insists
    again = write_operations(ada, project.id, wanted[1:], applying("Ada"), seen=seen)
    assert again.held == ()
    assert rulings(ada, project.id)[VC] is Ruling.ADDED


def test_many_at_once_lose_nothing(stores: tuple[Store, Store]) -> None:
    project = stores[0].create_project("Shop")
    names = tuple(f"b{n}" for n in range(9))
    start = threading.Barrier(4)

    def work(worker: int) -> int:
        start.wait(10)
        held = 0
        for number in range(4):
            operation = Operation(Kind.ADD, (names[worker], names[4 + number]))
            written = write_operations(
                stores[worker % 2], project.id, [operation], applying(f"w{worker}", names), seen=0
            )
            held += len(written.held)
        return held

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 0
    assert len(rulings(stores[0], project.id)) == 16


def test_of_many_on_one_pair_one_stands_and_all_others_are_asked(stores: tuple[Store, Store]) -> None:
    project = stores[0].create_project("Shop")
    start = threading.Barrier(4)

    def work(worker: int) -> int:
        start.wait(10)
        kind = (Kind.ADD, Kind.REJECT)[worker % 2]
        written = write_operations(
            stores[worker % 2], project.id, [Operation(kind, VC)], applying(f"w{worker}"), seen=0
        )
        return len(written.held) + len(written.applied.messages)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 3  # asked, or told that it stands already
    assert len(stores[0].history(project.id).entries) == 1


@pytest.mark.parametrize(
    ("theirs", "mine", "asked"),
    [
        ([(Act.REJECT, VC)], Operation(Kind.ACCEPT, VC), True),
        ([(Act.REJECT, VC)], Operation(Kind.REJECT, VC), False),  # agreed
        ([(Act.REJECT, VC)], Operation(Kind.DELETE, VC), False),
        ([(Act.ADD, VC)], Operation(Kind.ACCEPT, VC), False),
        ([(Act.REJECT, VC)], Operation(Kind.NOTE, VC, note="why"), False),
        ([(Act.NOTE, VC)], Operation(Kind.NOTE, VC, note="why"), True),
        ([(Act.NOTE, VC)], Operation(Kind.REJECT, VC), False),
        ([(Act.REVERSE, VC)], Operation(Kind.REJECT, VC[::-1]), True),
        ([(Act.ADD, VC[::-1])], Operation(Kind.REVERSE, VC), True),
        ([(Act.REJECT, VC), (Act.UNDO, VC)], Operation(Kind.ACCEPT, VC), False),  # nothing is left to overrule
        ([(Act.REJECT, CB)], Operation(Kind.UNDO), True),
        ([(Act.REJECT, CB)], Operation(Kind.REDO), True),
        ([], Operation(Kind.UNDO), False),
        ([(Act.REJECT, CB)], Operation(Kind.SELECT, VC), False),
        ([(Act.REJECT, CB)], Operation(Kind.MOVE, places=(("view", 1.0, 2.0),)), False),
        ([(Act.REJECT, CB)], Operation(Kind.RETARGET, (*VC, *CB)), True),
        ([(Act.REJECT, CB)], Operation(Kind.REJECT, (*VC, *CB)), False),
        ([(Act.ADD, CB)], Operation(Kind.REJECT, (*VC, *CB)), True),
    ],
)
def test_who_is_asked(theirs: list[tuple[Act, tuple[str, str]]], mine: Operation, asked: bool) -> None:
    history = said(History(), Act.ADD, ("buy", "cart"), "Ada")
    for act, pair in theirs:
        history = said(history, act, pair, note="theirs" if act is Act.NOTE else "")
    parted = part([mine], history, 1)
    assert (len(parted.held), len(parted.free)) == ((1, 0) if asked else (0, 1))


def test_a_restored_version_is_named() -> None:
    history = said(said(History(), Act.ADD, VC, "Ada"), Act.ACCEPT, CB, "Ada")
    history = history.append(Verdict(Act.RESTORE, "", "", "Bob", AT, "first", 1))
    (held,) = part([Operation(Kind.REJECT, CB)], history, 2).held
    assert contest_sentence(held, "Ada").startswith("Bob restored the version “first” on 2026-01-01")


def test_oneself_in_another_tab_is_named_so() -> None:
    contest = Contest(Operation(Kind.UNDO), Verdict(Act.REJECT, *VC, "Ada", AT))
    assert contest_sentence(contest, "Ada") == (
        "Ada, in another tab, rejected “view” → “cart” on 2026-01-01 at 12:00 UTC, after this page was drawn; "
        "you wanted to undo the latest verdict."
    )
    many = Contest(Operation(Kind.REJECT, (*VC, *CB)), Verdict(Act.ADD, *VC, "Bob", AT))
    assert contest_sentence(many, "Ada").endswith("you wanted to reject “view” → “cart” and 1 more.")


@given(histories(), st.data())
def test_nobody_is_asked_about_what_was_seen(history: History, data: st.DataObject) -> None:
    pairs = st.permutations(NAMES).map(lambda names: (names[0], names[1]))
    kinds = st.sampled_from([Kind.ADD, Kind.ACCEPT, Kind.REJECT, Kind.REVERSE, Kind.DELETE])
    told = data.draw(st.lists(st.builds(Operation, kinds, pairs), max_size=5))
    assert part(told, history, len(history.entries)).free == tuple(told)


@given(histories(), st.integers(0, 12), st.data())
def test_what_is_free_leaves_what_others_said(history: History, seen: int, data: st.DataObject) -> None:
    seen = min(seen, len(history.entries))
    pairs = st.permutations(NAMES).map(lambda names: (names[0], names[1]))
    kinds = st.sampled_from([Kind.ACCEPT, Kind.REJECT, Kind.DELETE])
    told = data.draw(st.lists(st.builds(Operation, kinds, pairs), max_size=4))
    before, after = history.first(seen).standing(), history.standing()
    theirs = {
        pair: after[pair].ruling
        for pair in after
        if after[pair].ruling is not (before[pair].ruling if pair in before else Ruling.NONE)
    }
    try:
        result = apply_operations(history, part(told, history, seen).free, behaviours=NAMES, author="Ada", at=AT)
    except GraphError:
        return
    exists = {Ruling.ACCEPTED: True, Ruling.ADDED: True, Ruling.REJECTED: False, Ruling.REVERSED: False}
    for pair, ruling in theirs.items():
        if ruling in exists:
            assert exists[result.history.standing()[pair].ruling] is exists[ruling]


def test_operations_and_verdicts_meet_under_the_names_of_today(stores: tuple[Store, Store]) -> None:
    ada, bob = stores
    project = ada.create_project("Shop")
    write_operations(bob, project.id, [Operation(Kind.REJECT, VC)], applying("Bob"), seen=0)

    def renamed(history: History) -> History:
        today = (replace(entry, effect="basket") for entry in history.entries)
        return replace(history, entries=tuple(today))

    mine = [Operation(Kind.ADD, ("view", "basket"))]
    written = write_operations(ada, project.id, mine, applying("Ada", ("view", "basket")), seen=0, read=renamed)
    assert "Bob rejected “view” → “basket”" in contest_sentence(written.held[0], "Ada")
    assert rulings(ada, project.id) == {VC: Ruling.REJECTED}  # what is written is never rewritten
