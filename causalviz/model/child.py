"""The child process of ``apart``: one function of this package, done on one core at low priority.

    python -m causalviz.model.child

It reads a task from its standard input and writes what it has to say to its standard output; whatever else is printed
goes to the standard error. It ends with its parent, however that ended, because its standard input is closed then.
Where memory runs short, the system is asked to end the child before the server.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, cast

from causalviz import errors
from causalviz.errors import CausalVizError
from causalviz.model.apart import STOP, Said, Task
from causalviz.model.wire import PACKAGE, receive, send

NICENESS = 15  # pages go first; the work gets what they leave
ASK_EVERY_S = 0.05
DOOMED = "500"  # of 1000: how much sooner than others the system ends it where memory runs short
Answers = queue.SimpleQueue[bytes]


class Parent:
    """What the work sees of its parent."""

    def __init__(self, out: IO[bytes], answers: Answers) -> None:
        self._out, self._answers = out, answers
        self._asked, self._stop = 0.0, False

    def tell(self, *step: object) -> None:
        """Hands a step on."""
        send(Said("step", step), self._out)

    def cancelled(self) -> bool:
        """Asks the parent, at most every ``ASK_EVERY_S``, and waits for its answer."""
        if not self._stop and time.monotonic() - self._asked > ASK_EVERY_S:
            send(Said("question"), self._out)
            self._stop = self._answers.get() == STOP
            self._asked = time.monotonic()
        return self._stop


def done(task: Task, parent: Parent) -> Said:
    """Does the task, and says how it ended.

    Raises:
        TypeError: If the task is no work of this package.
    """
    module, _, name = task.work.partition(":")
    if not module.startswith(PACKAGE):
        raise TypeError(f"a child does no work of {module}")
    try:
        work = getattr(import_module(module), name)
        return Said("result", work(*task.values, on_step=parent.tell, cancelled=parent.cancelled, **task.named))
    except CausalVizError as error:
        known = next(kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
        return Said("error", (known.__name__, str(error)))
    except BrokenPipeError:
        raise
    except Exception:  # noqa: BLE001 - a fault of the work is told to the parent, whose job ends with it
        return Said("fault", traceback.format_exc())


def _be_gentle() -> None:
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(DOOMED, encoding="ascii")


def _listen(source: IO[bytes], answers: Answers) -> None:
    """Hands answers on; ends the process where the parent has ended."""
    while answer := source.read(1):
        answers.put(answer)
    os._exit(0)


def main() -> None:
    """Does one task."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _be_gentle()
    source, answers = sys.stdin.buffer, Answers()
    task = cast("Task", receive(source))
    threading.Thread(target=_listen, args=(source, answers), daemon=True).start()
    try:
        send(done(task, Parent(out, answers)), out)
    except BrokenPipeError:
        os._exit(0)  # nobody is left who could read; closing the pipe would only fail again


if __name__ == "__main__":
    main()
