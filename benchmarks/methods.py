"""The methods that the table compares, by the name under which the command knows them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from benchmarks.answers import Method
from benchmarks.engine import adapted, hawkes, prior
from benchmarks.free import free_line
from benchmarks.peers import adm4, pcmci, ttpm

METHODS: Mapping[str, Method] = {
    "prior": Method("CausalViz", prior, ours=True),
    "adapted": Method("CausalViz, adapted", adapted, warm_up=prior, ours=True),
    "hawkes": Method("its Hawkes process", hawkes),
    "adm4": Method("ADM4", adm4, needs="tick"),
    "ttpm": Method("TTPM", ttpm, needs="castle"),
    "pcmci": Method("PCMCI", pcmci, needs="tigramite"),
    "lift": Method("windowed lift", partial(free_line, "lift")),
    "follows": Method("directly follows", partial(free_line, "directly follows")),
    "first": Method("first occurrence", partial(free_line, "first occurrence")),
    "count": Method("count sort", partial(free_line, "count sort")),
    "all": Method("all edges", partial(free_line, "all edges")),
}
