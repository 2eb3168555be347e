"""What our engine answers: as it is shipped, adapted to the log before it answers, and its Hawkes process by itself.

Imports wait until a line is asked for, so that the processes of the other methods hold what they need and no more.
"""

from __future__ import annotations

import numpy as np

from benchmarks.answers import Answer, probabilities
from causalviz.events.log import EventLog

__all__ = ["adapted", "hawkes", "prior"]

BY_CHANCE = 0.05  # of drawing any edge by the likelihood ratio alone, in a log without edges


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


def hawkes(log: EventLog) -> Answer:
    """What the log gains in likelihood by each cause of the settled Hawkes process, without the network's judgement.

    Drawn by the likelihood ratio test, corrected for the number of pairs (Bonferroni).
    """
    from scipy.stats import chi2

    from causalviz.lags import LagGrid
    from causalviz.model.evidence import sample_histories
    from causalviz.model.hawkes import fit_hawkes
    from causalviz.pipeline import DiscoverConfig

    usual = DiscoverConfig()
    fit = fit_hawkes(sample_histories(log, usual.sample_events, usual.seed), LagGrid.from_log(log)).far
    K, _, bins = fit.blame.shape
    return Answer(fit.gain, np.asarray(2 * fit.gain >= chi2.isf(BY_CHANCE / (K * (K - 1)), bins)), False)
