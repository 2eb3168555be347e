"""The repository checks itself: who may import whom, where heavy libraries may appear, what the README says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ORDER = (
    "errors", "events", "lags", "worlds", "model", "graph", "explain", "evaluate", "recommend", "discovery", "pipeline",
    "results", "progress", "forecasting", "item_forecasting", "trials", "advice", "plots", "report", "commands",
    "__main__", "ui", "pages", "app",
)  # fmt: skip
APART = frozenset({"explain", "evaluate", "recommend"})  # these do not import each other
CONFINED = {  # library: where it may be imported
    "streamlit": {"ui", "pages", "app"},
    "plotly": {"plots"},
    "pyvis": {"plots"},
    "torch": {"model"},
    "torch_geometric": {"model"},
    "safetensors": {"model"},
    "shap": {"explain"},
    "sqlalchemy": {"graph"},
    "alembic": {"graph"},
    "duckdb": {"events"},
    "ibis": {"events", "lags"},
}
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers"}


def modules() -> list[Path]:
    return [*sorted((ROOT / "causalviz").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py"]


def room(path: Path) -> str:
    """The folder (or single module) of the house in which a file lies."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "causalviz" else parts[0]


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, at whatever depth, those for type checking left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_left(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "causalviz" and rest:
            there = rest.partition(".")[0]
            assert there in ORDER, f"{path} imports {name}, which is no room of the house"
            assert ORDER.index(there) <= ORDER.index(here), f"{path} imports {name} from further right"
            assert there == here or not {here, there} <= APART, f"{path} imports {name}"
        assert here in CONFINED.get(top, {here}), f"{path} imports {name}, confined to {CONFINED.get(top)}"


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, causalviz; print([m for m in ('torch', 'streamlit', 'numba', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_page_draws_its_heading_before_the_network_is_imported() -> None:
    wanted = sorted({name for page in (ROOT / "pages").glob("*.py") for name in imports(page)})
    heavy = ("torch", "sklearn", "shap")
    code = f"import sys, importlib; [importlib.import_module(name) for name in {wanted}]"
    code += f"; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_there() -> None:
    import causalviz

    for name in causalviz.__all__:
        assert getattr(causalviz, name).__module__ in {"causalviz.discovery", "causalviz.pipeline"}
    with pytest.raises(AttributeError, match="nothing"):
        _ = causalviz.nothing


def test_no_module_has_a_vague_name() -> None:
    assert not [path for path in modules() if path.stem in VAGUE or path.parent.name in VAGUE]


def test_pages_are_short_and_listed_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in sorted((ROOT / "pages").glob("*.py")):
        assert len(page.read_text(encoding="utf-8").splitlines()) <= 80, f"{page.name}: does it compute or dress?"
        assert f"**{page.stem.capitalize()}**" in readme


def test_the_readme_has_the_two_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    test_command = "pip install -e '.[test]' && pytest"
    assert "pip install -e . && streamlit run app.py" in readme
    assert test_command in readme
    assert test_command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_dependency_has_a_reason_in_the_readme() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for wanted in project["dependencies"]:
        name = wanted.split(">")[0].split("=")[0].split("<")[0].strip()
        assert f"`{name}`" in readme, f"the README's decisions do not say why {name} is there"
