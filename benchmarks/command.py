"""The command: every method on every group of logs, line by line as they are done.

A method that exceeds its time on one world of a group is not asked about the others. With resampling, our own lines
(and with ``resample_peers`` all others) are answered again on logs of users drawn with replacement, the same draws for
every method.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers import Answer, Method
from benchmarks.known import Known
from benchmarks.logs import LARGE, SINGLE, Group, groups
from benchmarks.methods import METHODS
from benchmarks.runner import Obtained, Runner
from benchmarks.table import SCORES, Line, heading, line_of, scores_of, text_of, write_csv
from causalviz.errors import SettingsError
from causalviz.evaluate.stability import half_width, resample_users


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What to measure.

    Attributes:
        data: Folder of the open logs.
        only: Groups whose names begin so; all, if empty.
        methods: Names of methods; all, if empty.
        peers: False leaves out what comes with the ``benchmark`` extra.
        seeds: Worlds of each family.
        resample: Logs of resampled users per world; 0 = no intervals.
        resample_peers: Also for the other methods.
        limit_s: Seconds that a method may take for one log.
        out: CSV of all lines, or None.
    """

    data: Path = Path("../shared/data")
    only: Sequence[str] = ()
    methods: Sequence[str] = ()
    peers: bool = True
    seeds: int = 5
    resample: int = 0
    resample_peers: bool = False
    limit_s: float = 300.0
    out: Path | None = None


def run(choice: Choice, say: Callable[[str], None]) -> list[Line]:
    """Measures, and says each line when it is known.

    Raises:
        SettingsError: If no group or no method has a chosen name, or a number is too small.
    """
    methods, chosen = _methods(choice), _groups(choice)
    if choice.seeds < 1 or choice.resample < 0 or choice.limit_s <= 0:
        raise SettingsError(
            f"A benchmark needs at least 1 seed, 0 or more resamplings and a time above 0 "
            f"(got {choice.seeds}, {choice.resample}, {choice.limit_s:g}); raise them."
        )
    say(heading())
    lines: list[Line] = []
    for name, make in chosen.items():
        worlds = [make(seed) for seed in range(1 if name in SINGLE else choice.seeds)]
        for key, method in methods.items():
            with Runner(key, method, choice.limit_s) as runner:
                obtained = _answers(runner, worlds)
                again = choice.resample if (method.ours or choice.resample_peers) and name not in LARGE else 0
                widths = _half_widths(runner, worlds, again) if obtained[-1].answer is not None else {}
            lines.append(line_of(name, method.label, worlds, obtained, widths))
            say(text_of(lines[-1]))
            if choice.out is not None:
                write_csv(lines, choice.out)
    return lines


def _methods(choice: Choice) -> dict[str, Method]:
    strange = [name for name in choice.methods if name not in METHODS]
    if strange:
        raise SettingsError(f"There is no method {strange[0]!r}; choose among {', '.join(METHODS)}.")
    return {
        name: method
        for name, method in METHODS.items()
        if (not choice.methods or name in choice.methods) and (choice.peers or method.needs is None)
    }


def _groups(choice: Choice) -> dict[str, Group]:
    known = groups(choice.data)
    for start in choice.only:
        if not any(name.startswith(start) for name in known):
            raise SettingsError(f"No log's name begins with {start!r}; there are {', '.join(known)}.")
    return {name: make for name, make in known.items() if not choice.only or name.startswith(tuple(choice.only))}


def _answers(runner: Runner, worlds: Sequence[Known]) -> list[Obtained]:
    """One after the other, until there is a reason to stop."""
    obtained: list[Obtained] = []
    for world in worlds:
        obtained.append(runner.obtain(world.log))
        if obtained[-1].answer is None:
            break
    return obtained


def _half_widths(runner: Runner, worlds: Sequence[Known], times: int) -> dict[str, float]:
    """Of the group's scores; empty with fewer than two resampled answers."""
    replicates: list[dict[str, float]] = []
    for number in range(times):
        pairs: list[tuple[Known, Answer]] = []
        for place, world in enumerate(worlds):
            answer = runner.obtain(resample_users(world.log, seed=(number, place))).answer
            if answer is not None:
                pairs.append((world, answer))
        if len(pairs) == len(worlds):
            replicates.append(scores_of(pairs))
    if len(replicates) < 2:
        return {}
    return {name: half_width([scores[name] for scores in replicates]) for name in SCORES}
