"""Are recommendations good? Next behaviours on held-out time, interventions against simulated truth, and speed.

    python -m benchmarks.recommend next [--data DIR]     NDCG@5 beside the baselines and a transformer, both splits
    python -m benchmarks.recommend effects [--worlds N] [--seed N]  total effects against worlds that are forced
    python -m benchmarks.recommend speed                 one user, 100 k users, one fit

**Effects.** A world is simulated, its graph discovered from the log alone, and the total effect of every behaviour on
every other along the drawn graph is compared with what forcing that behaviour does in the same world
(``causalviz.worlds.intervention``). Scored are pairs whose true total is at least ``LEAST`` events and five times the
simulation's error; *another truth*, simulated once more, says how near anyone could come. Beside the graph stand the
same without the behaviours' own repeats, and two attributions in the same unit, extra effects per cause: *lift*, the
pairs within the longest lag beyond what shuffled marks give, and *direct follow*, how often the effect comes directly
after the cause. Kendall's tau ranks, for each effect with two or more such causes, all other behaviours; those without
a true effect are zeros. An answer of a thousandth then is an error of rank beside them, which no answer but the zeros
themselves escapes: *the same, unsure too* is that other truth with what it is unsure of left in, and bounds this tau.
In the tau *of levers* whatever is below ``LEAST``, in truth and in every answer, ties with nothing. Three families:

    demos            the shop, the social network and the video site, other seeds than the app shows,
    heterogeneous    random graphs among people whose activity (log-normal, 1.0) and taste (gamma, 1.0) differ widely,
    prior            what the network was trained on, narrowed to worlds that can be forced and in which activity and
                     taste differ: delays beyond the log's gaps, self-excitation, saturation and prevention among them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from causalviz.advice import influence_of, user_history
from causalviz.errors import UnusableLog
from causalviz.events.log import Behaviour, EventLog
from causalviz.forecasting import Split, compare_recommenders, sequence_methods
from causalviz.graph.total_effects import total_offspring
from causalviz.lags import LagGrid
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.transformer import TransformerConfig
from causalviz.pipeline import discover, read_log
from causalviz.recommend.influence import Influence
from causalviz.recommend.promotion import what_if
from causalviz.recommend.rates import Rates, fit_rates
from causalviz.recommend.reasons import best, predict
from causalviz.recommend.sequence import SequenceModel, fit_mixture
from causalviz.recommend.states import now
from causalviz.worlds import STORIES, Prior, WorldPlan, demo_log, draw_plan, simulate
from causalviz.worlds.demos import DemoName
from causalviz.worlds.intervention import true_absence, true_totals
from causalviz.worlds.plan import Influences, People, Recording, Shocks, World

Floats = NDArray[np.float64]

SEED = 77
FIRST_DEMO_SEED = 1
LEAST = 0.02  # events set off by one cause; less is no lever
SURE = 5.0  # standard errors of the simulation
MILLION_USERS = 36_000  # of the shop with a million events
CROWD = 100_000
DAY_S = 86_400.0
PRIOR = Prior(
    null=0.0, clickstream=0.0, many_share=0.0, large_share=0.0, behaviours=(5, 12), users=(200, 4_000),
    events=(10_000, 40_000), activity=(0.5, 1.0, 1.5), taste=(0.3, 1.0, 3.0), hidden=(0.0,), lost=(0.0,),
    duplicated=(0.0,), censored=0.0,
)  # fmt: skip


class Case(NamedTuple):
    """One world's totals, [cause, effect]: true ones with their error, and each method's."""

    true: Floats
    error: Floats
    found: dict[str, Floats]
    low: Floats
    high: Floats
    absence: tuple[tuple[float, float], ...]  # (predicted, true) change where a cause that sets off never happens
    relief: tuple[tuple[float, float], ...]  # the same where one that prevents never happens


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommend")
    parser.add_argument("part", choices=("next", "effects", "speed"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), metavar="DIR")
    parser.add_argument("--worlds", type=int, default=8, metavar="N", help="of each family")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="of the worlds")
    parser.add_argument("--split", choices=("time", "last"), default="time")
    parser.add_argument("--only", nargs="+", default=[], metavar="LOG", help="logs or families whose names begin so")
    options = parser.parse_args(arguments)
    if options.part == "next":
        print_next(options.data, options.split, options.only)
    elif options.part == "effects":
        print_effects(options.worlds, options.only, options.seed)
    else:
        print_speed()


def logs(data: Path, only: Sequence[str]) -> Iterator[tuple[str, EventLog]]:
    """The logs of the first part by name, each read when its turn comes."""
    readers: dict[str, Callable[[], EventLog]] = {f"demo {name}": partial(_demo, name) for name in STORIES}
    if data.is_dir():
        students, alarms = data / "student_activity" / "epm_events.csv.gz", data / "wireless_alarms" / "Alarm.csv"
        clicks = data / "shop_clickstream" / "ecom.csv.gz"
        readers["student activity"] = partial(read_log, students, event="activity_type")
        readers["wireless alarms"] = partial(
            read_log, alarms, user="device_id", event="alarm_id", time="start_timestamp"
        )
        readers["shop clickstream"] = partial(read_log, clicks)
    readers["shop, 1 M events"] = partial(_demo, "shop", MILLION_USERS)
    for name, read in readers.items():
        if not only or any(name.startswith(start) for start in only):
            yield name, read()


def _demo(name: DemoName, users: int | None = None) -> EventLog:
    return demo_log(name, seed=FIRST_DEMO_SEED, users=users).log


def print_next(data: Path, split: Split, only: Sequence[str]) -> None:
    """A line for each log and method."""
    print(f"{'log':<20}{'method':<22}{'NDCG@5':>8}  {'90 %':<16}{'HR@5':>7}{'MRR':>7}{'cover':>7}{'novel':>7}  lead")
    for name, log in logs(data, only):
        began = time.perf_counter()
        found = compare_recommenders(log, split=split, others=sequence_methods())
        assert found is not None
        for row in found.table().itertuples():
            lead = f"{row.ndcg_gain:+.4f} ({row.ndcg_gain_low:+.4f} to {row.ndcg_gain_high:+.4f})"
            print(
                f"{name:<20}{row.method:<22}{row.ndcg:>8.4f}  {row.ndcg_low:.4f} - {row.ndcg_high:.4f} "
                f"{row.hit_rate:>7.3f}{row.mrr:>7.3f}{row.coverage:>7.2f}{row.novelty:>7.2f}  "
                f"{lead if np.isfinite(row.ndcg_gain) else ''}"
            )
        seconds = time.perf_counter() - began
        print(f"{'':<20}{found.questions:,} questions, {found.users:,} users, {found.edges} edges, {seconds:.1f} s")


def print_effects(worlds: int, only: Sequence[str], seed: int) -> None:
    """A block for each family."""
    for family in ("demos", "heterogeneous", "prior"):
        if only and not any(family.startswith(start) for start in only):
            continue
        cases = [case for number in range(worlds) for case in _cases(family, number, seed)]
        print(f"{family}: {len(cases)} worlds")
        for method in cases[0].found:
            print("  " + score_line(method, cases))
        held = np.concatenate([((c.low <= c.true) & (c.true <= c.high))[scored(c)] for c in cases])
        print(f"  90 % intervals of the graph's totals hold {held.mean():.2f} of {len(held)} true ones")
        for what, pairs in (("sets off", [c.absence for c in cases]), ("prevents", [c.relief for c in cases])):
            moved = np.array([pair for case in pairs for pair in case]).reshape(-1, 2)
            if len(moved):
                error = np.abs(moved[:, 0] / moved[:, 1] - 1)
                print(f"  a cause that {what} switched off: error of the change {np.median(error):.3f} of {len(error)}")


def scored(case: Case) -> NDArray[np.bool_]:
    """(V, V) pairs whose true total is large and sure enough to be scored."""
    off = ~np.eye(len(case.true), dtype=bool)
    return off & (np.abs(case.true) >= LEAST) & (np.abs(case.true) > SURE * case.error)


def score_line(method: str, cases: Sequence[Case]) -> str:
    """Median errors and mean taus of one method over all cases."""
    errors = np.concatenate([np.abs(c.found[method] / np.where(c.true, c.true, 1) - 1)[scored(c)] for c in cases])
    prevented = np.concatenate([(c.true < 0)[scored(c)] for c in cases])
    apart = "".join(
        f", {name} {np.median(errors[those]):.3f} of {those.sum()}"
        for name, those in (("set off", ~prevented), ("prevented", prevented))
        if prevented.any()
    )
    every, levers = ([tau for case in cases for tau in _taus(case, method, least)] for least in (0.0, LEAST))
    taus = f"tau {np.mean(every):.3f}, of levers {np.mean(levers):.3f}, of {len(every)}"
    return f"{method:<20} median error {np.median(errors):.3f} of {len(errors)}{apart}; {taus}"


def _taus(case: Case, method: str, least: float) -> Iterator[float]:
    """One for each effect with at least two scored causes; an answer without any order counts as 0.

    Args:
        case: Of a world.
        method: Whose answers are ranked.
        least: What is less, in truth or in an answer, ties with nothing.
    """
    V, sure = len(case.true), np.abs(case.true) > SURE * case.error
    true, found = (np.where(np.abs(m) < least, 0.0, m) for m in (np.where(sure, case.true, 0.0), case.found[method]))
    for effect in np.flatnonzero(scored(case).sum(axis=0) >= 2):
        others = np.arange(V) != effect
        tau = float(kendalltau(found[others, effect], true[others, effect]).statistic)
        yield tau if np.isfinite(tau) else 0.0


def _cases(family: str, number: int, seed: int) -> Iterator[Case]:
    rng = np.random.default_rng([seed, len(family), number])
    if family == "demos":
        plan = demo_log(list(STORIES)[number % len(STORIES)], seed=FIRST_DEMO_SEED + number).plan
    elif family == "heterogeneous":
        plan = _heterogeneous(rng)
    else:
        plan = draw_plan(PRIOR, rng)
    try:
        world = simulate(plan, rng)
    except UnusableLog:
        return
    truth, again = true_totals(world, rng), true_totals(world, rng)
    found = discover(world.log)
    influence = influence_of(world.log, found, found.graph())
    totals, direct = influence.once.totals, influence.once.direct.offspring
    V = len(truth.total)
    draws = influence.once.drawn_totals
    low, high = np.quantile(draws, (0.05, 0.95), axis=0) if len(draws) else np.full((2, V, V), np.nan)
    counts = found.counts.total()
    per_cause = np.maximum(counts.events[0], 1)[:, None]
    lift = (counts.pairs[0].sum(-1) - counts.expected[0].sum(-1) / EXPECTED_SCALE) / per_cause
    once = total_offspring(direct - np.diag(np.diag(direct)))
    answers = {
        "graph": np.zeros((V, V)) if totals is None else totals,
        "without repeats": np.zeros((V, V)) if once is None else once,
        "lift": lift,
        "direct follow": counts.follows[0] / per_cause,
        "another truth": np.where(np.abs(again.total) > SURE / 2 * again.error, again.total, 0.0),
        "the same, unsure too": again.total,
    }
    offspring = np.zeros((V, V)) if influence.happened.totals is None else influence.happened.direct.offspring
    sets_off = influence.events * (offspring > 0).any(axis=1)
    prevents = influence.events * np.maximum(-offspring, 0.0).sum(axis=1)
    changes = (_absences(world, influence, weight, rng) for weight in (sets_off, prevents))
    yield Case(truth.total, truth.error, answers, low, high, *changes)


def _absences(
    world: World, influence: Influence, weight: Floats, rng: np.random.Generator
) -> tuple[tuple[float, float], ...]:
    """The cause of the largest weight, if any, switched off: predicted and true change of what follows."""
    if not weight.any():
        return ()
    first = int(np.argmax(weight))
    true = true_absence(world, first, rng)
    predicted = {one.behaviour: one.share for one in what_if(influence, world.log.names[first], 0.0)}
    return tuple(
        (predicted.get(name, 0.0), float(true[j]))
        for j, name in enumerate(world.log.names)
        if j != first and abs(true[j]) > 0.1
    )


def _heterogeneous(rng: np.random.Generator) -> WorldPlan:
    """A random graph of 6 to 12 behaviours, delays from seconds to half a day, people who differ."""
    K = int(rng.integers(6, 13))
    order = rng.permutation(K)
    offspring = np.zeros((K, K))
    for place in range(K):
        for later in range(place + 1, K):
            if rng.random() < 2.0 / K:
                offspring[order[place], order[later]] = rng.uniform(0.1, 0.6)
    background = rng.dirichlet(np.full(K, 2.0)) + 0.3 / K
    return WorldPlan(
        family="branching",
        behaviours=tuple(Behaviour(f"b{k}", f"b{k}") for k in range(K)),
        shares=background @ np.linalg.inv(np.eye(K) - offspring),
        people=People(
            n_users=2_000, events_per_user=30, span_s=42 * DAY_S, drift=np.zeros(K), groups=np.arange(K),
            activity_sigma=1.0, taste=1.0, lifetime=0.3, daily=0.8, weekly=0.3, session_s=1_800.0,
            events_per_session=3.0,
        ),
        influences=replace(
            Influences.none(K), offspring=offspring, delay_s=np.exp(rng.uniform(np.log(20), np.log(DAY_S / 2), (K, K)))
        ),
        shocks=Shocks(per_user=0.0, members=np.zeros((1, K)), width_s=1.0, shared=False),
        recording=Recording(rounding_s=1.0, lost=0.0, duplicated=0.0, hidden=np.zeros(K, dtype=bool)),
    )  # fmt: skip


def print_speed() -> None:
    """Seconds of one core: of a fit, of one user's answer with its reasons, of a crowd's; each compiled before."""
    world = demo_log("shop", seed=FIRST_DEMO_SEED, users=CROWD)
    log, grid = world.log, LagGrid.from_log(world.log)
    for horizon_s in (None, DAY_S):
        fit_rates(log.take_users(np.arange(100)), grid, world.truth, horizon_s=horizon_s)
        began = time.process_time()
        rates = fit_rates(log, grid, world.truth, horizon_s=horizon_s)
        fitted = time.process_time() - began
        what = "next" if horizon_s is None else "within a day"
        print(f"{what:<14} fit on {log.n_events:,} events {fitted:.1f} s; {_answers(log, rates, None)}")
    few = log.take_users(np.arange(2_000))
    mixture = fit_mixture(few, grid, world.truth, config=TransformerConfig(windows=1_000, epochs=1))
    assert mixture is not None
    assert mixture.rates is not None
    print(f"{'mixture':<14} {_answers(log, mixture.rates, mixture)}")


def _answers(log: EventLog, rates: Rates, mixture: SequenceModel | None) -> str:
    """Seconds of one user's answer with its reasons, and of everybody's best five."""

    def one(user: int) -> None:
        history = user_history(log, user)
        states = now(history, rates.grid)
        predict(rates, states, 5, None if mixture is None else mixture.chances(history, states)[0])

    one(0)
    began = time.process_time()
    states = now(log, rates.grid)
    best(rates.chances(states) if mixture is None else mixture.chances(log, states), 5)
    crowd = time.process_time() - began
    began = time.process_time()
    for user in range(100):
        one(user)
    each = (time.process_time() - began) / 100
    return f"one user {1e3 * each:.2f} ms; {log.n_users:,} users {crowd:.2f} s"


if __name__ == "__main__":
    main(sys.argv[1:])
