"""CausalViz: from event logs of user behaviour to a calibrated causal graph.

    from causalviz import read_log, discover

    log = read_log("events.csv")
    discover(log).table()

Importing the package is cheap: what a function needs is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.pipeline import DiscoverConfig, discover, read_log

__all__ = ["DiscoverConfig", "Discovery", "discover", "read_log"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from causalviz import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'causalviz' has no attribute {name!r}")
