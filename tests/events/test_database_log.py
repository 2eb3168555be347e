"""A table counted where it is gives the rows, faults and behaviours that reading it as a file gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pytest

from causalviz.errors import RoleError, UnusableLog
from causalviz.events import rules
from causalviz.events.database import Address, local_copy, open_database
from causalviz.events.database_log import DatabaseLog, log_in_database
from causalviz.events.log import EventLog
from causalviz.events.mapping import Roles
from causalviz.events.readers import read_events
from causalviz.events.report import ReadReport
from causalviz.events.rules import Rules, apply_rules

pytest.importorskip("ibis", reason="the extra 'warehouse' is not installed: pip install -e '.[warehouse]'")

ROLES = Roles("who", "what", "moment")
ROWS = """
    create table log as select * from (values
        ('u', 'view', 1767225600000, 'A'), ('u', 'buy', 1767225601500, 'A'), (' u ', 'view', 1767225601500, 'B'),
        ('v', 'view', 1767225600000, 'B'), ('v', 'view', 1767225600000, 'B'), ('用户', 'view', 1767225609000, NULL),
        ('v', 'buy', 1767225607777, 'C'), (NULL, 'buy', 1767225600000, 'A'), ('', 'buy', 1767225600000, 'A'),
        ('u', 'NULL', 1767225600000, 'A'), ('u', 'view', NULL, 'A'), ('u', 'view', 0, 'A'),
        (repeat('x', 3000), 'view', 1767225600000, 'A')
    ) as t (who, what, moment, thing)
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("there") / "log.duckdb"
    with duckdb.connect(str(path)) as engine:
        engine.execute(ROWS)
        engine.execute("create table as_dates as select * replace (epoch_ms(nullif(moment, 0)) as moment) from log")
        engine.execute("create table own_clock as select * replace (moment % 1000000 / 8.0 as moment) from log")
        engine.execute("create table as_text as select * replace ('on ' || moment as moment) from log")
        engine.execute("create table mixed as select * replace (case who when 'v' then moment // 1000 else moment end"
                       " as moment) from log")  # fmt: skip
        engine.execute("create table empty as from log limit 0")
        engine.execute("create table alike as select * replace ('view' as what) from log")
        engine.execute("create table at_once as select * replace (1767225600000 as moment) from log")
    return path


def here(database: Path, table: str, roles: Roles) -> tuple[EventLog, ReadReport]:
    with local_copy(Address.parse(f"duckdb://{database}#{table}")) as path:
        raw, report = read_events(path, roles)
    return apply_rules(raw, Rules("item" if roles.item else "event", top_items=2)), report


@contextmanager
def there(database: Path, table: str, roles: Roles | None) -> Iterator[DatabaseLog]:
    with open_database(Address.parse(f"duckdb://{database}#{table}")) as rows:
        yield log_in_database(rows, roles, title=table, top_items=2)


@pytest.mark.parametrize("item", [None, "thing"])
@pytest.mark.parametrize("table", ["log", "as_dates", "own_clock"])
def test_it_is_what_reading_the_table_gives(database: Path, table: str, item: str | None) -> None:
    roles = Roles("who", "what", "moment", item)
    log, report = here(database, table, roles)
    with there(database, table, roles) as found:
        told = found.events.to_pyarrow()
        assert found.behaviours == log.behaviours
        assert found.longest_name == max(map(len, log.user_names))
    rows = sorted(zip(told["who"].to_pylist(), told["time"].to_pylist(), told["mark"].to_pylist(), strict=True))
    names = np.array(log.user_names)[log.user].tolist()
    assert rows == sorted(zip(names, log.time.tolist(), log.behaviour.tolist(), strict=True))
    assert (found.report.rows, found.report.events, found.report.dropped) == (
        report.rows,
        report.events,
        report.dropped,
    )
    assert (found.report.time_unit, found.report.roles) == (report.time_unit, report.roles)


def test_roles_are_told_by_names_and_sums_alone(database: Path) -> None:
    with there(database, "as_dates", Roles(user="who", event="what")) as found:
        assert found.report.roles.time == "moment"


def test_of_very_many_behaviours_the_rarest_stand_together(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_BEHAVIOURS", 3)
    with there(database, "log", Roles("who", "what", "moment", "thing")) as found:
        assert len(found.names) == 3
        marks = found.events.to_pyarrow()["mark"].to_pylist()
    assert np.bincount(marks).sum() == 7
    assert np.bincount(marks)[found.names.index("(rare)")] == 3


@pytest.mark.parametrize(
    ("table", "error", "said"),
    [
        ("as_text", RoleError, "'moment' of as_text is of type string, .* count with --engine local"),
        ("mixed", RoleError, "mix seconds and milliseconds since 1970"),
        ("empty", UnusableLog, "No row of empty is usable .it is empty."),
        ("alike", UnusableLog, "one behaviour only, 'view'"),
        ("at_once", UnusableLog, "have the same time in column 'moment'"),
    ],
)
def test_what_cannot_be_counted_there_gets_its_sentence(
    database: Path, table: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said), there(database, table, ROLES):
        pass


def test_a_column_that_is_not_there_is_named(database: Path) -> None:
    with (
        pytest.raises(RoleError, match="no column 'nobody' for the user"),
        there(database, "log", Roles("nobody", "what", "moment")),
    ):
        pass
