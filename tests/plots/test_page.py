"""The exported page: complete, closed, and deaf to what names say."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser

import pytest
from graph_strategies import causal_graphs
from hypothesis import given, settings

from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import CLAIM, network_data
from causalviz.plots.page import graph_page

RUDE = "</script><img src=x onerror=alert(1)>\u2028"
SHOP = CausalGraph(
    ("view", RUDE),
    (Edge("view", RUDE, 0.999, 2.0, 1.5, 2.5, 90.0), Edge(RUDE, "view", ruling=Ruling.REJECTED, note="<b>no</b>")),
    2,
)


class Reader(HTMLParser):
    """Collects tags, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data


def written(graph: CausalGraph, title: str = "Shop") -> str:
    places = {name: (200.0 * row, 0.0) for row, name in enumerate(graph.behaviours)}
    return graph_page(network_data(graph, places), graph.edges, title)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_it_shows_claim_count_legend_and_table() -> None:
    page = written(SHOP, "<i>Shop</i>")
    assert html.escape(CLAIM) in page
    assert "Edges shown: 2 of 2" in page
    assert '<div id="legend">' in page
    assert "<h1>&lt;i&gt;Shop&lt;/i&gt;</h1>" in page
    row = re.search(r'<tr data-edge="e0-1".*', page)
    assert row is not None
    assert re.sub("<[^>]+>", "|", row[0]).split("||")[3:7] == ["&gt;0.99", "2", "1.5 to 2.5", "90 s"]
    assert '<tr data-edge="e1-0" tabindex="0" class=denied>' in page


def test_nothing_outside_is_named_and_only_our_scripts_may_run() -> None:
    reader = read(written(SHOP))
    policy = next(tag["content"] for name, tag in reader.tags if name == "meta" and "http-equiv" in tag)
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy
    for name, attributes in reader.tags:
        assert not {"src", "href", "style"} & set(attributes), name
        assert not [key for key in attributes if key.startswith("on")], name
    for script in reader.scripts[1:]:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_the_licence_of_vis_network_travels_with_it() -> None:
    assert "The Apache 2.0 License" in written(SHOP)


@settings(max_examples=25)
@given(causal_graphs())
def test_names_make_no_elements_and_come_back_from_the_json(graph: CausalGraph) -> None:
    reader = read(written(graph))
    assert [name for name, _ in reader.tags].count("script") == 3
    assert not [name for name, _ in reader.tags if name in {"img", "b", "iframe"}]
    held = json.loads(reader.scripts[0])
    assert [node["name"] for node in held["nodes"]] == list(graph.behaviours)


def test_marks_of_another_graph_are_refused() -> None:
    with pytest.raises(ValueError, match="got 0 and 2"):
        graph_page(network_data(CausalGraph((), (), 0), {}), SHOP.edges, "Shop")
