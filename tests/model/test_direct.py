"""Direct effects on histories that one can count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.events.log import TICKS_PER_S, Behaviour, EventLog
from causalviz.model.direct import Direct, kept_away, once_more
from causalviz.model.prevention import Preventions
from causalviz.model.repeats import Repeats
from causalviz.model.stays import Stays

ADVERT, VISIT = 0, 1


def histories(*users: list[tuple[float, int]]) -> EventLog:
    """Each a list of (second, behaviour)."""
    user, time, mark = zip(*((u, t, b) for u, events in enumerate(users) for t, b in events), strict=True)
    ticks = (np.array(time) * TICKS_PER_S).astype(np.int64)
    names = [Behaviour("advert", "advert"), Behaviour("visit", "visit")]
    return EventLog.from_columns(
        np.array(user, np.int32), ticks, np.array(mark, np.int32), names, [str(u) for u in range(len(users))]
    )


def test_one_more_prevents_what_no_other_has_reached() -> None:
    evenly = [(float(t), VISIT) for t in range(0, 110, 10)]
    log = histories(evenly, [*evenly, (1.0, ADVERT)])
    offspring = np.array([[0.0, -3.0], [0.0, 0.0]])
    direct = Direct(offspring, 2 * offspring, offspring / 2)
    second = float(TICKS_PER_S)
    stays = Stays(np.zeros(2), np.full(2, 1 / (100 * second)), np.full(2, 0.1))  # 100 s, of which 10 s came before
    preventions = Preventions(np.array([[1.0, 0.25], [1.0, 1.0]]), np.array([[0.0, 20 * second], [0.0, 0.0]]))
    found = once_more(direct, [(preventions, stays)], log)
    reached = np.minimum(20, np.arange(0, 110, 10) + 10).sum() / 100
    without = reached - (20 + 20) / 100  # at 10 and 20 s the advert had come already
    assert found.offspring[ADVERT, VISIT] == pytest.approx(-0.75 * (reached + without) / 2)
    assert found.low[ADVERT, VISIT] == pytest.approx(2 * found.offspring[ADVERT, VISIT])
    assert found.high[ADVERT, VISIT] == pytest.approx(found.offspring[ADVERT, VISIT] / 2)
    assert not found.offspring[VISIT].any()
    repeated = Direct(direct.offspring + np.diag([0.0, 0.4]), direct.low, direct.high)  # visits of visits are counted
    again = once_more(repeated, [(preventions, stays)], log)
    assert again.offspring[ADVERT, VISIT] == pytest.approx(0.6 * found.offspring[ADVERT, VISIT])
    weaker = Preventions(1 - (1 - preventions.kept) / 4, preventions.window)
    both = once_more(direct, [(preventions, stays), (weaker, stays)], log)
    assert both.offspring[ADVERT, VISIT] == pytest.approx(found.offspring[ADVERT, VISIT] / 2)  # the root of 1 times 1/4


def test_what_was_prevented_is_told_by_what_came_all_the_same() -> None:
    second = float(TICKS_PER_S)
    log = histories([(0.0, ADVERT), (5.0, VISIT), (8.0, VISIT), (20.0, ADVERT), (20.0, VISIT), (40.0, VISIT)])
    offspring = np.array([[0.0, -3.0], [0.0, 0.3]])
    direct = Direct(offspring, 2 * offspring, offspring / 2)
    preventions = Preventions(np.array([[1.0, 0.25], [1.0, 1.0]]), np.array([[0.0, 8 * second], [0.0, 0.0]]))
    found = kept_away(direct, preventions, log)
    assert found.offspring[ADVERT, VISIT] == pytest.approx(-2 * 3 / 2)  # two came, six more would have, of two adverts
    assert found.low[ADVERT, VISIT] == pytest.approx(2 * found.offspring[ADVERT, VISIT])
    assert found.offspring[VISIT, VISIT] == 0.3
    short = Preventions(preventions.kept, preventions.window / 4)  # in which none came
    assert -1 < kept_away(direct, short, log).offspring[ADVERT, VISIT] < 0


def test_only_drawn_edges_and_repeats_stay() -> None:
    matrix = np.array([[9.0, 0.4], [np.nan, 9.0]])
    repeats = Repeats(np.array([0.1, 0.2]), np.zeros(2), np.array([0.3, 0.3]))
    found = Direct(matrix, matrix, matrix).within(np.array([[False, True], [False, False]]), repeats)
    assert found.offspring == pytest.approx(np.array([[0.1, 0.4], [0.0, 0.2]]))
    assert found.high == pytest.approx(np.array([[0.3, 0.4], [0.0, 0.3]]))
