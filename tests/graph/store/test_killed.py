"""A server that is killed in the middle of its work: whatever it acknowledged is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from causalviz.graph.store import Store

ENOUGH = 40  # acknowledged verdicts before the end
SCRIPT = """
import sys
from pathlib import Path
from causalviz.graph.store import Store
from causalviz.graph.verdicts import Act, History, Verdict

store = Store(Path(sys.argv[1]))
project = store.create_project("Shop")
print(project.id, flush=True)
history, number = History(), 0
while True:
    number += 1
    said = Verdict(Act.NOTE, "view", "buy", "Ada", "2026-01-01T00:00:00+00:00", f"note {number}")
    history = store.append_verdicts(project.id, history.append(said), number - 1, client="tab", client_seq=number)
    print(number, flush=True)
"""


def test_every_acknowledged_verdict_survives_a_kill(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        project_id = server.stdout.readline().strip()
        acknowledged = 0
        while acknowledged < ENOUGH:
            acknowledged = int(server.stdout.readline())
        server.kill()
        lines = server.stdout.read().splitlines()
    acknowledged = max([acknowledged, *(int(line) for line in lines if line)])
    store = Store(tmp_path)
    history = store.history(project_id)
    assert len(history.entries) in (acknowledged, acknowledged + 1)  # at most the one in flight more
    assert [entry.note for entry in history.entries] == [f"note {n}" for n in range(1, len(history.entries) + 1)]
    assert store.acked("tab") == len(history.entries)  # an operation and its verdict are one
    store.close()
