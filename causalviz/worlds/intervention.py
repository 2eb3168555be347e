"""What would happen: the true effect of an intervention, by simulating with a behaviour forced or forbidden.

*Forced*: every user does the behaviour once more, at an even moment of the stay, for no reason of the world's own. The
world in which that happens and the one left alone are simulated together, so that what only one of them holds follows
from the forced event. Per forced event this is the total effect of one event more:

    T_ij = (events of j that only the forced world holds - those that only the other holds) / forced events of i.

Once, because a prevention that lasts does not add up: forced three times, a user who is kept away for good is kept away
by the first. And in the world of the log: its background is taken over, since another pilot would set other rates, of
which there would be more or less to prevent.

*Forbidden*: the behaviour never happens, and the change of every other one is counted. Both are of one recorded
event's kind: losses, duplicates and hidden behaviours of the recording apply to counts alike, and are left out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError
from causalviz.worlds.plan import World
from causalviz.worlds.simulator import Forcing, run_users

Floats = NDArray[np.float64]

USERS = 12_000


class TrueTotals(NamedTuple):
    """Total effects among the V recorded behaviours of a branching world.

    Attributes:
        total: (V, V) expected further events of the effect, one event of the cause added; [cause, effect], the
            diagonal is what a behaviour sets off of itself.
        error: (V, V) standard error of each, from the spread between users.
        usual: (V,) events of each behaviour per user when the world is left alone.
    """

    total: Floats
    error: Floats
    usual: Floats


def true_totals(world: World, rng: np.random.Generator, users: int = USERS) -> TrueTotals:
    """Forces one behaviour after the other.

    Args:
        world: A branching one.
        rng: Source of all randomness.
        users: How many are simulated for each behaviour; the error falls with the root of it.

    Raises:
        SettingsError: If the world is a clickstream, in which an event more takes the place of another.
    """
    seen = np.flatnonzero(~world.plan.recording.hidden)
    total, error, usual = (np.empty((len(seen), len(seen))) for _ in range(3))
    for place, cause in enumerate(seen.tolist()):
        both, only_forced, only_alone = _counts(world, users, Forcing(per_user=1, behaviour=cause), rng)
        caused = (only_forced - only_alone)[:, seen].astype(np.float64)
        caused[:, place] -= 1
        total[place], error[place] = caused.mean(0), np.sqrt(caused.var(0) / users)
        usual[place] = (both + only_alone)[:, seen].mean(0)
    return TrueTotals(total, error, usual.mean(0))


def true_absence(world: World, behaviour: int, rng: np.random.Generator, users: int = USERS) -> Floats:
    """(V,) change of each recorded behaviour's number of events, over that number, if one of them never happened.

    Args:
        world: A branching one.
        behaviour: Code among the recorded ones.
        rng: Source of all randomness.
        users: How many are simulated.

    Raises:
        SettingsError: If the world is a clickstream.
    """
    seen = np.flatnonzero(~world.plan.recording.hidden)
    forcing = Forcing(blocked=int(seen[behaviour]))
    both, only_without, only_alone = (held.sum(0)[seen] for held in _counts(world, users, forcing, rng))
    return np.asarray((only_without - only_alone) / np.maximum(both + only_alone, 1))


def _counts(world: World, users: int, forcing: Forcing, rng: np.random.Generator) -> NDArray[np.int64]:
    """(3, U, K) events of each user by behaviour: in both worlds, only where it is done, only where it is not."""
    plan, K = world.plan, len(world.background)
    if plan.family != "branching":
        raise SettingsError("Only a branching world can be forced (this one is a clickstream); choose another world.")
    events = run_users(plan, replace(plan.people, n_users=users), world.background, rng, forcing)
    held, behaviour = np.divmod(events.behaviour, K)
    return np.bincount((held * users + events.user) * K + behaviour, minlength=3 * users * K).reshape(3, users, K)
