"""The command line: the same as the dashboard, for scripts.

    python -m causalviz discover LOG --out DIR       a log's causal graph as files
    python -m causalviz recommend LOG --out DIR      what comes next and why, and what leads to a goal
    python -m causalviz report LOG --out PAGE        what was found, as one page to print or to send
    python -m causalviz simulate --preset shop       a demo log and its true graph
    python -m causalviz evaluate EDGES TRUTH         how close one came to the other
    python -m causalviz pretrain                     the shipped prior model, made anew
    python -m causalviz benchmark                    what we claim, measured

Ends with 0 and a summary of one screen, or with 2 and one sentence on the error stream.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from causalviz.errors import CausalVizError, SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from causalviz.events.log import EventLog, Histories
    from causalviz.events.mapping import Roles
    from causalviz.events.preparing import OnRows
    from causalviz.events.report import ReadReport
    from causalviz.lags.days import SavedDays
    from causalviz.model.adaptation import KnownEdge
    from causalviz.pipeline import Discovery, Known
    from causalviz.progress import ProgressLines

PRESETS = ("shop", "social", "video")
ROLES = ("user", "event", "time", "item")
ORDERS = ("day-first", "month-first")
SHOWN_EDGES = 15
ANSWERS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
PAGE_OPTIONS = frozenset({"log", "title", "question", "author", "out"})  # these change the page's looks alone
STOPPED = 130  # exit code of what Ctrl-C ended, as shells have it
LARGEST_TABLE = 1 << 30  # bytes of a table of edges
LARGEST_HEAD = 4096  # bytes in which the first row tells what a table is


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names have characters that not every terminal has
    options = _parser().parse_args(arguments)
    try:
        if "log" in options:
            from causalviz.events.database import source_of

            options.log = source_of(options.log)
        options.run(options)
    except CausalVizError as error:
        print(_shown(str(error)), file=sys.stderr)
        return 2
    except OSError as error:
        from causalviz.events.folders import is_full

        way_out = "free some space there" if is_full(error) else "check the path and its permissions"
        said = f"{error.filename or 'A file'}: {error.strerror}; {way_out}."
        print(_shown(said), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; nothing half-written is left.", file=sys.stderr)
        return STOPPED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="causalviz", description="Causal graphs from event logs of user behaviour.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    discover = commands.add_parser("discover", help="find the causal graph of a log")
    _ask_for_log(
        discover,
        "CSV, TSV, Parquet, JSON lines, XES or Excel, gzipped or zipped too, or a folder of Parquet; or a table as "
        "postgresql://user@host/database#table",
    )
    discover.add_argument(
        "--engine", choices=("local", "spark", "warehouse"), default="local", help="where the lags are counted"
    )
    discover.add_argument(
        "--counts-only",
        action="store_true",
        help="with --engine warehouse: no history leaves it, no edge is judged",
    )
    discover.add_argument("--master", default="local[2]", metavar="URL", help="where Spark runs, with --engine spark")
    discover.add_argument(
        "--known",
        type=Path,
        metavar="CSV",
        help="verdicts: columns cause, effect, exists (yes or no); or rules: columns rule, behaviour, other",
    )
    discover.add_argument(
        "--add-to", type=Path, metavar="DAYS", help="folder of the days so far: LOG is added, and all days are judged"
    )
    discover.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the results")
    discover.set_defaults(run=_discover)

    simulate = commands.add_parser("simulate", help="make a demo log whose true graph is known")
    simulate.add_argument("--preset", choices=PRESETS, required=True)
    simulate.add_argument("--seed", type=int, default=0, metavar="N")
    simulate.add_argument("--language", choices=("en", "zh"), default="en", help="of the behaviours' names")
    simulate.add_argument("--out", type=Path, required=True, metavar="DIR")
    simulate.set_defaults(run=_simulate)

    recommend = commands.add_parser("recommend", help="what users do next and why, and what leads to a goal")
    _ask_for_log(recommend)
    recommend.add_argument(
        "--known", type=Path, metavar="CSV", help="verdicts: columns cause, effect, exists (yes or no)"
    )
    recommend.add_argument("--goal", metavar="NAME", help="behaviour to lead to, as in 'buy A'")
    recommend.add_argument("--for-user", metavar="ID", help="one user only, with all reasons")
    recommend.add_argument("--horizon", type=float, metavar="S", help="seconds ahead; without it, whatever comes next")
    recommend.add_argument("--top", type=int, default=5, metavar="N", help="behaviours for each user")
    recommend.add_argument(
        "--test", action=argparse.BooleanOptionalAction, default=True, help="compare with baselines on held-out time"
    )
    recommend.add_argument(
        "--transformer",
        action="store_true",
        help="train a transformer for what comes next, and compare it; takes minutes",
    )
    recommend.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the tables")
    recommend.set_defaults(run=_recommend)

    report = commands.add_parser("report", help="what was found, as one page to print or to send")
    _ask_for_log(report)
    report.add_argument("--known", type=Path, metavar="CSV", help="as for discover")
    report.add_argument("--title", help="of the page; the name of the file when not given")
    report.add_argument("--question", default="", help="that the page answers")
    report.add_argument("--author", default="the command line", help="who wrote it")
    report.add_argument("--findings", type=int, default=6, metavar="N", help="edges told in words")
    report.add_argument("--out", type=Path, required=True, metavar="PAGE", help="HTML file")
    report.set_defaults(run=_report)

    evaluate = commands.add_parser("evaluate", help="score edges against a known graph")
    evaluate.add_argument("edges", type=Path, metavar="EDGES", help="edges.csv of discover")
    evaluate.add_argument("truth", type=Path, metavar="TRUTH", help="CSV with columns cause, effect")
    evaluate.set_defaults(run=_evaluate)

    pretrain = commands.add_parser("pretrain", help="make the prior model from simulated worlds")
    pretrain.add_argument("--worlds", type=int, default=None, metavar="N", help="worlds to learn from")
    pretrain.add_argument("--heldout", type=int, default=None, metavar="N", help="worlds for calibration and scores")
    pretrain.add_argument("--epochs", type=int, default=None, metavar="N")
    pretrain.add_argument("--seed", type=int, default=0, metavar="N")
    pretrain.add_argument("--workers", type=int, default=2, metavar="N", help="parallel processes")
    pretrain.add_argument("--cache", type=Path, default=Path(".pretraining"), metavar="DIR", help="simulated worlds")
    pretrain.add_argument("--out", type=Path, required=True, metavar="DIR")
    pretrain.set_defaults(run=_pretrain)

    benchmark = commands.add_parser("benchmark", help="measure what we claim, beside the peers")
    benchmark.add_argument("--data", type=Path, default=Path("../shared/data"), metavar="DIR", help="the open logs")
    benchmark.add_argument("--only", nargs="+", default=[], metavar="LOG", help="logs whose names begin so")
    benchmark.add_argument("--methods", nargs="+", default=[], metavar="M", help="prior, adapted, adm4, ttpm, ...")
    benchmark.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="of the extra")
    benchmark.add_argument("--seeds", type=int, default=5, metavar="N", help="worlds of each family")
    benchmark.add_argument("--resample", type=int, default=0, metavar="N", help="resampled logs, for 90 %% intervals")
    benchmark.add_argument("--resample-peers", action="store_true", help="intervals for the other methods too")
    benchmark.add_argument("--limit", type=float, default=300.0, metavar="S", help="seconds per log and method")
    benchmark.add_argument("--out", type=Path, default=None, metavar="CSV", help="the table as a file")
    benchmark.set_defaults(run=_benchmark)
    return parser


def _ask_for_log(command: argparse.ArgumentParser, formats: str = "as for discover") -> None:
    """The arguments by which every command that reads a log finds it and its columns."""
    command.add_argument("log", metavar="LOG", help=formats)
    for role in ROLES:
        command.add_argument(f"--{role}", metavar="C", help=f"column of the {role}; found by itself when not given")
    command.add_argument(
        "--dates", choices=ORDERS, help="which comes first in 03/04/2024; found by itself where it shows"
    )
    command.add_argument("--top-items", type=int, default=8, metavar="N", help="items told apart, with --item")


def _roles(options: argparse.Namespace) -> Roles:
    from causalviz.events.mapping import Roles

    return Roles(**{role: getattr(options, role) for role in ROLES}, dates=options.dates)


def _log_of(options: argparse.Namespace) -> tuple[EventLog, ReadReport, tuple[Known, ...]]:
    """The log, how it was read, and what is known of it."""
    from causalviz.events.database import local_copy
    from causalviz.pipeline import read_log_and_report

    with local_copy(options.log) as path:
        log, reading = read_log_and_report(path, _roles(options), options.top_items)
    return log, reading, _known(options.known, log.names) if options.known else ()


def _discover(options: argparse.Namespace) -> None:
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
    lines = _lines()
    with local_copy(options.log) as path:
        log, report = open_log(path, _roles(options), options.top_items, on_rows=lines)
        saved = _with_days_before(options, path, log, report, lines) if options.add_to else None
        log = saved.log if saved else log
        known = _known(options.known, log.names) if options.known else ()
        found = discover(
            log,
            DiscoverConfig(engine=options.engine, spark_master=options.master),
            known=known,
            counts=saved.counts if saved else None,
            on_progress=_stages(lines),
            on_rows=lines,
        )
    write_results(found, options.out, _settings(options), report)
    _say_found(found, report, options.out)


def _discover_there(options: argparse.Namespace) -> None:
    """Counts in the database that holds the events."""
    from causalviz.events.database import Address, open_database
    from causalviz.events.database_log import log_in_database
    from causalviz.pipeline import DiscoverConfig, count_in_database, discover_in_database
    from causalviz.results import COUNTS_FILE, write_counts, write_results

    if not isinstance(options.log, Address):
        raise SettingsError(f"--engine warehouse counts in a database; {options.log} is a file, so leave it out.")
    with open_database(options.log) as table:
        log = log_in_database(table, _roles(options), title=str(options.log), top_items=options.top_items)
        if options.counts_only:
            counted = count_in_database(log)
            write_counts(counted, options.out, _settings(options), log.report)
            print(f"{log.n_events:,} events, {len(log.names)} behaviours; nothing but sums left the database.")
            print(f"Written to {_shown(str(options.out))}: {COUNTS_FILE}, run.json")
            return
        known = _known(options.known, log.names) if options.known else ()
        config = DiscoverConfig()
        found = discover_in_database(log, config, known=known, on_progress=_stages(_lines()))
    write_results(found, options.out, _settings(options), log.report)
    _say_found(found, log.report, options.out)
    print(
        f"The database gave its counts and at most {config.sample_events:,} events of whole histories, without users' "
        "names, for the fits; --counts-only takes no history."
    )


def _lines() -> ProgressLines:
    from causalviz.progress import ProgressLines

    return ProgressLines(lambda line: print(_shown(line), file=sys.stderr, flush=True))


def _stages(lines: ProgressLines) -> Callable[[str, int, int], None]:
    """Stages as lines without numbers."""
    return lambda stage, done, total: lines(stage, 0, 0) if done < total else None


def _settings(options: argparse.Namespace) -> dict[str, str]:
    return {key: str(value) for key, value in vars(options).items() if key != "run" and value is not None}


def _say_found(found: Discovery, report: ReadReport, folder: Path) -> None:
    counts = found.counts
    table = found.table()
    drawn = table[table["probability"] >= 0.5]
    total = f"{int(counts.events.sum()):,} events of {int(counts.users.sum()):,} users"
    print(f"{total}, {len(found.names)} behaviours")
    for line in _account(report):
        print(_shown(line))
    print(f"{len(drawn)} of {len(table)} pairs at probability 0.5 or more" + (":" if len(drawn) else "."))
    for row in drawn.head(SHOWN_EDGES).itertuples():
        edge = f"{_shown(str(row.cause))} -> {_shown(str(row.effect))}"
        print(f"  {row.probability:.2f}  {edge}  (rate x {row.effect_size:.3g})")
    if len(drawn) > SHOWN_EDGES:
        print(f"  and {len(drawn) - SHOWN_EDGES} more")
    if found.resemblance is not None and found.resemblance.is_strange:
        print(_shown(found.resemblance.sentence))
    print(f"Written to {_shown(str(folder))}: edges.csv, graph.json, graph.graphml, run.json")


def _with_days_before(
    options: argparse.Namespace, path: Path, log: Histories, report: ReadReport, lines: OnRows
) -> SavedDays:
    from causalviz.events.preparing import content_digest
    from causalviz.lags.days import save_day

    saved = save_day(options.add_to, log, report, content_digest(path, lines), on_rows=lines)
    if not saved.grew:
        print(
            f"{_shown(options.log.name)} is among the days of {_shown(str(options.add_to))} already; nothing is added."
        )
    return saved


def _report(options: argparse.Namespace) -> None:
    import shlex

    from causalviz.model.checkpoint import load_prior
    from causalviz.pipeline import discover
    from causalviz.report.content import Heading, report_of
    from causalviz.report.discovered import told_and_drawn
    from causalviz.report.page import report_page
    from causalviz.results import write_texts

    log, reading, known = _log_of(options)
    model = load_prior()
    found = discover(log, model=model, known=known)
    asked = {key: str(value) for key, value in vars(options).items() if key != "run" and value}
    chosen = {f"Option {key.replace('_', '-')}": value for key, value in asked.items() if key not in PAGE_OPTIONS}
    flags = [part for key, value in asked.items() if key != "log" for part in (f"--{key.replace('_', '-')}", value)]
    told, drawn = told_and_drawn(
        log, found, model, options.findings,
        lambda done, total, what: print(f"{done + 1} of {total}: {_shown(what)}", file=sys.stderr, flush=True),
    )  # fmt: skip
    again = shlex.join(["python", "-m", "causalviz", "report", asked["log"], *flags])
    heading = Heading(options.title or options.log.name, options.question, options.author)
    written = report_of(heading, log, reading, found, drawn, told, chosen, (again,))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_texts(options.out.parent, {options.out.name: report_page(written)})
    print(f"{len(written.findings)} findings on {len(written.edges)} edges; written to {_shown(str(options.out))}")


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


def _simulate(options: argparse.Namespace) -> None:
    from causalviz.results import write_world
    from causalviz.worlds import demo_log

    world = demo_log(options.preset, options.language, options.seed)
    write_world(world, options.out)
    print(f"{world.log.n_events:,} events of {world.log.n_users:,} users and {int(world.truth.sum())} true edges")
    print(f"Written to {_shown(str(options.out))}: log.csv, truth.csv")
    item = " --item item" if any(behaviour.item for behaviour in world.log.behaviours) else ""
    print(f"Next: python -m causalviz discover {_shown(str(options.out / 'log.csv'))}{item} --out DIR")


def _recommend(options: argparse.Namespace) -> None:
    from causalviz.advice import advise
    from causalviz.events.database import local_copy
    from causalviz.events.readers import read_events
    from causalviz.events.rules import Rules, apply_rules
    from causalviz.graph.formulas import disarmed_csv
    from causalviz.item_forecasting import ITEMS_TOP
    from causalviz.results import write_texts

    with local_copy(options.log) as path:
        raw, _ = read_events(path, _roles(options))
    log = apply_rules(raw, Rules(level="item" if options.item else "event", top_items=options.top_items))
    known = _verdicts(options.known) if options.known else ()
    tables = advise(
        log, known=known, goal=options.goal, user=options.for_user, horizon_s=options.horizon, top=options.top,
        test=options.test, transformer=options.transformer, raw=raw if raw.item is not None else None,
    )  # fmt: skip
    options.out.mkdir(parents=True, exist_ok=True)
    write_texts(options.out, {f"{name}.csv": disarmed_csv(table) for name, table in tables.items()})
    print(f"{log.n_events:,} events of {log.n_users:,} users, {log.n_behaviours} behaviours")
    if "evaluation" in tables:
        print("NDCG@5 on held-out time, 90 % interval:")
        for row in tables["evaluation"].itertuples():
            print(f"  {row.ndcg:.3f}  {row.ndcg_low:.3f} to {row.ndcg_high:.3f}  {row.method}")
    if "items_evaluation" in tables:
        print(
            f"NDCG@{min(ITEMS_TOP, max(1, len(raw.item_names) - 1))} of the next item on held-out time, 90 % interval:"
        )
        for row in tables["items_evaluation"].itertuples():
            print(f"  {row.ndcg:.3f}  {row.ndcg_low:.3f} to {row.ndcg_high:.3f}  {row.method}")
    if options.goal is not None:
        print(f"Extra {_shown(options.goal)} if each of 1000 users did it once more:")
        for row in tables["promote"].head(5).itertuples():
            print(f"  {row.extra_per_1000:+7.1f}  {_shown(str(row.behaviour))}")
    print(f"Written to {_shown(str(options.out))}: {', '.join(f'{name}.csv' for name in tables)}")


def _evaluate(options: argparse.Namespace) -> None:
    from causalviz.evaluate.comparison import compare_frames

    edges, truth = (_table(path, "edges.csv and truth.csv") for path in (options.edges, options.truth))
    for name, value in compare_frames(edges, truth)._asdict().items():
        print(f"{name:>12}  {value:.3f}" if isinstance(value, float) else f"{name:>12}  {value}")


def _table(path: Path, wanted: str) -> pd.DataFrame:
    """A table of pairs, every cell of a name as text."""
    import pandas as pd

    from causalviz.errors import UnreadableGraph
    from causalviz.graph.formulas import as_meant

    if path.stat().st_size > LARGEST_TABLE:
        raise UnreadableGraph(f"{path.name} is larger than 1 GB; give {wanted}.")
    try:
        table = pd.read_csv(
            path,
            dtype={"cause": str, "effect": str, "exists": str},
            keep_default_na=False,
            na_values=[""],
            compression=None,  # a small archive can unpack to more than any disk
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise UnreadableGraph(f"{path.name} is no plain CSV table ({error}); give {wanted}, unpacked.") from error
    names = [name for name in ("cause", "effect") if name in table]
    table[names] = table[names].map(as_meant, na_action="ignore")
    return table


def _known(path: Path, names: Sequence[str]) -> tuple[Known, ...]:
    """Verdicts, or what the rules of the dashboard decide on the log's behaviours; the first row tells which."""
    from causalviz.graph.knowledge import check_rules
    from causalviz.graph.knowledge_table import is_knowledge, read_knowledge

    with path.open("rb") as file:
        if not is_knowledge(file.read(LARGEST_HEAD)):
            return _verdicts(path)
    if path.stat().st_size > LARGEST_TABLE:
        raise SettingsError(f"{path.name} is larger than 1 GB; give a table of rules.")
    knowledge = read_knowledge(path.read_bytes(), path.name)
    check_rules(knowledge)
    strangers = knowledge.strangers(names)
    if strangers:
        print(f"Not in the log, so their rules wait: {', '.join(map(_shown, strangers))}")
    return knowledge.known_pairs(names)


def _verdicts(path: Path) -> tuple[KnownEdge, ...]:
    """What an expert knows, from a table that one can write by hand."""
    from causalviz.errors import UnreadableGraph
    from causalviz.model.adaptation import KnownEdge

    table = _table(path, "a table with the columns cause, effect, exists")
    missing = [name for name in ("cause", "effect", "exists") if name not in table]
    if missing:
        raise UnreadableGraph(f"{path.name} has no column {missing[0]!r}; it needs cause, effect, exists.")
    known = []
    for row, (cause, effect, said) in enumerate(zip(table["cause"], table["effect"], table["exists"], strict=True), 2):
        if str(said).strip().lower() not in ANSWERS:
            raise UnreadableGraph(f"{path.name}, row {row}: exists is {str(said)!r}; say yes or no.")
        known.append(KnownEdge(str(cause), str(effect), ANSWERS[str(said).strip().lower()]))
    return tuple(known)


def _pretrain(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from causalviz.model.checkpoint import save_model
    from causalviz.model.pretraining import PretrainConfig, pretrain

    usual = PretrainConfig()
    config = replace(
        usual,
        worlds=options.worlds or usual.worlds,
        heldout=options.heldout or usual.heldout,
        seed=options.seed,
        workers=options.workers,
        training=replace(usual.training, epochs=options.epochs or usual.training.epochs, seed=options.seed),
    )
    model = pretrain(
        options.cache,
        config,
        on_progress=lambda stage, done, total: print(f"{stage}: {done} of {total}", flush=True),
        on_epoch=lambda epoch: print(
            f"epoch {epoch.epoch} of {epoch.epochs}: loss {epoch.loss:.4f}, held out {epoch.heldout_loss:.4f}, "
            f"AUROC {epoch.auroc:.4f}, ECE {epoch.ece:.4f}",
            flush=True,
        ),
    )
    options.out.mkdir(parents=True, exist_ok=True)
    save_model(model, options.out)
    print(json.dumps(model.card["scores on worlds never seen"]))
    print(f"Written to {options.out}: weights.safetensors, card.json")


def _benchmark(options: argparse.Namespace) -> None:
    checkout = Path(__file__).resolve().parents[1]
    if not (checkout / "benchmarks" / "command.py").is_file():
        raise SettingsError("The benchmarks are not beside the package; run this command in a checkout of the project.")
    if str(checkout) not in sys.path:
        sys.path.insert(0, str(checkout))
    from benchmarks.command import Choice, run

    run(
        Choice(
            data=options.data,
            only=options.only,
            methods=options.methods,
            peers=options.peers,
            seeds=options.seeds,
            resample=options.resample,
            resample_peers=options.resample_peers,
            limit_s=options.limit,
            out=options.out,
        ),
        say=lambda line: print(_shown(line), flush=True),
    )


def _shown(text: str) -> str:
    """A stranger's text on one line, without what a terminal would obey."""
    return "".join(" " if c.isspace() else c if c.isprintable() else "\ufffd" for c in text)


if __name__ == "__main__":
    sys.exit(main())
