"""The warehouse engine: the same counts as one Ibis expression, worked out where the events lie.

Only equi-joins, windows and sums are used, so that any engine that Ibis knows can run it. Whoever lies within reach W
of an event lies in the same stretch of W ticks or in the next one: a cause is entered under both, and causes and
effects meet where user and stretch are equal. The latest event of a behaviour before an effect is the one whose
successor (``lead``) comes no earlier than the effect. Everything is summed to at most G x K x K x L whole numbers for
each array before it leaves; no event and no user does.

Numbers are whole, and the one fraction, of ``expected``, is worked out with the kernel's own operations in its own
order and rounded as it rounds (half to even), so the answer is ``count_lags`` bit for bit. What the kernel does better
is a history of a million events within reach of each other: a database visits every pair, so it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from causalviz.errors import UnusableLog
from causalviz.events.log import EventLog
from causalviz.lags.counts import EXPECTED_SCALE, LagCounts, no_counts
from causalviz.lags.grid import LONGEST, NO_GAPS, SHORTEST, LagGrid
from causalviz.lags.name_groups import with_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from causalviz.events.database_log import DatabaseLog
    from causalviz.events.log import Behaviour

EVENT_COLUMNS: Final = ("user", "grp", "time", "mark")
BY: Final = {  # statistic: by what it is counted beside the group, in the order of the rows' numbers
    "users": (), "span": (), "events": ("cause",), "users_with": ("cause",), "at_risk": ("cause", "bin"),
    "ties": ("cause", "effect"), "follows": ("cause", "effect"),
    "pairs": ("cause", "effect", "bin"), "nearest": ("cause", "effect", "bin"), "expected": ("cause", "effect", "bin"),
}  # fmt: skip
STATISTICS: Final = tuple(BY)
MOST_PAIRS: Final = 10**10  # of one table; in a trial a core took a second for some ten million on DuckDB
ROUNDER: Final = 1.5 * 2.0**52  # doubles of this size are whole, so that adding it rounds


def count_lags_in_database(log: DatabaseLog, grid: LagGrid, groups: int | None = None) -> LagCounts:
    """What ``count_lags`` gives of the same events, counted where they lie; see there for the arguments.

    Raises:
        UnusableLog: If histories are so dense that the database would visit more than ``MOST_PAIRS`` pairs.
    """
    _refuse_dense(log, grid)
    G = len(no_counts(log.behaviours, grid, groups).users)
    rows = lag_count_rows(_coded(log, G).select(*EVENT_COLUMNS), grid).to_pyarrow()
    return counts_from_rows(rows, log.behaviours, grid, G)


def _refuse_dense(log: DatabaseLog, grid: LagGrid) -> None:
    """A robot's million events within reach of each other are a trillion pairs, and would hold up others' work."""
    placed = log.events.select("who", stretch=log.events.time // grid.edges[-1])
    cells = placed.group_by("who", "stretch").agg(n=placed.count())
    pairs = (cells.n.cast("float64") * cells.n.cast("float64")).sum().to_pyarrow().as_py()
    if pairs > MOST_PAIRS:
        raise UnusableLog(
            f"{log.report.file} has users with so many events at once that its database would visit about "
            f"{pairs:,.0f} pairs; leave robots out in a view of it, or count with --engine local."
        )


def grid_in_database(log: DatabaseLog, n_bins: int = 8) -> LagGrid:
    """The grid that ``LagGrid.from_log`` gives; at most four gaps leave the database."""
    import ibis

    mine = ibis.window(group_by=log.events.who, order_by=log.events.time)
    gaps = log.events.select(gap=log.events.time - log.events.time.lag().over(mine))
    gaps = gaps.filter(gaps.gap > 0)
    n = int(gaps.count().to_pyarrow().as_py())
    if not n:
        return LagGrid.from_gaps(NO_GAPS, n_bins)
    places = [(n - 1) * quantile for quantile in (SHORTEST, LONGEST)]
    wanted = sorted({min(int(place) + step, n - 1) for place in places for step in (0, 1)})
    ranked = gaps.mutate(rank=ibis.row_number().over(order_by=gaps.gap))
    told = ranked.filter(ranked["rank"].isin(wanted)).to_pyarrow().to_pylist()
    at = {row["rank"]: row["gap"] for row in told}
    ends = [
        float(np.quantile([at[int(place)], at[min(int(place) + 1, n - 1)]], place - int(place))) for place in places
    ]
    return LagGrid.from_gaps((ends[0], ends[1]), n_bins)


def sample_in_database(log: DatabaseLog, events: int) -> EventLog:
    """Whole histories holding at most ``events`` events (or one history); all if they fit. No name of a user leaves.

    The users come in the order of a hash of their names, so the same table gives the same sample.
    """
    import ibis

    coded = _coded(log, 1)
    users = coded.group_by("user", "crc").agg(n=coded.count())
    so_far = ibis.window(order_by=[users.crc, users.user], preceding=None, following=0)
    users = users.mutate(so_far=users.n.sum().over(so_far))
    kept = users.filter((users.so_far <= max(events, 1)) | (users.so_far == users.n))  # the first user comes whole
    told = coded.semi_join(kept, ["user"]).select("user", "time", "mark").to_pyarrow()
    _, user = np.unique(told["user"].to_numpy(), return_inverse=True)
    return EventLog.from_columns(
        user.astype(np.int32), told["time"].to_numpy(), told["mark"].to_numpy().astype(np.int32), log.behaviours
    )


def _coded(log: DatabaseLog, groups: int) -> ir.Table:
    """The events with ``user``, the place of the name among all, its ``crc`` and group."""
    import ibis

    names = log.events.select("who").distinct()
    names = names.mutate(user=ibis.row_number().over(order_by=names.who))
    users = with_groups(names, groups, log.longest_name)
    return log.events.join(users, ["who"]).drop("who")


def lag_count_rows(events: ir.Table, grid: LagGrid) -> ir.Table:
    """The counts as an expression; nothing is computed yet.

    Args:
        events: One row per event: ``user`` (a whole number or a text), ``grp`` (0..G-1, one for each user), ``time``
            (ticks) and ``mark`` (0..K-1), all but the user 64-bit integers.
        grid: L lag bins.

    Returns:
        A row for each count that is not zero, all 64-bit integers: ``statistic`` (place in ``STATISTICS``), ``grp``,
        ``cause``, ``effect`` and ``bin0`` to ``bin<L-1>``. A place that an array lacks is 0, and what has no bins
        stands in ``bin0``.
    """
    import ibis

    moments = _moments(events)
    own = moments.group_by("user", "grp", "mark").agg(own=moments.n.sum())
    rows = {
        **_user_rows(moments, own),
        "at_risk": _at_risk(moments, grid),
        "ties": _ties(moments),
        "follows": _follows(moments),
        **_pairs(moments, grid),
        "expected": _expected(own, _reach(moments, grid), grid),
    }
    return ibis.union(*(_entered(table, name, grid) for name, table in rows.items()), distinct=False)


def counts_from_rows(
    rows: pa.Table, behaviours: Sequence[Behaviour], grid: LagGrid, groups: int | None = None
) -> LagCounts:
    """The answer to ``lag_count_rows`` as arrays.

    Args:
        rows: Of it.
        behaviours: K, in the order of their marks.
        grid: The L lag bins that were counted.
        groups: G; see ``no_counts``.
    """
    counts = no_counts(behaviours, grid, groups)
    column = {name: np.asarray(rows[name].to_numpy(), dtype=np.int64) for name in rows.column_names}
    bins = np.stack([column[name] for name in _bins(grid)], axis=-1)  # (rows, L)
    for place, (name, axes) in enumerate(BY.items()):
        here = column["statistic"] == place
        at = tuple(column[axis][here] for axis in ("grp", *axes) if axis != "bin")
        counts.arrays()[name][at] = bins[here] if "bin" in axes else bins[here, 0]
    return counts


def _bins(grid: LagGrid) -> list[str]:
    return [f"bin{k}" for k in range(grid.n_bins)]


def _moments(events: ir.Table) -> ir.Table:
    """One row per user, moment and behaviour: ``n`` events; the moment's place and what comes before and after it."""
    import ibis

    told = events.select(*EVENT_COLUMNS)
    moments = told.group_by(*EVENT_COLUMNS).agg(n=told.count())
    mine = ibis.window(group_by=moments.user)
    in_order = ibis.window(group_by=moments.user, order_by=moments.time)
    of_mark = ibis.window(group_by=[moments.user, moments.mark], order_by=moments.time)
    return moments.mutate(
        begin=moments.time.min().over(mine),
        end=moments.time.max().over(mine),
        place=ibis.dense_rank().over(in_order),
        until=moments.time.lead().over(of_mark),  # the next moment of the same behaviour
    )


def _close(causes: ir.Table, effects: ir.Table, grid: LagGrid) -> ir.Table:
    """Rows of one user whose ``time`` lies after ``since``, within reach, with the ``bin`` of the lag."""
    reach = grid.edges[-1]
    causes = causes.mutate(stretch=(causes.since - causes.begin) // reach)
    causes = causes.drop("begin").union(causes.drop("begin").mutate(stretch=causes.stretch + 1))
    effects = effects.mutate(stretch=(effects.time - effects.begin) // reach).drop("begin")
    met = causes.join(effects, ["user", "stretch"])
    met = met.mutate(lag=met.time - met.since)
    met = met.filter((met.lag > 0) & (met.lag <= reach))
    return met.mutate(bin=_bin_of(met.lag, grid))


def _bin_of(lag: ir.Value, grid: LagGrid) -> ir.Value:
    import ibis

    return ibis.cases(*((lag <= edge, ibis.literal(bin_, "int64")) for bin_, edge in enumerate(grid.edges[1:])))


def _pairs(moments: ir.Table, grid: LagGrid) -> dict[str, ir.Table]:
    """Pairs and nearest-previous pairs."""
    causes = moments.select("user", "begin", "until", cause=moments.mark, since=moments.time, causes=moments.n)
    effects = moments.select("user", "grp", "begin", "time", effect=moments.mark, effects=moments.n)
    met = _close(causes, effects, grid)
    is_nearest = met.until.isnull() | (met.time <= met.until)
    met = met.select(
        "grp", "cause", "effect", "bin", pairs=met.causes * met.effects, nearest=is_nearest.ifelse(met.effects, 0)
    )
    sums = met.group_by("grp", "cause", "effect", "bin").agg(pairs=met.pairs.sum(), nearest=met.nearest.sum())
    by = ("grp", "cause", "effect")
    return {name: sums.group_by(*by).agg(**_in_bins(sums, name, grid)) for name in ("pairs", "nearest")}


def _reach(moments: ir.Table, grid: LagGrid) -> ir.Table:
    """All pairs of each user by bin, whatever the marks, and ``all``, the user's events."""
    all_of = moments.group_by("user", "begin", "time").agg(n=moments.n.sum())
    causes = all_of.select("user", "begin", since=all_of.time, causes=all_of.n)
    effects = all_of.select("user", "begin", "time", effects=all_of.n)
    met = _close(causes, effects, grid)
    met = met.select("user", "bin", pairs=met.causes * met.effects)
    return met.group_by("user").agg(**_in_bins(met, "pairs", grid))


def _in_bins(table: ir.Table, name: str, grid: LagGrid) -> dict[str, ir.Value]:
    """A column's sums, those of each bin as a column."""
    return {place: (table.bin == bin_).ifelse(table[name], 0).sum() for bin_, place in enumerate(_bins(grid))}


def _expected(own: ir.Table, reach: ir.Table, grid: LagGrid) -> ir.Table:
    """Pairs of each user if the marks were shuffled over the moments, in whole units of 1 / ``EXPECTED_SCALE``."""
    all_of = own.group_by("user").agg(n=own.own.sum())
    causes = own.select("user", cause=own.mark, causes=own.own.cast("float64"))
    effects = own.select("user", "grp", effect=own.mark, effects=own.own.cast("float64"))
    pairs = {name: reach[name].cast("float64") for name in _bins(grid)}
    lives = all_of.join(reach, ["user"]).select("user", n=all_of.n.cast("float64"), **pairs)
    met = causes.join(effects, ["user"]).join(lives, ["user"])
    others = met.effects - (met.cause == met.effect).ifelse(1.0, 0.0)
    met = met.mutate(share=met.causes * others / (met.n * (met.n - 1.0)))
    units = {name: _nearest_whole(met[name] * met.share * float(EXPECTED_SCALE)) for name in _bins(grid)}
    met = met.select("grp", "cause", "effect", **units)
    return met.group_by("grp", "cause", "effect").agg(**{name: met[name].sum() for name in _bins(grid)})


def _nearest_whole(value: ir.Value) -> ir.Value:
    """The nearest whole number, of two equally near ones the even; engines have roundings of their own."""
    return ((value + ROUNDER) - ROUNDER).cast("int64")


def _user_rows(moments: ir.Table, own: ir.Table) -> dict[str, ir.Table]:
    """What is counted of users and of single behaviours."""
    lives = moments.group_by("user", "grp").agg(span=moments.end.max() - moments.begin.min())
    marks = own.select("grp", cause=own.mark, own=own.own)
    by_mark = marks.group_by("grp", "cause")
    return {
        "users": lives.group_by("grp").agg(bin0=lives.count()),
        "span": lives.group_by("grp").agg(bin0=lives.span.sum()),
        "events": by_mark.agg(bin0=marks.own.sum()),
        "users_with": by_mark.agg(bin0=marks.count()),
    }


def _at_risk(moments: ir.Table, grid: LagGrid) -> ir.Table:
    """Ticks that each behaviour's latest event lies in each bin, up to the next one or the user's last event."""
    import ibis

    wait = ibis.coalesce(moments.until, moments.end) - moments.time
    waits = moments.select("grp", cause=moments.mark, wait=wait)
    spent = {
        name: (waits.wait > low).ifelse(ibis.least(waits.wait, high) - low, 0).sum()
        for name, low, high in zip(_bins(grid), grid.edges[:-1], grid.edges[1:], strict=True)
    }
    return waits.group_by("grp", "cause").agg(**spent)


def _ties(moments: ir.Table) -> ir.Table:
    """Pairs of events at one moment, both ways round; of one behaviour each pair once."""
    causes = moments.select("user", "time", cause=moments.mark, causes=moments.n)
    effects = moments.select("user", "grp", "time", effect=moments.mark, effects=moments.n)
    met = causes.join(effects, ["user", "time"])
    # of one behaviour, n (n - 1) is even
    twice = (met.cause == met.effect).ifelse(met.causes * (met.effects - 1), 2 * met.causes * met.effects)
    met = met.select("grp", "cause", "effect", twice=twice)
    tied = met.group_by("grp", "cause", "effect").agg(twice=met.twice.sum())
    return tied.select("grp", "cause", "effect", bin0=tied.twice // 2)


def _follows(moments: ir.Table) -> ir.Table:
    """Moments with the effect directly after moments with the cause."""
    causes = moments.select("user", cause=moments.mark, place=moments.place + 1)
    effects = moments.select("user", "grp", "place", effect=moments.mark)
    met = causes.join(effects, ["user", "place"])
    return met.group_by("grp", "cause", "effect").agg(bin0=met.count())


def _entered(table: ir.Table, statistic: str, grid: LagGrid) -> ir.Table:
    """The rows in the form that all have, without those that are all zero."""
    import ibis

    zero = ibis.literal(0, "int64")
    names = ("grp", "cause", "effect", *_bins(grid))
    columns = {name: table[name] if name in table.columns else zero for name in names}
    told = table.select(statistic=ibis.literal(STATISTICS.index(statistic), "int64"), **columns)
    return told.filter(ibis.or_(*(told[name] != 0 for name in _bins(grid) if name in table.columns)))
