"""Heavy work in a process of its own, so that the server stays free to answer its visitors.

``run_apart`` starts a fresh Python (``causalviz.model.child``), tells it a function of this package and its arguments,
and follows it. Between the two go, as messages of ``wire``: the *task*; from the child *steps*, *questions* ("was I
cancelled?") and its *end*; to the child one byte per question. The parent's answer may take its time, so that a paused
job stands still in its child as it would in a thread. The result is the same, bit for bit, here and there. A child that
is ended from outside is told of in a sentence.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, NamedTuple, Self, TypeVar, cast

from causalviz import errors
from causalviz.errors import Interrupted
from causalviz.model.wire import class_name, receive, send

Result = TypeVar("Result")

CHILD = "causalviz.model.child"
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
GO_ON, STOP = b"g", b"s"
ROOT = Path(__file__).resolve().parents[2]


class Task(NamedTuple):
    """What a child is to do: a function "module:name" of this package, and its arguments."""

    work: str
    values: tuple[object, ...]
    named: dict[str, object]


class Said(NamedTuple):
    """What a child says: a step, a question, a result, or the error that ended it."""

    what: Literal["step", "question", "result", "error", "fault"]
    value: object = None


def run_apart(
    work: Callable[..., Result],
    *values: object,
    on_step: Callable[..., None],
    cancelled: Callable[[], bool],
    **named: object,
) -> Result:
    """Runs a function in a process of its own.

    Args:
        work: A function of this package, by its name in its module; called with the values and names, and with
            ``on_step`` and ``cancelled`` of its own.
        values: What it is given; they travel as messages (``wire``).
        on_step: Told what the function tells.
        cancelled: Answers what the function asks; it may wait before it answers, and the function waits too.
        named: What it is given by name.

    Returns:
        What the function returns.

    Raises:
        CausalVizError: As the function raises it.
        Interrupted: If the process was ended from outside.
        RuntimeError: If the function has a fault; with its trace.
    """
    with _Child() as child:
        child.tell(Task(class_name(work), values, named))
        while True:
            said = child.next()
            if said.what == "step":
                on_step(*cast("tuple[object, ...]", said.value))
            elif said.what == "question":
                child.answer(STOP if cancelled() else GO_ON)
            elif said.what == "result":
                return cast("Result", said.value)
            elif said.what == "error":
                kind, sentence = cast("tuple[str, str]", said.value)
                raise getattr(errors, kind)(sentence)
            else:
                raise RuntimeError(f"a child process broke:\n{said.value}")


class _Child:
    """The process, ended when it is left."""

    def __enter__(self) -> Self:
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_CORE, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        self._to = cast("IO[bytes]", self._process.stdin)
        self._from = cast("IO[bytes]", self._process.stdout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._from.close()
        with suppress(BrokenPipeError):  # it did not read what it was told
            self._to.close()

    def tell(self, task: Task) -> None:
        with self._or_ended():
            send(task, self._to)

    def answer(self, said: bytes) -> None:
        with self._or_ended():
            self._to.write(said)
            self._to.flush()

    def next(self) -> Said:
        with self._or_ended():
            return cast("Said", receive(self._from))

    def _or_ended(self) -> _OrEnded:
        return _OrEnded(self._process)


class _OrEnded:
    """Says in a sentence that a process ended before its time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(value, BrokenPipeError | EOFError):
            raise Interrupted(
                f"The process that did this work was ended before its time (code {self._process.wait()}), as a system "
                "short of memory does; close other programs or ask for less, and start again."
            ) from value
