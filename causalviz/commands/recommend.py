"""recommend: what comes next and why, and what leads to a goal."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from causalviz.commands.command import Command
from causalviz.commands.known_table import read_known
from causalviz.commands.log_argument import ask_for_log, roles_of
from causalviz.commands.terminal import shown


def _ask(command: argparse.ArgumentParser) -> None:
    ask_for_log(command)
    command.add_argument("--known", type=Path, metavar="CSV", help="as for discover")
    command.add_argument("--goal", metavar="NAME", help="behaviour to lead to, as in 'buy A'")
    command.add_argument("--for-user", metavar="ID", help="one user only, with all reasons")
    command.add_argument("--horizon", type=float, metavar="S", help="seconds ahead; without it, whatever comes next")
    command.add_argument("--top", type=int, default=5, metavar="N", help="behaviours for each user")
    command.add_argument(
        "--test", action=argparse.BooleanOptionalAction, default=True, help="compare with baselines on held-out time"
    )
    command.add_argument(
        "--transformer",
        action="store_true",
        help="train a transformer for what comes next, and compare it; takes minutes",
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the tables")


def _run(options: argparse.Namespace) -> None:
    from causalviz.advice import advise
    from causalviz.events.database import local_copy
    from causalviz.events.readers import read_events
    from causalviz.events.rules import Rules, apply_rules
    from causalviz.graph.formulas import disarmed_csv
    from causalviz.item_forecasting import ITEMS_TOP
    from causalviz.model.adapted import KnownEdge
    from causalviz.results import write_texts

    with local_copy(options.log) as path:
        raw, _ = read_events(path, roles_of(options))
    log = apply_rules(raw, Rules(level="item" if options.item else "event", top_items=options.top_items))
    known = tuple(KnownEdge(*pair) for pair in read_known(options.known, log.names))
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
            print(_score_line(row))
    if "items_evaluation" in tables:
        print(
            f"NDCG@{min(ITEMS_TOP, max(1, len(raw.item_names) - 1))} of the next item on held-out time, 90 % interval:"
        )
        for row in tables["items_evaluation"].itertuples():
            print(_score_line(row))
    if options.goal is not None:
        print(f"Extra {shown(options.goal)} if each of 1000 users did it once more:")
        for row in tables["promote"].head(5).itertuples():
            print(f"  {row.extra_per_1000:+7.1f}  {shown(str(row.behaviour))}")
    print(f"Written to {shown(str(options.out))}: {', '.join(f'{name}.csv' for name in tables)}")


def _score_line(row: Any) -> str:
    """A row of an evaluation; of one user there is no interval."""
    known = math.isfinite(row.ndcg_low) and math.isfinite(row.ndcg_high)
    span = f"{row.ndcg_low:.3f} to {row.ndcg_high:.3f}" if known else "(of one user)"
    return f"  {row.ndcg:.3f}  {span}  {row.method}"


COMMAND = Command("what users do next and why, and what leads to a goal", _ask, _run)
