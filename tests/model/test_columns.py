"""What is measured is finite whatever the log, and knows items and kinds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from strategies import event_logs

from causalviz.events.log import EventLog
from causalviz.model.columns import behaviour_columns, pair_columns
from causalviz.model.evidence import gather_evidence
from causalviz.worlds import demo_log


@given(event_logs(max_events=40))
@settings(max_examples=30, deadline=None)
def test_any_log_is_measured_in_finite_numbers(log: EventLog) -> None:
    evidence, K = gather_evidence(log), log.n_behaviours
    for column in pair_columns(evidence).values():
        assert column.shape == (K, K)
        assert np.isfinite(column[~np.eye(K, dtype=bool)]).all()
    behaviours = behaviour_columns(evidence)
    assert len(behaviours) == K
    assert np.isfinite(behaviours).all()


def test_the_type_knows_items_and_kinds() -> None:
    log = demo_log("shop", users=30).log
    columns = pair_columns(gather_evidence(log))

    def at(cause: str, effect: str, column: str) -> float:
        return float(columns[column][log.names.index(cause), log.names.index(effect)])

    assert at("view A", "cart A", "type:same item") == 1
    assert at("view A", "cart B", "type:other item") == 1
    assert at("view A", "view B", "type:same kind") == 1
    assert at("search", "cart A", "type:same item") == 0
