"""The graph in the languages of other programs, out and in.

JSON and CSV carry everything that is shown, denied edges and their rulings included. GraphML (networkx, yEd,
Cytoscape), GEXF (Gephi), DOT (Graphviz), node-link JSON and DAGitty carry the causal graph proper: all behaviours and
the edges that no expert denied. All but DAGitty keep the rest in attributes that others pass over, so that what we
wrote comes back as it went. ``read_graph`` reads any of them, whoever wrote it.

Names come from strangers. Each language has its own way to quote them, and none of it is ever left to chance: what a
language cannot hold at all (control characters in XML) is replaced by U+FFFD where others look, and kept beside it.
"""

from causalviz.graph.acyclic import left_out
from causalviz.graph.exchange.dagitty import write_dagitty
from causalviz.graph.exchange.dot import write_dot
from causalviz.graph.exchange.gexf import write_gexf
from causalviz.graph.exchange.graphml import write_graphml
from causalviz.graph.exchange.imported import ImportedGraph
from causalviz.graph.exchange.node_link import write_node_link
from causalviz.graph.exchange.opening import read_graph
from causalviz.graph.exchange.own_json import read_json, write_json
from causalviz.graph.exchange.tables import write_adjacency_csv, write_adjacency_npz, write_csv
from causalviz.graph.exchange.verdicts import edges_to_verdicts, news_of, unknown_names

__all__ = [
    "ImportedGraph",
    "edges_to_verdicts",
    "left_out",
    "news_of",
    "read_graph",
    "read_json",
    "unknown_names",
    "write_adjacency_csv",
    "write_adjacency_npz",
    "write_csv",
    "write_dagitty",
    "write_dot",
    "write_gexf",
    "write_graphml",
    "write_json",
    "write_node_link",
]
