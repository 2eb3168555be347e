"""discover: a log's causal graph as files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from causalviz.commands.command import Command
from causalviz.commands.known_table import read_known
from causalviz.commands.log_argument import ask_for_log, roles_of
from causalviz.commands.terminal import progress_lines, settings_of, shown, stages
from causalviz.errors import SettingsError

if TYPE_CHECKING:
    from causalviz.discovery import Discovery, Known
    from causalviz.events.log import Histories
    from causalviz.events.preparing import OnRows
    from causalviz.events.report import ReadReport
    from causalviz.lags.days import SavedDays

SHOWN_EDGES = 15


def _ask(command: argparse.ArgumentParser) -> None:
    ask_for_log(
        command,
        "CSV, TSV, Parquet, JSON lines, XES or Excel, gzipped or zipped too, or a folder of Parquet; or a table as "
        "postgresql://user@host/database#table",
    )
    command.add_argument(
        "--engine", choices=("local", "spark", "warehouse"), default="local", help="where the lags are counted"
    )
    command.add_argument(
        "--counts-only",
        action="store_true",
        help="with --engine warehouse: no history leaves it, no edge is judged",
    )
    command.add_argument("--master", default="local[2]", metavar="URL", help="where Spark runs, with --engine spark")
    command.add_argument(
        "--known",
        type=Path,
        metavar="CSV",
        help="verdicts: columns cause, effect, exists (yes or no); or rules: columns rule, behaviour, other",
    )
    command.add_argument(
        "--add-to", type=Path, metavar="DAYS", help="folder of the days so far: LOG is added, and all days are judged"
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the results")


def _run(options: argparse.Namespace) -> None:
    from causalviz.events.database import local_copy
    from causalviz.pipeline import DiscoverConfig, discover, open_log
    from causalviz.results import write_results

    if options.add_to and (options.engine != "local" or options.item):
        refused = "--item, because the most frequent items differ from day to day" if options.item else "--engine"
        raise SettingsError(f"--add-to counts days on this machine and does not go with {refused}; leave it out.")
    if options.engine == "warehouse":
        _discover_there(options)
        return
    if options.counts_only:
        raise SettingsError("--counts-only keeps histories in a warehouse; add --engine warehouse, or leave it out.")
    lines = progress_lines()
    with local_copy(options.log) as path:
        log, report = open_log(path, roles_of(options), options.top_items, on_rows=lines)
        saved = _with_days_before(options, path, log, report, lines) if options.add_to else None
        log = saved.log if saved else log
        known = read_known(options.known, log.names)
        found = discover(
            log,
            DiscoverConfig(engine=options.engine, spark_master=options.master),
            known=known,
            counts=saved.counts if saved else None,
            on_progress=stages(lines),
            on_rows=lines,
        )
    write_results(found, options.out, settings_of(options), report, known)
    _say_found(found, report, options.out, known)


def _discover_there(options: argparse.Namespace) -> None:
    """Counts in the database that holds the events."""
    from causalviz.events.database import Address, open_database
    from causalviz.events.database_log import log_in_database
    from causalviz.pipeline import DiscoverConfig, count_in_database, discover_in_database
    from causalviz.results import COUNTS_FILE, write_counts, write_results

    if not isinstance(options.log, Address):
        raise SettingsError(f"--engine warehouse counts in a database; {options.log} is a file, so leave it out.")
    with open_database(options.log) as table:
        log = log_in_database(table, roles_of(options), title=str(options.log), top_items=options.top_items)
        if options.counts_only:
            counted = count_in_database(log)
            write_counts(counted, options.out, settings_of(options), log.report)
            print(f"{log.n_events:,} events, {len(log.names)} behaviours; nothing but sums left the database.")
            print(f"Written to {shown(str(options.out))}: {COUNTS_FILE}, run.json")
            return
        known = read_known(options.known, log.names)
        config = DiscoverConfig()
        found = discover_in_database(log, config, known=known, on_progress=stages(progress_lines()))
    write_results(found, options.out, settings_of(options), log.report, known)
    _say_found(found, log.report, options.out, known)
    print(
        f"The database gave its counts and at most {config.sample_events:,} events of whole histories, without users' "
        "names, for the fits; --counts-only takes no history."
    )


def _with_days_before(
    options: argparse.Namespace, path: Path, log: Histories, report: ReadReport, lines: OnRows
) -> SavedDays:
    from causalviz.events.preparing import content_digest
    from causalviz.lags.days import save_day

    saved = save_day(options.add_to, log, report, content_digest(path, lines), on_rows=lines)
    if not saved.grew:
        print(f"{shown(options.log.name)} is among the days of {shown(str(options.add_to))} already; nothing is added.")
    return saved


def _say_found(found: Discovery, report: ReadReport, folder: Path, known: Sequence[Known]) -> None:
    counts = found.counts
    table = found.table()
    drawn = table[table["probability"] >= 0.5]
    total = f"{int(counts.events.sum()):,} events of {int(counts.users.sum()):,} users"
    print(f"{total}, {len(found.names)} behaviours")
    for line in _account(report):
        print(shown(line))
    print(f"{len(drawn)} of {len(table)} pairs at probability 0.5 or more" + (":" if len(drawn) else "."))
    for row in drawn.head(SHOWN_EDGES).itertuples():
        edge = f"{shown(str(row.cause))} -> {shown(str(row.effect))}"
        print(f"  {row.probability:.2f}  {edge}  (rate x {row.effect_size:.3g})")
    if len(drawn) > SHOWN_EDGES:
        print(f"  and {len(drawn) - SHOWN_EDGES} more")
    if known:
        print(f"The graphs follow what is known of {len(known)} pairs; edges.csv keeps what the log says of them.")
    if found.resemblance is not None and found.resemblance.is_strange:
        print(shown(found.resemblance.sentence))
    print(f"Written to {shown(str(folder))}: edges.csv, graph.json, graph.graphml, run.json")


def _account(report: ReadReport) -> list[str]:
    """How the file was read, what had to be assumed for it, and one line for each reason why rows were dropped.

    The row is known if it is among the first of all.
    """
    from causalviz.events.report import BROKEN_ROW

    first: dict[str, int] = {}
    for bad in report.first_offending:
        first.setdefault(bad.reason if bad.reason in report.dropped else BROKEN_ROW, bad.row)
    lines = [f"Read as {report.format}; times are {report.time_unit}", *report.time_doubts]
    for reason, count in report.dropped.items():
        where = f", first at row {first[reason]}" if reason in first else ""
        lines.append(f"Dropped {count:,} {'row' if count == 1 else 'rows'}: {reason}{where}")
    return lines


COMMAND = Command("find the causal graph of a log", _ask, _run)
