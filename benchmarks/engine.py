"""What our engine answers: with the prior as it is shipped, and adapted to the log before it answers.

Imports wait until a line is asked for, so that the processes of the other methods hold what they need and no more.
"""

from __future__ import annotations

from benchmarks.answers import Answer, probabilities
from causalviz.events.log import EventLog

__all__ = ["adapted", "prior"]


def prior(log: EventLog) -> Answer:
    """The shipped prior's probabilities."""
    from causalviz.pipeline import discover

    return probabilities(discover(log).probability)


def adapted(log: EventLog) -> Answer:
    """The same after adaptation to the log, without any verdict; its seconds include the adaptation's."""
    from causalviz.discovery import judge_again
    from causalviz.model.adaptation import adapt
    from causalviz.model.checkpoint import load_prior
    from causalviz.pipeline import discover

    model = load_prior()
    found = discover(log, model=model)
    return probabilities(judge_again(found, adapt(model, found.features, log).model).probability)
