"""Features belong to groups, and follow the labels."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.events.log import EventLog
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import GROUP_LABELS, pair_features
from causalviz.worlds import demo_log


def test_every_column_belongs_to_one_group() -> None:
    features = pair_features(gather_evidence(demo_log("video", users=30).log))
    columns = [column for group in features.groups for column in group.columns]
    assert sorted(columns) == list(range(features.edge.shape[1]))
    assert [group.name for group in features.groups] == list(GROUP_LABELS)


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
