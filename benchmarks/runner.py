"""How an answer is obtained: in a process of its own, which is ended when it takes too long or breaks."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.answers import Answer, Method, load_answer, save_log
from causalviz.events.log import EventLog

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT_S = 300.0  # imports and the first compilation


class Obtained(NamedTuple):
    """An answer with what it cost; or no answer and the reason why."""

    answer: Answer | None
    seconds: float = float("nan")
    peak_mb: float = float("nan")
    reason: str = ""


class Runner:
    """A method's process, started when first needed; use as a context.

    Args:
        name: Of the method, as ``METHODS`` knows it.
        method: The method.
        limit_s: Seconds for one log.
    """

    def __init__(self, name: str, method: Method, limit_s: float) -> None:
        self._name, self._method, self._limit_s = name, method, limit_s
        self._child: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="benchmark-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._folder.cleanup()

    def obtain(self, log: EventLog) -> Obtained:
        """One log's answer."""
        if self._method.needs and importlib.util.find_spec(self._method.needs) is None:
            return Obtained(None, reason="not installed: pip install -e '.[benchmark]'")
        folder = Path(self._folder.name)
        said = "ready" if self._child else self._start()
        if not said:
            return Obtained(None, reason=self._why("did not start"))
        save_log(log, folder / "log.npz")
        self._write({"log": str(folder / "log.npz"), "answer": str(folder / "answer.npz")})
        reply = self._line(self._limit_s)
        if reply is None:
            self._end()
            return Obtained(None, reason=f"over {self._limit_s:.0f} s")
        if not reply:
            return Obtained(None, reason=self._why("failed"))
        cost = json.loads(reply)
        return Obtained(load_answer(folder / "answer.npz"), cost["seconds"], cost["peak_mb"])

    def _start(self) -> str | None:
        errors = (Path(self._folder.name) / "errors.txt").open("w", encoding="utf-8")
        with errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.worker", self._name],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        return self._line(START_LIMIT_S)

    def _write(self, task: dict[str, str]) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(task) + "\n")
        self._child.stdin.flush()

    def _line(self, limit_s: float) -> str | None:
        """The child's next line; empty when it has ended, None when it takes too long."""
        assert self._child is not None
        stream, lines = self._child.stdout, []
        assert stream is not None
        reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
        reader.start()
        reader.join(limit_s)
        return lines[0] if lines else None

    def _why(self, what: str) -> str:
        """The last line on the child's error stream."""
        self._end()
        said = (Path(self._folder.name) / "errors.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        last = next((line.strip() for line in reversed(said) if line.strip()), "no reason given")
        return f"{what}: {last[:100]}"

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for stream in (self._child.stdin, self._child.stdout):
                if stream is not None:
                    stream.close()
            self._child = None
