"""The command line counts in a database: the same edges as from the file, and no password anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import duckdb
import pandas as pd
import pytest
from postgres_cluster import HERE, OWNER, PASSWORD
from small_project import small_log

from causalviz.__main__ import main

pytest.importorskip("ibis", reason="the extra 'warehouse' is not installed: pip install -e '.[warehouse]'")

ROLES = ("--user", "who", "--event", "what", "--time", "moment")
EDGES, RUN = "edges.csv", "run.json"


def discovered(log: str, out: Path, *more: str) -> int:
    return main(["discover", log, *ROLES, *more, "--out", str(out)])


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    log = small_log(60)
    names = pd.Series(log.names)[log.behaviour].to_numpy()
    moments = pd.to_datetime(log.time, unit="ms")
    return pd.DataFrame({"who": pd.Series(log.user_names)[log.user].to_numpy(), "what": names, "moment": moments})


@pytest.fixture(scope="module")
def database(rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("there") / "shop.duckdb"
    with duckdb.connect(str(path)) as engine:
        engine.register("frame", rows)
        engine.execute("create table log as from frame")
    return path


def test_the_edges_are_those_of_the_file_byte_for_byte(
    rows: pd.DataFrame, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows.to_csv(tmp_path / "log.csv", index=False)
    address = f"duckdb://{database}#log"
    assert discovered(str(tmp_path / "log.csv"), tmp_path / "file") == 0
    assert discovered(address, tmp_path / "table") == 0  # read out, counted by the kernel
    assert discovered(address, tmp_path / "there", "--engine", "warehouse") == 0
    assert "without users' names" in capsys.readouterr().out
    here, *others = ((tmp_path / way / EDGES).read_bytes() for way in ("file", "table", "there"))
    assert others == [here, here]
    run = json.loads((tmp_path / "there" / RUN).read_text())
    assert run["settings"]["log"] == address
    assert run["reading"]["events"] == run["log"]["events"] == len(rows)


def test_counts_alone_can_be_had(rows: pd.DataFrame, database: Path, tmp_path: Path) -> None:
    address = f"duckdb://{database}#log"
    assert discovered(address, tmp_path, "--engine", "warehouse", "--counts-only") == 0
    assert {path.name for path in tmp_path.iterdir()} == {"lag_counts.csv", RUN}
    counts = pd.read_csv(tmp_path / "lag_counts.csv")
    assert set(counts["cause"]) == set(rows["what"])
    assert (counts["lag_above_s"] < counts["lag_up_to_s"]).all()
    assert counts["pairs"].sum() > len(rows)


def test_postgres_counts_and_its_password_is_written_nowhere(
    rows: pd.DataFrame, postgres_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import psycopg

    with psycopg.connect(
        host=HERE, port=postgres_port, user=OWNER, password=PASSWORD, dbname="postgres", autocommit=True
    ) as own:
        own.execute("create table shop (who text, what text, moment timestamptz)")
        with own.cursor().copy("copy shop from stdin") as copy:
            for row in rows.itertuples(index=False):
                copy.write_row(row)
    address = f"postgresql://{OWNER}:{quote(PASSWORD, safe='')}@{HERE}:{postgres_port}/postgres"
    assert discovered(f"{address}#shop", tmp_path / "out", "--engine", "warehouse", "--counts-only") == 0
    assert discovered(f"{address}#none", tmp_path / "none", "--engine", "warehouse") == 2
    written = [path.read_text() for path in (tmp_path / "out").iterdir()]
    said = capsys.readouterr()
    assert "there is no table 'none'" in said.err
    for text in (*written, said.out, said.err):
        assert PASSWORD not in text
        assert quote(PASSWORD, safe="") not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--engine", "warehouse"), "log.csv is a file"), (("--counts-only",), "add --engine warehouse")],
)
def test_what_does_not_go_together_is_one_sentence(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert discovered(str(tmp_path / "log.csv"), tmp_path / "out", *arguments) == 2
    assert said in capsys.readouterr().err
