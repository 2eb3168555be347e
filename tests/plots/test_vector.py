"""The SVG is well formed whatever the names, holds every mark, fetches nothing, and its arrows end at their boxes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from graph_strategies import causal_graphs
from hypothesis import given, settings

from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.layout import box_size, layered_positions
from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import CLAIM, PALETTES, Dress, network_data
from causalviz.plots.vector import graph_svg

SVG = "{http://www.w3.org/2000/svg}"
RUDE = '</text><script>alert(1)</script>"&'
GRAPH = CausalGraph(
    ("view", RUDE, "buy"),
    (
        Edge("view", RUDE, 0.9, 2.0, 1.5, 2.5, 60.0),
        Edge(RUDE, "buy", 0.7, 0.5, 0.4, 0.6, 9.0, Ruling.ACCEPTED),
        Edge("buy", "view", 0.6, ruling=Ruling.REJECTED),
    ),
    6,
)
PLACES = {"view": (0.0, 0.0), RUDE: (300.0, 0.0), "buy": (300.0, 200.0)}


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg.encode())


def texts(root: ET.Element) -> list[str]:
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def test_it_says_what_the_drawing_says() -> None:
    root = drawn(graph_svg(network_data(GRAPH, PLACES), "Shop & co"))
    words = texts(root)
    assert words[0] == "Shop & co"
    assert {"view", "buy", "0.90", "✓ 0.70", "✕ 0.60", "probability", "inhibits", "rejected", "accepted"} <= set(words)
    assert "added" not in words  # nothing is
    assert CLAIM in " ".join(words)
    assert len(list(root.iter(f"{SVG}polygon"))) == 3
    palette = PALETTES["light"]
    lines = [path for path in root.iter(f"{SVG}path") if path.get("d", "").startswith("M") and "Q" in path.get("d", "")]
    assert [line.get("stroke") for line in lines] == [palette["excite5"], palette["inhibit3"], palette["rejected"]]
    assert [line.get("stroke-dasharray") for line in lines] == [None, None, "6 5"]


def test_names_are_text_and_nothing_is_fetched() -> None:
    svg = graph_svg(network_data(GRAPH, PLACES), RUDE)
    assert "<script" not in svg
    assert not re.search(r"href|url\(|<style|@import| on\w+=", svg)
    assert any("script" in title.text for title in drawn(svg).iter(f"{SVG}title") if title.text)


@pytest.mark.parametrize("straight", [True, False])
def test_arrows_end_at_their_boxes(straight: bool) -> None:
    both = () if straight else (Edge("b", "a", 0.9),)
    graph = CausalGraph(("a", "b"), (Edge("a", "b", 0.9), *both), 2)
    root = drawn(graph_svg(network_data(graph, {"a": (0.0, 0.0), "b": (300.0, 120.0)}), ""))
    tips = [polygon.get("points", "").split() for polygon in root.iter(f"{SVG}polygon")]
    for (x, y), tip in zip([(300.0, 120.0), (0.0, 0.0)], tips, strict=False):
        offset = np.abs([float(tip[0]) - x, float(tip[1]) - y]) - np.array(box_size("a")) / 2
        assert -0.1 <= offset.max() < 3  # on the border, from outside


def test_meanings_fade_the_rest() -> None:
    dress = Dress(tones={("view", RUDE): "causal"}, assumed=("buy",))
    root = drawn(graph_svg(network_data(GRAPH, PLACES, dress=dress), "", dark=True))
    faded = [group for group in root.iter(f"{SVG}g") if group.get("opacity")]
    assert len(faded) == 4  # two arrows and their labels
    assert {"causal path", "assumed"} <= set(texts(root))
    assert PALETTES["dark"]["causal"] in {path.get("stroke") for path in root.iter(f"{SVG}path")}


def test_nothing_is_a_drawing_too() -> None:
    assert CLAIM in " ".join(texts(drawn(graph_svg(network_data(CausalGraph((), (), 0), {}), "Empty"))))


@settings(max_examples=50, deadline=None)
@given(causal_graphs())
def test_any_graph_is_well_formed(graph: CausalGraph) -> None:
    places = layered_positions(graph.behaviours, [edge.pair for edge in graph.edges], {})
    root = drawn(graph_svg(network_data(graph, places), graph.behaviours[0]))
    assert len(list(root.iter(f"{SVG}polygon"))) == len(graph.edges)
    left, top, width, height = map(float, root.get("viewBox", "").split())
    for name, (x, y) in places.items():
        half = np.array(box_size(name)) / 2
        assert left <= x - half[0]
        assert x + half[0] <= left + width
        assert top <= y - half[1]
        assert y + half[1] <= top + height
