"""CausalGraph -> the browser -> operations -> History: the editor in which an expert corrects the graph."""

from causalviz.ui.graph_editor.editor import editor_answer, graph_editor
from causalviz.ui.graph_editor.operations import MAX_NEW_NAME, Applied, Kind, Operation, apply_operations
from causalviz.ui.graph_editor.protocol import Acked, EditorAnswer

__all__ = [
    "MAX_NEW_NAME",
    "Acked",
    "Applied",
    "EditorAnswer",
    "Kind",
    "Operation",
    "apply_operations",
    "editor_answer",
    "graph_editor",
]
