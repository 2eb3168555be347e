"""What is measured of every pair and every behaviour: numbers by name, made of the evidence.

Counts enter through logarithms and signed logarithms, so that a log a thousand times larger does not leave the range
that the network was trained on. The first part of a column's name is the argument that it belongs to
(``causalviz.model.features``); networks find columns by their order or by these names, so that new ones come last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causalviz.lags import LagCounts
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.evidence import Evidence
from causalviz.model.exponentials import ExponentialEvidence
from causalviz.model.hawkes import HawkesEvidence, HawkesFit
from causalviz.model.regression import COLUMNS, Regression
from causalviz.model.surprise import Surprise

Floats = NDArray[np.float64]

LEAST_SURPRISE = 0.01  # of a variance that is 1 in a Hawkes process


def pair_columns(evidence: Evidence) -> dict[str, Floats]:
    """(K, K) by "group:name", [cause, effect], finite off the diagonal, in the order that networks learned."""
    total = evidence.counts.total()
    pairs = total.pairs[0].astype(np.float64)  # (K, K, L)
    expected = total.expected[0] / EXPECTED_SCALE  # (K, K, L)
    matrices: dict[str, Floats] = {}
    matrices |= _lift(pairs, expected)
    matrices |= _asymmetry(pairs)
    matrices |= _delay(pairs, expected, evidence.hawkes.local)
    matrices |= _conditional(evidence.marks)
    matrices |= _rate(evidence.rates)
    matrices |= _hawkes(evidence.hawkes)
    matrices |= _adjacent(total)
    matrices |= _frequency(total, expected)
    matrices |= _reliability(evidence.counts)
    matrices |= _type(total)
    matrices |= _self(pairs, expected, evidence.hawkes.local)
    matrices |= _far(evidence.hawkes.far, evidence.counts.grid.n_bins)
    matrices |= _surprise(evidence.hawkes.surprise)
    matrices |= _exponentials(evidence.exponentials)
    return matrices


def behaviour_columns(evidence: Evidence) -> Floats:
    """(K, F) of each behaviour, and of the whole log repeated on each."""
    total = evidence.counts.total()
    events = total.events[0].astype(np.float64)
    users = total.users_with[0].astype(np.float64)
    M, U, K = events.sum(), float(total.users[0]), len(events)
    ties = np.triu(total.ties[0]).sum()
    local, steady = evidence.hawkes.local, evidence.hawkes.steady
    whole_log = [np.log(M), np.log(U), np.log(K), np.log(M / U), np.log1p(100 * ties / M),
                 np.log(max(total.span[0] / U, 1.0) / evidence.counts.grid.edges[-1] + 1e-3)]  # fmt: skip
    columns = [
        np.log1p(events),
        np.log(events / M + 1e-6),
        np.log((users + 0.5) / U),
        np.log(local.background / (events + 1) + 1e-3),
        np.log(steady.background / (events + 1) + 1e-3),
        *(np.full(K, value) for value in whole_log),
    ]
    return np.stack(columns, axis=1)


def _signed_log(x: Floats) -> Floats:
    """sign(x) log(1 + |x|): tames t-values and z-scores."""
    return np.asarray(np.sign(x) * np.log1p(np.abs(x)))


def _thirds(L: int) -> tuple[slice, slice, slice]:
    """Short, middle and long lags."""
    first, second = round(L / 3), round(2 * L / 3)
    return slice(0, first), slice(first, second), slice(second, L)


def _lift(pairs: Floats, expected: Floats) -> dict[str, Floats]:
    L = pairs.shape[2]
    lift = np.log((pairs + 1) / (expected + 1))
    z = _signed_log((pairs - expected) / np.sqrt(expected + 1))
    short = _thirds(L)[0]
    pooled = pairs[..., short].sum(-1) - expected[..., short].sum(-1)
    columns = {f"lift:log {bin_}": lift[..., bin_] for bin_ in range(L)}
    columns |= {f"lift:z {bin_}": z[..., bin_] for bin_ in range(L)}
    columns["lift:z short"] = _signed_log(pooled / np.sqrt(expected[..., short].sum(-1) + 1))
    return columns


def _asymmetry(pairs: Floats) -> dict[str, Floats]:
    L = pairs.shape[2]
    back = pairs.transpose(1, 0, 2)
    z = _signed_log((pairs - back) / np.sqrt(pairs + back + 1))
    columns = {f"asymmetry:z {bin_}": z[..., bin_] for bin_ in range(L)}
    for name, part in zip(("short", "middle", "long"), _thirds(L), strict=True):
        columns[f"asymmetry:log ratio {name}"] = np.log((pairs[..., part].sum(-1) + 1) / (back[..., part].sum(-1) + 1))
    return columns


def _delay(pairs: Floats, expected: Floats, fit: HawkesFit) -> dict[str, Floats]:
    L = pairs.shape[2]
    short, middle, long = (
        np.log((pairs[..., part].sum(-1) + 1) / (expected[..., part].sum(-1) + 1)) for part in _thirds(L)
    )
    weight = fit.blame + 1e-6
    centre = (weight * np.arange(L)).sum(-1) / weight.sum(-1) / L
    peak = weight.max(-1) / weight.sum(-1)
    return {
        "delay:short against long": short - long,
        "delay:middle against long": middle - long,
        "delay:centre": centre,
        "delay:peak": peak,
    }


def _conditional(marks: Regression) -> dict[str, Floats]:
    columns = {f"conditional:t {c}": _signed_log(marks.t_value[..., c]) for c in range(COLUMNS)}
    columns |= {f"conditional:coefficient {c}": _signed_log(20 * marks.coefficient[..., c]) for c in range(COLUMNS)}
    columns |= {f"conditional:steady t {c}": _signed_log(marks.steady_t[..., c]) for c in range(COLUMNS)}
    back = marks.t_value.transpose(1, 0, 2)
    columns["conditional:t difference"] = _signed_log((marks.t_value - back)[..., :-1].sum(-1))
    columns["conditional:t difference ever"] = _signed_log((marks.t_value - back)[..., -1])
    return columns


def _rate(rates: Regression) -> dict[str, Floats]:
    """Rates as they are, and beside the typical cause of the same effect, which stands for what sessions do."""
    typical = np.median(rates.t_value, axis=0, keepdims=True)  # (1, K, C + 1)
    columns = {f"rate:t {c}": _signed_log(rates.t_value[..., c]) for c in range(COLUMNS)}
    columns |= {f"rate:t over typical {c}": _signed_log((rates.t_value - typical)[..., c]) for c in range(COLUMNS)}
    columns |= {f"rate:coefficient {c}": _signed_log(rates.coefficient[..., c]) for c in range(COLUMNS)}
    columns |= {f"rate:steady t {c}": _signed_log(rates.steady_t[..., c]) for c in range(COLUMNS)}
    back = rates.t_value.transpose(1, 0, 2)
    columns["rate:t difference"] = _signed_log((rates.t_value - back)[..., :-1].sum(-1))
    columns["rate:t difference ever"] = _signed_log((rates.t_value - back)[..., -1])
    return columns


def _hawkes(evidence: HawkesEvidence) -> dict[str, Floats]:
    local, chance = evidence.local, evidence.shuffled
    columns = _sizes(evidence.steady, "steady") | _sizes(local, "local")
    columns["hawkes:blame beyond shuffled"] = np.log((local.blame.sum(-1) + 0.5) / (chance.blame.sum(-1) + 0.5))
    columns["hawkes:gain beyond shuffled"] = _signed_log(local.gain - chance.gain)
    columns["hawkes:gain against reverse"] = _signed_log(local.gain - local.gain.T)
    typical = np.median(chance.gain + 1.0, axis=0, keepdims=True)
    columns["hawkes:gain over typical chance"] = np.log1p(local.gain) - np.log(typical)
    columns |= _under_best("gain", columns["hawkes:gain local"])
    columns |= _under_best("offspring", columns["hawkes:offspring local"])
    shape = _shape(local)
    columns |= {f"hawkes:shape {bin_}": shape[..., bin_] for bin_ in range(shape.shape[2])}
    return columns


def _far(fit: HawkesFit, window: int) -> dict[str, Floats]:
    """Of the fit that goes on until it settles, and looks beyond the window of the other columns."""
    shape = _shape(fit)
    return {
        **_gains(fit, "far"),
        "hawkes:far beyond": np.log(shape[..., window:].sum(-1)),
        "hawkes:far centre": _centre(shape),
        "hawkes:far peak": shape.max(-1),
    }


def _exponentials(evidence: ExponentialEvidence) -> dict[str, Floats]:
    """Of the fits with kernels that fade, under one background for all users and under each user's own."""
    fading, own = evidence
    shape = _shape(fading)
    liked = own.background / np.maximum(fading.background, 1.0)  # (K,) of the background events that remain so
    return {
        **_gains(fading, "fading"),
        "hawkes:fading centre": _centre(shape),
        "hawkes:fading peak": shape.max(-1),
        **_gains(own, "own"),
        "hawkes:gain own beside fading": _signed_log(own.gain - fading.gain),
        "hawkes:background own": np.broadcast_to(np.log(liked + 1e-3)[None, :], fading.gain.shape),
    }


def _gains(fit: HawkesFit, name: str) -> dict[str, Floats]:
    """Sizes of a fit, and its gain beside those of other pairs."""
    gain = np.log1p(fit.gain)
    return {
        **_sizes(fit, name),
        f"hawkes:gain {name} per effect": np.log((fit.gain + 0.5) / _read(fit)[None, :]),
        f"hawkes:gain {name} against reverse": _signed_log(fit.gain - fit.gain.T),
        f"hawkes:gain {name} over typical": gain - np.median(gain, axis=0, keepdims=True),
        **_under_best(f"gain {name}", gain),
    }


def _sizes(fit: HawkesFit, name: str) -> dict[str, Floats]:
    """What of the effect, how much per cause, and how surely a fit blames on each cause."""
    blame, counts = fit.blame.sum(-1), _read(fit)
    return {
        f"hawkes:share {name}": np.log((blame + 0.5) / counts[None, :]),
        f"hawkes:offspring {name}": np.log((blame + 0.5) / counts[:, None]),
        f"hawkes:gain {name}": np.log1p(fit.gain),
    }


def _read(fit: HawkesFit) -> Floats:
    """(K,) events of each behaviour in the sample, and one."""
    return np.asarray(fit.blame.sum((0, 2)) + fit.background + 1.0)


def _shape(fit: HawkesFit) -> Floats:
    """(K, K, L) shares of a pair's blame by lag bin."""
    blame = fit.blame + 0.05
    return np.asarray(blame / blame.sum(-1, keepdims=True))


def _centre(shape: Floats) -> Floats:
    """(K, K) mean bin of a shape (K, K, L), over L."""
    bins = np.arange(shape.shape[2])
    return np.asarray((shape * bins).sum(-1) / len(bins))


def _under_best(name: str, x: Floats) -> dict[str, Floats]:
    """How far (K, K) values lie below the best other cause of the effect, and the best other effect of the cause."""
    others = np.where(np.eye(len(x), dtype=bool), -np.inf, x)
    return {
        f"hawkes:{name} under best cause": x - others.max(axis=0, keepdims=True),
        f"hawkes:{name} under best effect": x - others.max(axis=1, keepdims=True),
    }


def _adjacent(total: LagCounts) -> dict[str, Floats]:
    follows = total.follows[0].astype(np.float64)
    np.fill_diagonal(follows, 0.0)  # repeats of one behaviour would drown what follows what
    expected = np.outer(follows.sum(1), follows.sum(0))
    np.fill_diagonal(expected, 0.0)
    expected *= follows.sum() / max(expected.sum(), 1.0)
    ties = total.ties[0].astype(np.float64)
    events = total.events[0].astype(np.float64)
    nearest = total.nearest[0].astype(np.float64)
    rate = events / max(float(total.span[0]), 1.0)  # (K,) per tick
    by_chance = total.at_risk[0].astype(np.float64)[:, None, :] * rate[None, :, None]  # (K, K, L)
    columns = {
        "adjacent:follows log": np.log((follows + 1) / (expected + 1)),
        "adjacent:follows z": _signed_log((follows - expected) / np.sqrt(expected + 1)),
        "adjacent:follows order": _signed_log((follows - follows.T) / np.sqrt(follows + follows.T + 1)),
        "adjacent:tie share": np.log((ties + 0.5) / (events[None, :] + 1)),
        "adjacent:tie of all": np.log((ties + 1) / (follows + follows.T + 1)),
    }
    for name, part in zip(("short", "middle", "long"), _thirds(nearest.shape[2]), strict=True):
        columns[f"adjacent:nearest {name}"] = np.log(
            (nearest[..., part].sum(-1) + 1) / (by_chance[..., part].sum(-1) + 1)
        )
    return columns


def _frequency(total: LagCounts, expected: Floats) -> dict[str, Floats]:
    events = np.log1p(total.events[0].astype(np.float64))
    users = np.log1p(total.users_with[0].astype(np.float64))
    K = len(events)
    return {
        "frequency:cause": np.broadcast_to(events[:, None], (K, K)),
        "frequency:effect": np.broadcast_to(events[None, :], (K, K)),
        "frequency:users": np.minimum.outer(users, users),
        "frequency:chances": np.log1p(expected.sum(-1)),
    }


def _reliability(counts: LagCounts) -> dict[str, Floats]:
    """t-values over the G groups of users, of the excess and of the asymmetry at short and middle lags."""
    cut = _thirds(counts.pairs.shape[3])[1].stop
    pairs = counts.pairs[..., :cut].sum(-1).astype(np.float64)  # (G, K, K)
    excess = pairs - counts.expected[..., :cut].sum(-1) / EXPECTED_SCALE
    order = pairs - pairs.transpose(0, 2, 1)
    return {"reliability:excess": _group_t(excess), "reliability:order": _group_t(order)}


def _group_t(x: Floats) -> Floats:
    G = len(x)
    spread = x.std(axis=0, ddof=1) if G > 1 else np.zeros(x.shape[1:])
    return _signed_log(x.mean(axis=0) * np.sqrt(G) / (spread + 0.3))


def _type(total: LagCounts) -> dict[str, Floats]:
    items = np.array([b.item or "" for b in total.behaviours])
    kinds = np.array([b.kind for b in total.behaviours])
    itemised = items != ""
    both = np.logical_and.outer(itemised, itemised)
    return {
        "type:same item": (np.equal.outer(items, items) & both).astype(np.float64),
        "type:other item": (np.not_equal.outer(items, items) & both).astype(np.float64),
        "type:same kind": np.equal.outer(kinds, kinds).astype(np.float64),
    }


def _self(pairs: Floats, expected: Floats, fit: HawkesFit) -> dict[str, Floats]:
    K = len(pairs)
    short = _thirds(pairs.shape[2])[0]
    repeat = np.log(
        (np.einsum("iil->il", pairs)[:, short].sum(-1) + 1) / (np.einsum("iil->il", expected)[:, short].sum(-1) + 1)
    )
    blame = fit.blame.sum(-1)
    own = np.log((np.diag(blame) + 0.5) / (blame.sum(0) + fit.background + 1))
    unexplained = np.log((fit.background + 0.5) / (blame.sum(0) + fit.background + 1))
    return {
        "self:repeat of cause": np.broadcast_to(repeat[:, None], (K, K)),
        "self:repeat of effect": np.broadcast_to(repeat[None, :], (K, K)),
        "self:own share of cause": np.broadcast_to(own[:, None], (K, K)),
        "self:own share of effect": np.broadcast_to(own[None, :], (K, K)),
        "self:background of effect": np.broadcast_to(unexplained[None, :], (K, K)),
    }


def _surprise(found: Surprise) -> dict[str, Floats]:
    """What the far fit does not foretell of either behaviour, and of both at once."""
    K = len(found.by_user)
    by_user, in_time = np.log(found.by_user + LEAST_SURPRISE), np.log(found.in_time + LEAST_SURPRISE)
    return {
        "surprise:cause by user": np.broadcast_to(by_user[:, None], (K, K)),
        "surprise:effect by user": np.broadcast_to(by_user[None, :], (K, K)),
        "surprise:cause in time": np.broadcast_to(in_time[:, None], (K, K)),
        "surprise:effect in time": np.broadcast_to(in_time[None, :], (K, K)),
        "surprise:together": _signed_log(found.together),
    }
