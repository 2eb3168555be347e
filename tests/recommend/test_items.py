"""Item rates: planted habits are found, chances add up, the best are those of the full scores, names do not matter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.sparse import csr_matrix

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.raw import RawEvents
from causalviz.lags.grid import LagGrid
from causalviz.recommend import attention, continuation
from causalviz.recommend.attention import Attention, Leads, entry_weights
from causalviz.recommend.continuation import Continuation, fit_continuation
from causalviz.recommend.item_states import ItemEvents, ItemStates, Shelf, ask_items, items_before, items_now
from causalviz.recommend.items import CATEGORY, COMPANION, EVERYBODY, OWN, ItemConfig, ItemRates, fit_items
from causalviz.recommend.tables import items_table

GRID = LagGrid((0, 30_000, 600_000))
KINDS = ("buy", "cart", "view")
DRAWN = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=bool)  # view -> cart -> buy
ITEMS = 12


def shop(seed: int = 0, users: int = 300, rename: np.ndarray | None = None) -> RawEvents:
    """Views of twelve items; a cart follows half of the views, a purchase most carts, a look elsewhere in between or
    not; a view of x + 1 follows many of x."""
    rng, rows = np.random.default_rng(seed), []
    for user in range(users):
        start = int(rng.integers(0, 1_000_000))
        for _ in range(8):
            start += int(rng.integers(1_000, 5_000))
            x, time = int(rng.integers(0, ITEMS - 1)), start  # nobody finds the last item without the one before
            rows.append((user, time, "view", x))
            if rng.random() < 0.5:
                rows.append((user, time + 20, "cart", x))
                if rng.random() < 0.5:
                    rows.append((user, time + 100, "view", int(rng.integers(0, ITEMS - 1))))
                if rng.random() < 0.8:
                    rows.append((user, time + 200, "buy", x))
            elif rng.random() < 0.7:
                rows.append((user, time + 10, "view", x + 1))
    code = np.arange(ITEMS) if rename is None else rename
    user_, time_, kind, item = zip(*rows, strict=True)
    return RawEvents.from_names(
        [f"u{u:03d}" for u in user_], np.array(time_) * 1000, kind, [f"i{code[x]:02d}" for x in item],
        [f"c{x // 4}" for x in item],
    )  # fmt: skip


@pytest.fixture(scope="module")
def events() -> ItemEvents:
    return ItemEvents.of_raw(shop())


@pytest.fixture(scope="module")
def rates(events: ItemEvents) -> ItemRates:
    return fit_items(events, GRID, DRAWN)


def after(rates: ItemRates, *rows: tuple[int, str, str]) -> ItemStates:
    time, kind, item = zip(*rows, strict=True)
    kinds, items = rates.shelf.kinds, rates.shelf.items
    own = ItemEvents(
        np.zeros(len(rows), np.int32), np.array(time) * 1000, np.array([kinds.index(k) for k in kind], np.int32),
        np.array([items.index(x) for x in item], np.int32), ("me",), rates.shelf,
    )  # fmt: skip
    return items_now(own, GRID)


def test_a_cart_is_bought_before_a_view(events: ItemEvents) -> None:
    bought = fit_items(events, GRID, DRAWN, goal="buy")
    state = after(bought, (0, "view", "i03"), (20, "cart", "i03"), (100, "view", "i07"))
    found = bought.top(state, 2)
    assert bought.shelf.items[found.item[0, 0]] == "i03"
    assert found.chance[0, 0] > 0.8
    assert found.source[0, 0] == OWN
    kind, factor = bought.own.strongest(state, found.entry[:, 0])
    assert bought.shelf.kinds[kind[0]] == "cart"
    assert factor[0] > 3
    assert set(bought.own.cause.tolist()) == {0, 1}  # view does not cause buy directly


def test_a_companion_is_found_with_its_reason(rates: ItemRates) -> None:
    state = after(rates, (0, "view", "i05"))
    found = rates.top(state, 4)
    names = [rates.shelf.items[x] for x in found.item[0]]
    assert set(names[:2]) == {"i05", "i06"}
    place = names.index("i06")
    assert found.source[0, place] == COMPANION
    assert state.item[found.entry[0, place]] == rates.shelf.items.index("i05")
    assert found.chance[0, place] > 3 * found.chance[0, 2]


def test_chances_add_up_and_the_best_are_those_of_all(events: ItemEvents, rates: ItemRates) -> None:
    states = items_before(events, GRID, ask_items(events, np.arange(3)).stop[:500])
    every = rates.scores(states)
    assert np.allclose(every.sum(axis=1), 1.0)
    assert (every > 0).all()
    for k in (1, 5, ITEMS, 50):
        found = rates.top(states, k)
        assert found.item.shape[1] == min(k, ITEMS)
        assert np.allclose(found.chance, -np.sort(-every, axis=1)[:, :k])
        assert np.allclose(np.take_along_axis(every, found.item, axis=1), found.chance)
        assert ((found.entry < 0) == (found.source == EVERYBODY)).all()
        assert ((found.share > 0) & (found.share <= 1 + 1e-9)).all()


def test_scores_equal_their_slow_twin(events: ItemEvents, rates: ItemRates) -> None:
    states = items_before(events, GRID, ask_items(events, np.arange(3)).stop[300:340])
    own, other = rates._own_or_other(states)
    weight, leads = entry_weights(rates.attention, states), rates.leads
    S, group = leads.companions.toarray(), rates.shelf.group
    q_in = leads.popular / np.array([leads.popular[group == c].sum() for c in group])
    A = S + (1 - S.sum(axis=1, keepdims=True)) * (group[:, None] == group[None, :]) * q_in
    for s in range(len(states)):
        entries = range(states.start[s], states.start[s + 1])
        given = rates.attention.everybody * leads.popular
        for n in entries:
            x = states.item[n]
            given = given + weight[n] * A[x] + rates.attention.category / len(entries) * (group == group[x]) * q_in
        mine = states.item[list(entries)]
        given[mine] = 0.0
        expected = other[s] * given / given.sum()
        expected[mine] = own[list(entries)]
        assert np.allclose(rates.scores(states.__class__(**_one(states, s)))[0], expected)


def _one(states: ItemStates, s: int) -> dict[str, np.ndarray]:
    """The fields of one state."""
    rows = slice(states.start[s], states.start[s + 1])
    return {
        "user": states.user[s : s + 1], "time": states.time[s : s + 1],
        "start": np.array([0, rows.stop - rows.start]), "item": states.item[rows], "age": states.age[rows],
        "latest": states.latest[rows], "count": states.count[rows], "later": states.later[rows],
    }  # fmt: skip


def test_permuting_the_items_permutes_the_answer(events: ItemEvents, rates: ItemRates) -> None:
    rename = np.random.default_rng(1).permutation(ITEMS)
    there = ItemEvents.of_raw(shop(rename=rename))
    turned = fit_items(there, GRID, DRAWN)
    stop = ask_items(events, np.arange(3)).stop[:200]
    here_scores = rates.scores(items_before(events, GRID, stop))
    there_scores = turned.scores(items_before(there, GRID, stop))
    assert np.allclose(there_scores[:, rename], here_scores, rtol=2e-3, atol=2e-4)


def test_a_new_item_is_reached_through_its_category() -> None:
    shelf = Shelf(("a", "b", "new", "other"), ("view",), ("left", "right", ""), np.array([0, 0, 0, 1], np.int32))
    nothing = np.empty(0, np.int64)
    never = Continuation(np.array([0]), nothing, nothing, np.zeros((0, 4)), np.full(1, -30.0), 0.0, 0.0, 0.0)
    popular = np.array([0.5, 0.3, 0.05, 0.15])
    rates = ItemRates(
        shelf, GRID, never, Attention(np.zeros((1, 4)), 1.0, 0.0, 1e-6), Leads(shelf, csr_matrix((4, 4)), popular)
    )
    found = rates.top(after(rates, (0, "view", "a")), 4)  # a has no companions: all is left to its category
    assert [shelf.items[x] for x in found.item[0]] == ["b", "new", "other", "a"]
    assert found.chance[0, :2].tolist() == pytest.approx([6 / 7, 1 / 7], abs=1e-4)
    assert found.source[0, :3].tolist() == [CATEGORY, CATEGORY, EVERYBODY]


def test_who_has_touched_all_items_goes_on_with_one_of_them(rates: ItemRates) -> None:
    states = after(rates, *((10 * n, "view", name) for n, name in enumerate(rates.shelf.items)))
    assert rates.scores(states).sum() == pytest.approx(1.0)
    assert set(rates.top(states, ITEMS).source[0]) == {OWN}


def test_the_table_tells_every_reason(events: ItemEvents, rates: ItemRates) -> None:
    table = items_table(rates, events, 3)
    assert len(table) == 3 * events.n_users
    assert table.groupby("user")["chance"].is_monotonic_decreasing.all()
    own = table[table["because"] == "own"]
    assert (own["item"] == own["of_item"]).all()
    assert own["of_event"].isin(KINDS).all()
    assert np.isfinite(own["ago_s"]).all()
    assert (table.loc[table["because"] == "popular", "of_item"] == "").all()


def test_the_gradient_is_that_of_the_loss(events: ItemEvents, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = ask_items(events, np.arange(3))
    states, came = items_before(events, GRID, questions.stop[:80]), questions.event[:80]
    seen = []

    def keep(loss, start, **_):  # type: ignore[no-untyped-def]
        seen.append((loss, start))
        return type("Found", (), {"x": start})

    monkeypatch.setattr(continuation, "minimize", keep)
    fit_continuation(states, events.item[came], events.kind[came], DRAWN, np.arange(3), ages=4, ridge=1.0, iterations=1)
    loss, start = seen[0]
    x = np.random.default_rng(2).normal(0, 0.3, len(start))
    assert check_grad(lambda x: loss(x)[0], lambda x: loss(x)[1], x) < 1e-3


def test_expectation_maximisation_finds_the_planted_weights() -> None:
    rng = np.random.default_rng(3)
    excited = rng.random((20_000, 2)) ** 3
    chosen = rng.random(20_000) < (excited @ np.array([0.6, 0.1]))
    theta = attention._maximise(excited[chosen], np.tile(excited.sum(axis=0) / chosen.sum(), (chosen.sum(), 1)))
    assert theta.tolist() == pytest.approx([0.6, 0.1], abs=0.03)


def test_what_cannot_be_fitted_is_refused(events: ItemEvents) -> None:
    with pytest.raises(SettingsError, match="No event 'walk' happens to an item"):
        fit_items(events, GRID, DRAWN, goal="walk")
    with pytest.raises(SettingsError, match="sample"):
        ItemConfig(sample=0)
    with pytest.raises(UnusableLog, match="two different times"):
        fit_items(events.take(np.arange(len(events.user)) < 1), GRID, DRAWN)
    with pytest.raises(ValueError, match="drawn must be"):
        fit_items(events, GRID, DRAWN[:2])


def test_progress_ends_within_its_total(events: ItemEvents) -> None:
    told: list[tuple[str, int, int]] = []
    fit_items(events, GRID, DRAWN, config=ItemConfig(sample=50), on_progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == [0, 1, 2, 3]
    assert all(total == 3 for *_, total in told)
