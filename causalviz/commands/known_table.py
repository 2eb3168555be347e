"""What an expert knows before the data: a table of verdicts or of rules; and tables of pairs as such."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from causalviz.commands.terminal import shown
from causalviz.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from causalviz.discovery import Known
    from causalviz.model.adapted import KnownEdge

ANSWERS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
LARGEST_TABLE = 1 << 30  # bytes of a table of edges
LARGEST_HEAD = 4096  # bytes in which the first row tells what a table is


def read_known(path: Path | None, names: Sequence[str]) -> tuple[Known, ...]:
    """Verdicts, or what the rules of the dashboard decide on the log's behaviours; the first row tells which.

    Without a table nothing is known.
    """
    from causalviz.graph.knowledge import check_rules
    from causalviz.graph.knowledge_table import is_knowledge, read_knowledge

    if path is None:
        return ()
    with path.open("rb") as file:
        if not is_knowledge(file.read(LARGEST_HEAD)):
            return _of_log(read_verdicts(path), names)
    if path.stat().st_size > LARGEST_TABLE:
        raise SettingsError(f"{path.name} is larger than 1 GB; give a table of rules.")
    knowledge = read_knowledge(path.read_bytes(), path.name)
    check_rules(knowledge)
    strangers = knowledge.strangers(names)
    if strangers:
        print(f"Not in the log, so their rules wait: {', '.join(map(shown, strangers))}")
    return knowledge.known_pairs(names)


def read_verdicts(path: Path) -> tuple[KnownEdge, ...]:
    """What an expert knows, from a table that one can write by hand."""
    import pandas as pd

    from causalviz.errors import UnreadableGraph
    from causalviz.model.adapted import KnownEdge

    table = read_pairs(path, "a table with the columns cause, effect, exists")
    missing = [name for name in ("cause", "effect", "exists") if name not in table]
    if missing:
        raise UnreadableGraph(f"{path.name} has no column {missing[0]!r}; it needs cause, effect, exists.")
    known: list[KnownEdge] = []
    said_before: dict[tuple[str, str], bool] = {}
    for row, (cause, effect, said) in enumerate(zip(table["cause"], table["effect"], table["exists"], strict=True), 2):
        if str(said).strip().lower() not in ANSWERS:
            raise UnreadableGraph(f"{path.name}, row {row}: exists is {str(said)!r}; say yes or no.")
        edge = KnownEdge(str(cause), str(effect), ANSWERS[str(said).strip().lower()])
        if pd.isna(cause) or pd.isna(effect):
            raise UnreadableGraph(f"{path.name}, row {row}: cause or effect is empty; name both behaviours.")
        if edge.cause == edge.effect:
            raise UnreadableGraph(f"{path.name}, row {row}: {edge.cause!r} is cause and effect; name two behaviours.")
        if said_before.setdefault((edge.cause, edge.effect), edge.exists) != edge.exists:
            raise UnreadableGraph(
                f"{path.name}, row {row}: {edge.cause!r} -> {edge.effect!r} is said both to exist and not; keep one."
            )
        known.append(edge)
    return tuple(known)


def _of_log(known: Sequence[KnownEdge], names: Sequence[str]) -> tuple[KnownEdge, ...]:
    """Those whose behaviours the log has; says which it lacks."""
    there = frozenset(names)
    strangers = dict.fromkeys(name for edge in known for name in (edge.cause, edge.effect) if name not in there)
    if strangers:
        print(f"Not in the log, so their verdicts wait: {', '.join(map(shown, strangers))}")
    return tuple(edge for edge in known if edge.cause in there and edge.effect in there)


def read_pairs(path: Path, wanted: str) -> pd.DataFrame:
    """A table of pairs, every cell of a name as text."""
    import pandas as pd

    from causalviz.errors import UnreadableGraph
    from causalviz.graph.formulas import as_meant

    if path.stat().st_size > LARGEST_TABLE:
        raise UnreadableGraph(f"{path.name} is larger than 1 GB; give {wanted}.")
    try:
        table = pd.read_csv(
            path,
            dtype={"cause": str, "effect": str, "exists": str},
            keep_default_na=False,
            na_values=[""],
            index_col=False,  # a comma too many at the end of each row must not shift the columns
            compression=None,  # a small archive can unpack to more than any disk
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise UnreadableGraph(f"{path.name} is no plain CSV table ({error}); give {wanted}, unpacked.") from error
    names = [name for name in ("cause", "effect") if name in table]
    table[names] = table[names].map(as_meant, na_action="ignore")
    return table
