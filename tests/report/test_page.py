"""The page is whole, escapes every name, fetches nothing, and says what the report says."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from graph_strategies import rude_names
from hypothesis import given, settings

from causalviz.events.findings import Note
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.store.trail import TrailEntry
from causalviz.graph.verdicts import Ruling, Standing
from causalviz.report.content import Argument, Fact, Report, ScoreLine, Told, drawing
from causalviz.report.page import MOST_EDGES, report_page
from causalviz.report.wording import Finding

AT = "2026-03-04T12:34:56+00:00"
VOID = {"meta", "rect", "path", "polygon"}


def a_report(name: str = "view") -> Report:
    edges = (
        Edge(name, "buy", 0.85, 3.0, 2.0, 4.0, 60.0, Ruling.ACCEPTED, note=name),
        Edge("buy", name, 0.2, 0.5, 0.4, 0.6, ruling=Ruling.REJECTED),
    )
    graph = CausalGraph((name, "buy"), edges, 2)
    places = {name: (0.0, 0.0), "buy": (0.0, 100.0)}
    standing = Standing(Ruling.ACCEPTED, f"Ada {name}", AT)
    told = Told(
        Finding(name, "buy", 0.85, 3.0, 2.0, 4.0, 60.0, ""), standing, (Argument(1.5, f"“{name}” comes first."),),
        None, None,
    )  # fmt: skip
    return Report(
        title=name,
        question=f"Why {name}?\nWhen?",
        author=f"Ada {name}",
        written=AT,
        log=(Fact("Users", "12"), Fact("File", name)),
        quality=(Note("warning", f"User {name} is busy.", "Check."),),
        graph=drawing(graph, places, {name: name}),
        edges=edges,
        pairs=2,
        findings=(told,),
        edits=(TrailEntry(AT, f"Ada {name}", "accept", name, "buy", "", name),),
        edits_in_all=3,
        rules=(f"“{name}” causes nothing",),
        caveats=(f"“{name}”: too few events.",),
        truth="the sample's own graph",
        scores=(ScoreLine("F1", "0.900", "0.80 to 0.95", "0.400 (lift)", "Both in one."),),
        settings=(Fact("Log fingerprint", "abc"),),
        commands=(f"python -m causalviz discover {name} --out found",),
    )


class Reader(HTMLParser):
    """Elements as a browser would see them; a tag that is not closed fails."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_says_all_of_it() -> None:
    words = " ".join(" ".join(read(report_page(a_report())).text).split())
    for said in (
        "Why view?", "2026-03-04 12:34 UTC, by Ada view", "Of 2 ordered pairs of behaviours, 1 are drawn",
        "An expert ruled on 2 of those shown", "+1.50", "comes first", "accepted by Ada view, 2026-03-04",
        "User view is busy",
        "3 edits, the latest first; the 2 oldest are left out here", "causes nothing", "too few events", "0.400 (lift)",
        "Log fingerprint abc", "python -m causalviz discover view",
    ):  # fmt: skip
        assert said in words


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    page = report_page(a_report("<script>alert(1)</script>"))
    reader = read(page)
    assert reader.tags.isdisjoint({"script", "link", "img", "iframe", "object", "a", "form"})
    assert not {name for name in reader.attributes if name.startswith("on")} | (
        reader.attributes & {"href", "src", "style"}
    )
    assert "default-src 'none'; style-src 'sha256-" in page
    assert not re.search(r"@import|url\(", page)


@settings(max_examples=60, deadline=None)
@given(rude_names.filter(lambda name: name != "buy"))
def test_any_name_is_text(name: str) -> None:
    usual, rude = read(report_page(a_report("view"))), read(report_page(a_report(name)))
    assert rude.tags == usual.tags
    assert rude.attributes <= usual.attributes


def test_an_empty_graph_has_its_sentences() -> None:
    nothing = replace(
        a_report(), edges=(), findings=(), edits=(), edits_in_all=0, rules=(), scores=(), truth="", commands=(),
        question="", graph=drawing(CausalGraph((), (), 0), {}, {}),
    )  # fmt: skip
    words = " ".join(read(report_page(nothing)).text)
    for said in (
        "Which behaviours lead",
        "No edge is drawn.",
        "None.",
        "the graph is as the network found it",
        "nothing was scored",
    ):
        assert said in words


def test_a_long_list_of_edges_is_cut_and_says_so() -> None:
    edges = tuple(Edge(f"zz{k}", "b", 0.9) for k in range(MOST_EDGES + 5))
    page = report_page(replace(a_report(), edges=edges))
    assert "5 less probable ones are left out here" in page
    assert page.count('<td class="">zz') == MOST_EDGES
