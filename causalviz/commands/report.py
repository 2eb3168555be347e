"""report: what was found, as one page to print or to send."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from causalviz.commands.command import Command
from causalviz.commands.log_argument import ask_for_log, log_of
from causalviz.commands.terminal import shown

PAGE_OPTIONS = frozenset({"log", "title", "question", "author", "out"})  # these change the page's looks alone


def _ask(command: argparse.ArgumentParser) -> None:
    ask_for_log(command)
    command.add_argument("--known", type=Path, metavar="CSV", help="as for discover")
    command.add_argument("--title", help="of the page; the name of the file when not given")
    command.add_argument("--question", default="", help="that the page answers")
    command.add_argument("--author", default="the command line", help="who wrote it")
    command.add_argument("--findings", type=int, default=6, metavar="N", help="edges told in words")
    command.add_argument("--out", type=Path, required=True, metavar="PAGE", help="HTML file")


def _run(options: argparse.Namespace) -> None:
    import shlex

    from causalviz.graph.verdicts import History
    from causalviz.model.checkpoint import load_prior
    from causalviz.pipeline import discover
    from causalviz.report.content import Heading, report_of
    from causalviz.report.discovered import told_and_drawn
    from causalviz.report.page import report_page
    from causalviz.results import write_texts

    log, reading, known = log_of(options)
    model = load_prior()
    found = discover(log, model=model, known=known)
    asked = {key: str(value) for key, value in vars(options).items() if key != "run" and value}
    chosen = {f"Option {key.replace('_', '-')}": value for key, value in asked.items() if key not in PAGE_OPTIONS}
    flags = [part for key, value in asked.items() if key != "log" for part in (f"--{key.replace('_', '-')}", value)]
    told, drawn = told_and_drawn(
        log, found, History.of_table(known), model, options.findings,
        lambda done, total, what: print(f"{done + 1} of {total}: {shown(what)}", file=sys.stderr, flush=True),
    )  # fmt: skip
    again = shlex.join(["python", "-m", "causalviz", "report", asked["log"], *flags])
    heading = Heading(options.title or options.log.name, options.question, options.author)
    written = report_of(heading, log, reading, found, drawn, told, chosen, (again,))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_texts(options.out.parent, {options.out.name: report_page(written)})
    print(f"{len(written.findings)} findings on {len(written.edges)} edges; written to {shown(str(options.out))}")


COMMAND = Command("what was found, as one page to print or to send", _ask, _run)
