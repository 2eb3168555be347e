"""What would happen: the true effect of an intervention, by simulating with a behaviour forced or forbidden.

*Forced*: every user does the behaviour once more, at an even moment of the stay, for no reason of the world's own. What
follows from the forced event is told apart by its descent, and what it keeps from happening by comparing with a world
that was left alone; the two together, per forced event, are the total effect of one event more:

    T_ij = (descendants of j + what else there is of j - what there is of j without force) / forced events of i.

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
from causalviz.worlds.plan import World, WorldPlan
from causalviz.worlds.simulator import Forcing, run_users

Floats = NDArray[np.float64]

USERS, THINNED_USERS = 12_000, 24_000  # more where what is kept away is a difference of two counts


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


def true_totals(world: World, rng: np.random.Generator, users: int | None = None) -> TrueTotals:
    """Forces one behaviour after the other.

    Args:
        world: A branching one.
        rng: Source of all randomness.
        users: How many users are simulated for each behaviour; the error falls with the root of it.

    Raises:
        SettingsError: If the world is a clickstream, in which an event more takes the place of another.
    """
    thinned = _is_thinned(world.plan)
    number = users or (THINNED_USERS if thinned else USERS)
    many, base = _crowd(world, number), world.background
    seen = np.flatnonzero(~many.recording.hidden)
    K = len(base)
    people = int(rng.integers(2**63))  # the same in every run, so that only what is done to them differs
    alone = _counts(many, base, people, Forcing())[:, :K]  # (U, K)
    total, error = np.empty((K, K)), np.empty((K, K))
    for cause in seen.tolist():
        found = _counts(many, base, people, Forcing(per_user=1, behaviour=cause))  # (U, 2 K)
        caused = found[:, K:].astype(np.float64)
        caused[:, cause] -= 1
        if thinned:
            caused += found[:, :K] - alone
        total[cause], error[cause] = caused.mean(0), np.sqrt(caused.var(0) / number)
    at = np.ix_(seen, seen)
    return TrueTotals(total[at], error[at], alone.mean(0)[seen])


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
    many, base = _crowd(world, users), world.background
    seen = np.flatnonzero(~many.recording.hidden)
    K = len(base)
    people = int(rng.integers(2**63))
    alone = _counts(many, base, people, Forcing())[:, :K].sum(0)
    without = _counts(many, base, people, Forcing(blocked=int(seen[behaviour])))[:, :K].sum(0)
    return np.asarray(((without - alone) / np.maximum(alone, 1))[seen])


def _crowd(world: World, users: int) -> WorldPlan:
    """The plan for so many users."""
    plan = world.plan
    if plan.family != "branching":
        raise SettingsError("Only a branching world can be forced (this one is a clickstream); choose another world.")
    return replace(plan, people=replace(plan.people, n_users=users))


def _is_thinned(plan: WorldPlan) -> bool:
    """Whether an event can keep others away, so that its descendants are not all of its effect."""
    effects = plan.influences
    return bool(
        effects.suppress.any()
        or effects.correction.any()
        or effects.refractory_s.any()
        or effects.saturation_s.any()
        or (effects.partner >= 0).any()
    )


def _counts(plan: WorldPlan, base: Floats, people: int, forcing: Forcing) -> NDArray[np.int64]:
    """(U, 2 K) events of each user by behaviour, what follows from the forced ones apart; ``people`` is a seed."""
    user, _, mark = run_users(plan, plan.people, base, np.random.default_rng(people), forcing)
    K, U = len(base), plan.people.n_users
    return np.bincount(user * 2 * K + mark, minlength=U * 2 * K).reshape(U, 2 * K)
