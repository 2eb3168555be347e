"""From a log to probabilities: the claims of the product, on logs whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from causalviz.discovery import Discovery, judge_again
from causalviz.errors import SettingsError, UnusableLog
from causalviz.evaluate.metrics import evaluate
from causalviz.events import readers
from causalviz.events.log import EventLog
from causalviz.events.mapping import Roles
from causalviz.events.prepared import PreparedLog
from causalviz.model.checkpoint import load_prior
from causalviz.model.decidability import base_rate_of
from causalviz.model.edge_model import EdgeModel
from causalviz.model.familiarity import Familiarity, summary
from causalviz.pipeline import DiscoverConfig, discover, open_log
from causalviz.worlds import demo_log


@pytest.fixture(scope="module")
def shop() -> Discovery:
    return discover(demo_log("shop").log)


def log_odds(p: np.ndarray | float) -> np.ndarray:
    return np.log(p) - np.log1p(-np.asarray(p))


def probability(found: Discovery, cause: str, effect: str) -> float:
    return float(found.probability[found.names.index(cause), found.names.index(effect)])


@pytest.mark.parametrize("item", ["A", "B", "C"])
def test_the_worked_example(shop: Discovery, item: str) -> None:
    view, cart, buy = f"view {item}", f"cart {item}", f"buy {item}"
    assert probability(shop, view, cart) >= 0.8
    assert probability(shop, cart, buy) >= 0.8
    for cause, effect in ((view, buy), (cart, view), (buy, cart), (buy, view)):
        assert probability(shop, cause, effect) <= 0.2


def test_no_true_edge_of_the_shop_is_drawn_the_wrong_way_round(shop: Discovery) -> None:
    truth = demo_log("shop", users=10).truth
    assert shop.probability[truth.T & ~truth].max() <= 0.2


@pytest.mark.parametrize("name", ["social", "video"])
def test_the_other_demos_are_read_right(name: str) -> None:
    world = demo_log(name)
    scores = evaluate(discover(world.log).probability, world.truth)
    assert scores.f1 > 0.9
    assert scores.auroc > 0.98


def test_the_table_has_every_ordered_pair_once(shop: Discovery) -> None:
    table = shop.table()
    K = len(shop.names)
    assert len(table) == K * (K - 1) == len(table[["cause", "effect"]].drop_duplicates())
    assert table["probability"].between(0, 1).all()
    assert table["probability"].is_monotonic_decreasing
    assert (table["effect_low"] <= table["effect_high"]).all()
    table.loc[0, "cause"] = "changed"
    assert shop.table().loc[0, "cause"] != "changed"


def test_progress_tells_every_stage() -> None:
    told: list[tuple[str, int, int]] = []
    found = discover(demo_log("video", users=60).log, on_progress=lambda *stage: told.append(stage))
    assert [done for _, done, _ in told] == [0, 1, 2, 3, 4]
    assert set(found.seconds) == {stage for stage, _, _ in told[:-1]}


def test_discovering_twice_gives_the_same_answer() -> None:
    log = demo_log("video", users=60).log
    one, two = discover(log), discover(log)
    assert np.array_equal(one.probability, two.probability, equal_nan=True)


def test_another_model_judges_the_same_evidence() -> None:
    found = discover(demo_log("video", users=60).log)
    again = judge_again(found, load_prior())
    assert again.counts is found.counts
    assert np.array_equal(again.probability, found.probability, equal_nan=True)


def test_what_it_was_told_stays_told_and_has_a_name() -> None:
    found = discover(demo_log("video", users=60).log)
    told = judge_again(found, load_prior(), [("impression", "watch", True), ("elsewhere", "watch", False)])
    assert found.answer_id == found.model_id
    assert told.answer_id.startswith(f"{found.model_id}-")
    assert not np.array_equal(told.probability, found.probability, equal_nan=True)
    again = judge_again(told, load_prior())
    assert again.answer_id == told.answer_id
    assert np.array_equal(again.probability, told.probability, equal_nan=True)
    assert judge_again(told, load_prior(), ()).answer_id == found.answer_id
    at = found.names.index("impression"), found.names.index("watch")
    assert told.probability[at] == found.probability[at]


def test_what_cannot_be_decided_says_why() -> None:
    rng = np.random.default_rng(0)
    M = 400
    marks = rng.integers(0, 2, M).astype(np.int32)
    marks[7] = 2
    log = EventLog.from_columns(
        rng.integers(0, 20, M).astype(np.int32), rng.integers(0, 10**8, M), marks, ["often", "also", "once"]
    )
    found = discover(log)
    table = found.table()
    rare = table[(table["cause"] == "once") | (table["effect"] == "once")]
    assert (rare["reason"] == "too few events: once happened once").all()
    base = base_rate_of(load_prior().card)
    assert (abs(log_odds(rare["probability"]) - log_odds(base)) < 0.2 * abs(log_odds(0.001))).all()


def test_ties_are_named_as_the_reason() -> None:
    user = np.repeat(np.arange(20, dtype=np.int32), 20)
    time = np.tile(np.repeat(np.arange(10) * 50_000, 2), 20)
    log = EventLog.from_columns(user, time, np.tile([0, 1], 200).astype(np.int32), ["here", "there"])
    table = discover(log).table()
    assert table["reason"].str.startswith("always together").all()
    assert np.allclose(table["probability"], base_rate_of(load_prior().card))


def test_ties_without_an_order_leave_both_directions_at_the_base_rate() -> None:
    rng = np.random.default_rng(1)
    user = np.repeat(np.arange(20, dtype=np.int32), 40)
    moments = np.sort(rng.integers(0, 10**7, (20, 25)), axis=1)
    time = np.concatenate([moments[:, :15], moments], axis=1).ravel()  # 15 moments are shared, 10 are of "there" alone
    mark = np.tile(np.repeat([0, 1], [15, 25]), 20).astype(np.int32)
    table = discover(EventLog.from_columns(user, time, mark, ["here", "there"])).table()
    assert table["reason"].str.startswith("ties hide the order").all()
    assert np.allclose(table["probability"], base_rate_of(load_prior().card))


def test_a_network_that_knows_its_worlds_says_how_a_log_compares() -> None:
    found = discover(demo_log("video", users=60).log)
    prior = load_prior()
    seen = summary(found.features.edge, found.features.node)
    worlds = seen + np.random.default_rng(0).normal(0, 0.1, (500, len(seen)))
    knows = EdgeModel(prior.network, prior.slope, prior.intercept, prior.card, Familiarity.fit(worlds))
    assert not judge_again(found, knows).resemblance.is_strange
    moved = EdgeModel(prior.network, prior.slope, prior.intercept, prior.card, Familiarity.fit(worlds + 1.0))
    alike = judge_again(found, moved).resemblance
    assert alike.is_strange
    assert "at most 1 in 126" in alike.sentence
    ignorant = EdgeModel(prior.network, prior.slope, prior.intercept, prior.card)
    assert judge_again(found, ignorant).resemblance is None


def test_a_small_file_of_more_rows_than_memory_holds_is_prepared_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(readers, "MOST_ROWS", 3)
    path = tmp_path / "log.csv"
    path.write_text("user,event,time\n" + "".join(f"u,{what},{k}\n" for k, what in enumerate("ababab")))
    log, report = open_log(path, Roles())
    assert isinstance(log, PreparedLog)
    assert (log.n_events, report.rows) == (6, 6)


def test_one_behaviour_has_no_causes() -> None:
    log = EventLog.from_columns(np.zeros(3, np.int32), np.arange(3), np.zeros(3, np.int32), ["only"])
    with pytest.raises(UnusableLog, match="'only'"):
        discover(log)


def test_a_sample_too_small_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least 1000"):
        DiscoverConfig(sample_events=10)


@pytest.mark.parametrize("seed", [0, 1])
def test_independent_behaviours_have_no_edges(seed: int) -> None:
    from benchmarks.nulls import independent_log

    found = discover(independent_log(seed))
    drawn = np.nan_to_num(found.probability) >= 0.5
    assert drawn.sum() <= 0.01 * (drawn.size - len(drawn))
