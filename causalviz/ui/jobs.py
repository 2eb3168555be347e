"""Long work beside the page: jobs in daemon threads, followed by snapshots.

A *job* is a function that reports steps and asks whether it was cancelled. A registry belongs to the process and not
to a page, so a job outlives the page that started it and any tab finds it again by its id. Jobs beyond
``max_running`` wait in the order in which they came. A paused job gives its place to the next one and stands still
where it asks whether it was cancelled; resumed, it waits its turn again. With a shelf, what was done is found again
after a restart. Nothing here knows streamlit, and no job may.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Generic, Literal, TypeVar

from causalviz.errors import CausalVizError, UnknownRecord
from causalviz.ui.shelf import Shelf

Step = TypeVar("Step")
Result = TypeVar("Result")
Work = Callable[[Callable[[Step], None], Callable[[], bool]], Result]
Wish = Literal["pause", "resume", "cancel"]

BROKEN = "The work stopped because of a fault in the program; the server's log has the details."


class State(StrEnum):
    """Where a job stands; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (State.DONE, State.CANCELLED, State.FAILED)


@dataclass(frozen=True)
class Job(Generic[Step, Result]):
    """Snapshot of a job.

    Attributes:
        id: Its name in URLs.
        key: What it is about; at most one job of a key is unfinished.
        state: Where it stands.
        steps: All that it reported, oldest first.
        result: What it returned; None unless it is done or was cancelled with something to show.
        error: One sentence; empty unless it failed.
        seconds: Running time so far, s; pauses do not count.
    """

    id: str
    key: str
    state: State
    steps: tuple[Step, ...]
    result: Result | None
    error: str
    seconds: float


@dataclass
class _Entry(Generic[Step, Result]):
    """The live side of a job; touched under the registry's lock only."""

    id: str
    key: str
    work: Work[Step, Result]
    state: State = State.WAITING
    steps: list[Step] = field(default_factory=list)
    result: Result | None = None
    error: str = ""
    began: bool = False
    ran: float = 0.0  # before the present stretch, s
    since: float | None = None  # when the present stretch began; None while it stands still
    place: Path | None = None  # on the shelf
    cancel: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def snapshot(self) -> Job[Step, Result]:
        seconds = self.ran + (0.0 if self.since is None else time.monotonic() - self.since)
        return Job(self.id, self.key, self.state, tuple(self.steps), self.result, self.error, seconds)

    def run(self) -> None:
        """Lets it work."""
        self.state, self.since = State.RUNNING, time.monotonic()
        self.go.set()

    def stand(self, state: State) -> None:
        """Stops its clock, and lets it be."""
        self.ran, self.since, self.state = self.snapshot().seconds, None, state

    def cancelled(self) -> bool:
        """What the work asks: stands still while it is paused, then says whether to stop."""
        self.go.wait()
        return self.cancel.is_set()


class JobRegistry(Generic[Step, Result]):
    """The jobs of one kind.

    Args:
        max_running: Jobs that run at the same time; the others wait.
        max_kept: Finished jobs that are remembered with their results; the oldest are forgotten.
        shelf: Where results outlive the process; None for nowhere.
    """

    def __init__(self, max_running: int = 1, max_kept: int = 8, shelf: Shelf[Result] | None = None) -> None:
        if max_running < 1 or max_kept < 1:
            raise ValueError(f"a registry needs room for at least one job (got {max_running}, {max_kept})")
        self._max_running = max_running
        self._max_kept = max_kept
        self._shelf = shelf
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, _Entry[Step, Result]] = OrderedDict()

    def start(self, key: str, work: Work[Step, Result]) -> str:
        """Starts work, or lets it wait its turn.

        Args:
            key: What it is about; while a job of this key is unfinished, that one is answered instead.
            work: Called with ``on_step(step)`` and ``cancelled()``, which it asks often: there it is paused.

        Returns:
            The job's id.
        """
        with self._lock:
            unfinished = self._latest(key, lambda state: not state.is_final)
            if unfinished is not None:
                return unfinished.id
            return self._add(key, work)

    def ensure(self, key: str, work: Work[Step, Result]) -> str:
        """Like ``start``, but a finished job of this key is answered too, so work is done once."""
        with self._lock:
            usable = self._latest(key, lambda state: state not in (State.FAILED, State.CANCELLED))
            if usable is not None:
                self._jobs.move_to_end(usable.id)
                return usable.id
            return self._add(key, work)

    def get(self, job_id: str) -> Job[Step, Result]:
        """Snapshot of a job.

        Raises:
            UnknownRecord: If the id is unknown, or the job was forgotten (the server restarted, say).
        """
        with self._lock:
            return self._entry(job_id).snapshot()

    def find(self, key: str) -> Job[Step, Result] | None:
        """Snapshot of the latest job of a key, one that was done before a restart among them, or None."""
        with self._lock:
            entry = self._latest(key, lambda _: True)
            if entry is None and self._shelf is not None and (result := self._shelf.find(key)) is not None:
                entry = _Entry(secrets.token_urlsafe(6), key, lambda _on_step, _cancelled: result, State.DONE)
                entry.result = result
                self._remember(entry)
            return None if entry is None else entry.snapshot()

    @property
    def is_idle(self) -> bool:
        """Whether no job is unfinished."""
        with self._lock:
            return all(entry.state.is_final for entry in self._jobs.values())

    def cancel(self, job_id: str) -> None:
        """Asks a job to stop, paused or not; one that waits never starts. A finished one stays as it is.

        Raises:
            UnknownRecord: If the id is unknown.
        """
        with self._lock:
            entry = self._entry(job_id)
            entry.cancel.set()
            if entry.state is State.WAITING and not entry.began:
                entry.state = State.CANCELLED
            elif entry.state in (State.PAUSED, State.WAITING):
                entry.run()  # to its next question, where it ends

    def pause(self, job_id: str) -> None:
        """Lets a running job stand still, and the next one run; a job in any other state stays as it is.

        Raises:
            UnknownRecord: If the id is unknown.
        """
        with self._lock:
            entry = self._entry(job_id)
            if entry.state is State.RUNNING and not entry.cancel.is_set():
                entry.go.clear()
                entry.stand(State.PAUSED)
                self._start_waiting()

    def resume(self, job_id: str) -> None:
        """Lets a paused job go on as soon as there is a place for it; a job in any other state stays as it is.

        Raises:
            UnknownRecord: If the id is unknown.
        """
        with self._lock:
            entry = self._entry(job_id)
            if entry.state is State.PAUSED:
                entry.state = State.WAITING
                self._start_waiting()

    def steer(self, job_id: str, wish: Wish) -> None:
        """Does what a visitor wishes; a job that another tab has dismissed is passed over."""
        with suppress(UnknownRecord):
            {"pause": self.pause, "resume": self.resume, "cancel": self.cancel}[wish](job_id)

    def forget(self, job_id: str) -> None:
        """Drops a finished job and its result; an unfinished or unknown one is left alone."""
        with self._lock:
            entry = self._jobs.get(job_id)
            if entry is not None and entry.state.is_final:
                del self._jobs[job_id]

    def _entry(self, job_id: str) -> _Entry[Step, Result]:
        entry = self._jobs.get(job_id)
        if entry is None:
            raise UnknownRecord(f"There is no job {job_id!r} in this server any more; start it again.")
        return entry

    def _latest(self, key: str, wanted: Callable[[State], bool]) -> _Entry[Step, Result] | None:
        return next((e for e in reversed(self._jobs.values()) if e.key == key and wanted(e.state)), None)

    def _add(self, key: str, work: Work[Step, Result]) -> str:
        entry = _Entry(secrets.token_urlsafe(6), key, work)
        entry.place = None if self._shelf is None else self._shelf.place(key)
        self._remember(entry)
        self._start_waiting()
        return entry.id

    def _remember(self, entry: _Entry[Step, Result]) -> None:
        finished = [e.id for e in self._jobs.values() if e.state.is_final]
        for job_id in finished[: max(0, len(finished) - self._max_kept + 1)]:
            del self._jobs[job_id]
        self._jobs[entry.id] = entry

    def _start_waiting(self) -> None:
        """Starts the jobs whose turn it is; called under the lock."""
        running = sum(entry.state is State.RUNNING for entry in self._jobs.values())
        waiting = [entry for entry in self._jobs.values() if entry.state is State.WAITING]
        for entry in waiting[: max(0, self._max_running - running)]:
            entry.run()
            if not entry.began:
                entry.began = True
                threading.Thread(target=self._run, args=(entry,), name=f"job {entry.key}", daemon=True).start()

    def _run(self, entry: _Entry[Step, Result]) -> None:
        result: Result | None = None
        state, error = State.FAILED, BROKEN
        try:
            result = entry.work(lambda step: self._note(entry, step), entry.cancelled)
            state, error = (State.CANCELLED if entry.cancel.is_set() else State.DONE), ""
            if state is State.DONE and self._shelf is not None and entry.place is not None and result is not None:
                self._shelf.keep(entry.place, result)
        except CausalVizError as failure:
            error = str(failure)
        finally:  # anything else is a bug: it goes on to the thread's own report, the job must not hang
            with self._lock:
                entry.stand(state)
                entry.result, entry.error = result, error
                self._start_waiting()

    def _note(self, entry: _Entry[Step, Result], step: Step) -> None:
        with self._lock:
            entry.steps.append(step)
