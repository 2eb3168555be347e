"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two workers on two cores: threads of their own would only wait

# how long an example takes says nothing on a busy machine
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of open logs that lies beside the checkout; tests that need it skip where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the open logs are not beside the checkout (looked for {SHARED_DATA})")
    return SHARED_DATA


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project store's folder for the tests of one file."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def project_id(home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new project over the small log, in that folder."""
    from graph_projects import add_project

    from causalviz.ui import compute

    monkeypatch.setenv("CAUSALVIZ_HOME", str(home))
    yield add_project(compute.store(), request.node.name).id
    compute.store().close()


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty project store for this test alone."""
    from causalviz.ui import compute

    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path / "home"))
    yield
    compute.store().close()


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """A PostgreSQL of the tests' own; see ``postgres_cluster`` for who may enter."""
    from postgres_cluster import postgres_cluster

    with postgres_cluster() as port:
        yield port


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that would be done by a process of its own is done here: starting one takes longer than the work."""
    from causalviz.model import apart

    def run_here(work: Callable[..., object], *values: object, **named: object) -> object:
        return work(*values, **named)

    monkeypatch.setattr(apart, "run_apart", run_here)
