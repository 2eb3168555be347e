"""Features are finite, belong to groups, and follow the labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import event_logs

from causalviz.events.log import EventLog
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import GROUP_LABELS, pair_features
from causalviz.worlds import demo_log


@given(event_logs(max_events=40))
@settings(max_examples=30, deadline=None)
def test_any_log_has_finite_features(log: EventLog) -> None:
    features = pair_features(gather_evidence(log))
    K = log.n_behaviours
    assert features.edge.shape[0] == K * (K - 1)
    assert np.isfinite(features.edge).all()
    assert np.isfinite(features.node).all()


def test_every_column_belongs_to_one_group() -> None:
    features = pair_features(gather_evidence(demo_log("video", users=30).log))
    columns = [column for group in features.groups for column in group.columns]
    assert sorted(columns) == list(range(features.edge.shape[1]))
    assert [group.name for group in features.groups] == list(GROUP_LABELS)


def test_the_type_knows_items_and_kinds() -> None:
    log = demo_log("shop", users=30).log
    features = pair_features(gather_evidence(log))

    def at(cause: str, effect: str, column: str) -> float:
        row = features.row(log.names.index(cause), log.names.index(effect))
        assert row is not None
        return float(features.edge[row, features.column_names.index(column)])

    assert at("view A", "cart A", "type:same item") == 1
    assert at("view A", "cart B", "type:other item") == 1
    assert at("view A", "view B", "type:same kind") == 1
    assert at("search", "cart A", "type:same item") == 0


def test_permuting_labels_permutes_the_features() -> None:
    log = demo_log("social", users=60).log
    order = np.random.default_rng(0).permutation(log.n_behaviours)  # new code k is old code order[k]
    new_code = np.argsort(order).astype(np.int32)
    other = EventLog.from_columns(
        log.user, log.time, new_code[log.behaviour], [log.behaviours[k] for k in order], log.user_names
    )
    before, after = (pair_features(gather_evidence(one)) for one in (log, other))
    shuffled = {c for c, name in enumerate(before.column_names) if "shuffled" in name or "chance" in name}
    kept = [c for c in range(before.edge.shape[1]) if c not in shuffled]  # the shuffle itself is random
    for i in range(log.n_behaviours):
        for j in range(log.n_behaviours):
            if i != j:
                old = before.edge[before.row(int(order[i]), int(order[j])), kept]
                assert after.edge[after.row(i, j), kept] == pytest.approx(old, abs=2e-3)
