"""A recurrent alternative: a small GRU over histories, scored by its own attributions.

The network reads a history event by event, each as its behaviour and a bin of the gap before it, and foretells the
next behaviour and the bin of the gap before that. From a state h it gives behaviour j the rate

    lambda_j(h) = p(next = j | h) / E[gap | h],        E[gap | h] = sum_b q_b(h) m_b,

with q_b its probability of gap bin b and m_b the mean gap in that bin. The score of cause i on effect j is how much of
the effect's rate would go if the cause's events had not been there, on histories that were never trained on:

    S_ij = mean over moments t, at which i lies in the history h_t, of  log lambda_j(h_t) - log lambda_j(h_t without i).

``h_t without i`` is the history up to t with all events of i deleted, the gaps on both sides joined, and read again by
the same network. S_ij > 0: events of i raise the rate of j. Sources: deletion as attribution is the prediction
difference of Robnik-Sikonja & Kononenko (2008) and the occlusion of Zeiler & Fergus (2014); reading Granger causality
between event types out of a recurrent network's attributions is the idea of Zhang et al. (CAUSE, ICML 2020), who use
integrated gradients. The network is Cho et al.'s GRU (2014).

The scores rank pairs, and are no probabilities: nothing calibrates them, and a behaviour that merely goes before
another one in a chain or comes with it from a common cause may score as high as a direct cause.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from causalviz.errors import SettingsError, TrainingFailed
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.model.gaps import Gaps

Floats = NDArray[np.float64]

HELDOUT_SHARE = 0.25  # of the users
GAP_BINS = 8
BATCH = 32  # windows in one step
LEAST_WINDOWS = 8
EMBEDDED = 16


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig:
    """How to train.

    Attributes:
        hidden: Width of the state, 4 to 256.
        epochs: Passes over the histories, 1 to 100.
        learning_rate: Of Adam, above 0 and at most 0.1.
        window: Longest stretch of a history, in events; longer histories are cut into several.
        windows: At most so many are read, drawn at random; a quarter of the users is kept aside.
        seed: Of initial weights, drawing and order.
    """

    hidden: int = 32
    epochs: int = 10
    learning_rate: float = 5e-3
    window: int = 48
    windows: int = 800
    seed: int = 0

    def __post_init__(self) -> None:
        if not (4 <= self.hidden <= 256 and 1 <= self.epochs <= 100):
            raise SettingsError(
                "Hidden width and epochs must be between 4 and 256 and between 1 and 100 "
                f"(got {self.hidden} and {self.epochs})."
            )
        if not 0 < self.learning_rate <= 0.1:
            raise SettingsError(f"The learning rate must be between 0 and 0.1 (got {self.learning_rate}).")
        if self.window < 4 or self.windows < LEAST_WINDOWS:
            raise SettingsError(
                f"A window needs 4 events or more, and there must be {LEAST_WINDOWS} of them or more "
                f"(got {self.window} and {self.windows})."
            )


class RecurrentStep(NamedTuple):
    """Progress: epochs done with losses (nats per event), or behaviours whose deletion was tried."""

    stage: Literal["training", "deleting"]
    done: int
    total: int
    loss: float | None = None
    heldout_loss: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, eq=False)
class RecurrentScores:
    """What the network's attributions say of every pair.

    Attributes:
        log_fingerprint: Of the log.
        names: The K behaviours.
        score: (K, K) S_ij [cause, effect], nats; NaN on the diagonal and where the cause was in no history kept aside.
        moments: (K,) moments at which each cause lay in the history.
        heldout_loss: Nats per event on histories that were never trained on, behaviour and gap together.
        free_loss: The same for shares alone, without any history; what the network has to beat.
        steps: All that was told.
        config: How it was trained.
    """

    log_fingerprint: str
    names: tuple[str, ...]
    score: Floats
    moments: NDArray[np.int64]
    heldout_loss: float
    free_loss: float
    steps: tuple[RecurrentStep, ...]
    config: RecurrentConfig


class _Histories(NamedTuple):
    """N windows of at most T events: behaviour (N, T) with -1 after the end, gap_s (N, T) before each event."""

    behaviour: NDArray[np.int64]
    gap_s: Floats

    def take(self, rows: NDArray[np.intp]) -> _Histories:
        return _Histories(self.behaviour[rows], self.gap_s[rows])


class GRUNetwork(nn.Module):
    """Next behaviour and gap bin from the events so far; see the module's docstring."""

    def __init__(self, behaviours: int, gap_bins: int, hidden: int) -> None:
        super().__init__()
        self.behaviour = nn.Embedding(behaviours + 1, EMBEDDED)  # the last one begins every history
        self.gap = nn.Embedding(gap_bins, EMBEDDED)
        self.reader = nn.GRU(EMBEDDED, hidden, batch_first=True)
        self.next_behaviour = nn.Linear(hidden, behaviours)
        self.next_gap = nn.Linear(hidden, gap_bins)

    def forward(self, behaviour: Tensor, gap: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, T, K) and (N, T, B) of what follows each of the events (N, T)."""
        states, _ = self.reader(self.behaviour(behaviour) + self.gap(gap))  # (N, T, H)
        return self.next_behaviour(states), self.next_gap(states)


def train_recurrent(
    log: EventLog,
    config: RecurrentConfig | None = None,
    *,
    on_step: Callable[[RecurrentStep], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> RecurrentScores | None:
    """Trains the network on a log's histories and scores every pair by deletion.

    Args:
        log: The log; a sample of its histories is read.
        config: How.
        on_step: Told after each epoch and each behaviour.
        cancelled: Asked at each step and after each behaviour.

    Returns:
        The scores; None if it was cancelled.

    Raises:
        TrainingFailed: If the loss is not a number, or the log has too few histories of two events or more.
    """
    config = config or RecurrentConfig()
    stop = cancelled or (lambda: False)
    steps: list[RecurrentStep] = []

    def tell(step: RecurrentStep) -> None:
        steps.append(step)
        if on_step is not None:
            on_step(step)

    learned, aside = _histories(log, config)
    gaps = Gaps.of(learned.gap_s[learned.behaviour >= 0], GAP_BINS)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = GRUNetwork(log.n_behaviours, len(gaps.mean), config.hidden)
    if not _fit(network, learned, aside, gaps, config, tell, stop):
        return None
    scored = _deletions(network.eval(), aside, gaps, log.n_behaviours, tell, stop)
    if scored is None:
        return None
    heldout = _watch(network, aside, gaps)
    free = _free_loss(learned, aside, gaps, log.n_behaviours)
    return RecurrentScores(log.fingerprint, log.names, *scored, heldout, free, tuple(steps), config)


def _histories(log: EventLog, config: RecurrentConfig) -> tuple[_Histories, _Histories]:
    """Windows to learn from, and windows of other users."""
    first = np.arange(0, log.n_events)
    place = first - log.offsets[log.user]  # of each event in its user's history
    starts = first[place % config.window == 0]
    stops = np.minimum(starts + config.window, log.offsets[log.user[starts] + 1])
    long_enough = stops - starts >= 2
    starts, stops = starts[long_enough], stops[long_enough]
    rng = np.random.default_rng(config.seed)
    if len(starts) > config.windows:
        chosen = np.sort(rng.choice(len(starts), config.windows, replace=False))
        starts, stops = starts[chosen], stops[chosen]
    users = np.unique(log.user[starts])
    if len(starts) < LEAST_WINDOWS or len(users) < 2:
        raise TrainingFailed(
            f"A recurrent network needs {LEAST_WINDOWS} histories of two events or more, of two users or more (there "
            f"are {len(starts)}, of {len(users)}); choose a larger log."
        )
    kept_aside = rng.permutation(users)[: max(1, round(HELDOUT_SHARE * len(users)))]
    N, T = len(starts), int((stops - starts).max())
    behaviour, gap_s = np.full((N, T), -1, np.int64), np.zeros((N, T))
    for row, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        behaviour[row, : stop - start] = log.behaviour[start:stop]
        gap_s[row, 1 : stop - start] = np.diff(log.time[start:stop]) / TICKS_PER_S
    windows, is_aside = _Histories(behaviour, gap_s), np.isin(log.user[starts], kept_aside)
    return windows.take(np.flatnonzero(~is_aside)), windows.take(np.flatnonzero(is_aside))


def _inputs(histories: _Histories, gaps: Gaps, K: int) -> tuple[Tensor, Tensor]:
    """(N, T + 1) behaviours and gap bins, with the event that begins every history before them."""
    N = len(histories.behaviour)
    behaviour = np.concatenate([np.full((N, 1), K), np.where(histories.behaviour < 0, K, histories.behaviour)], axis=1)
    gap = np.concatenate([np.zeros((N, 1), np.int64), gaps.code(histories.gap_s)], axis=1)
    return torch.from_numpy(behaviour), torch.from_numpy(gap)


def _loss(network: GRUNetwork, histories: _Histories, gaps: Gaps) -> Tensor:
    """Nats per event: of its behaviour, and of its gap but for a window's first."""
    K = network.next_behaviour.out_features
    behaviour, gap = _inputs(histories, gaps, K)
    kinds, waits = network(behaviour[:, :-1], gap[:, :-1])
    there = behaviour[:, 1:] < K
    later = there.clone()
    later[:, 0] = False
    cross_entropy = nn.functional.cross_entropy
    of_kinds = cross_entropy(kinds[there], behaviour[:, 1:][there], reduction="sum")
    of_waits = cross_entropy(waits[later], gap[:, 1:][later], reduction="sum")
    return (of_kinds + of_waits) / there.sum()


def _fit(
    network: GRUNetwork,
    learned: _Histories,
    aside: _Histories,
    gaps: Gaps,
    config: RecurrentConfig,
    tell: Callable[[RecurrentStep], None],
    stop: Callable[[], bool],
) -> bool:
    """Trains in place; False if it was stopped."""
    rng = np.random.default_rng(config.seed)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    began, N = time.monotonic(), len(learned.behaviour)
    for epoch in range(1, config.epochs + 1):
        total = 0.0
        for rows in np.array_split(rng.permutation(N), -(-N // BATCH)):
            if stop():
                return False
            loss = _loss(network, learned.take(rows), gaps)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            total += float(loss.detach()) * len(rows)
        if not np.isfinite(total):
            raise TrainingFailed(
                f"The loss became {total} in epoch {epoch}; lower the learning rate (was {config.learning_rate:g})."
            )
        left = (time.monotonic() - began) / epoch * (config.epochs - epoch)
        tell(RecurrentStep("training", epoch, config.epochs, total / N, _watch(network, aside, gaps), left))
    return True


def _watch(network: GRUNetwork, histories: _Histories, gaps: Gaps) -> float:
    with torch.no_grad():
        return float(_loss(network, histories, gaps))


def _free_loss(learned: _Histories, aside: _Histories, gaps: Gaps, K: int) -> float:
    """Nats per event of the shares of behaviours and of gap bins, each with one event more than was seen."""

    def codes(histories: _Histories) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        there = histories.behaviour >= 0
        later = there.copy()
        later[:, 0] = False
        return histories.behaviour[there], gaps.code(histories.gap_s[later])

    seen, asked = codes(learned), codes(aside)
    total = 0.0
    for before, now, n in zip(seen, asked, (K, len(gaps.mean)), strict=True):
        share = (np.bincount(before, minlength=n) + 1.0) / (len(before) + n)
        total -= float(np.log(share[now]).sum())
    return total / len(asked[0])


def _log_rates(network: GRUNetwork, histories: _Histories, gaps: Gaps) -> Floats:
    """(N, T + 1, K) log lambda after each event, and before the first."""
    K = network.next_behaviour.out_features
    with torch.no_grad():
        kinds, waits = network(*_inputs(histories, gaps, K))
        expected = waits.softmax(-1).double() @ torch.from_numpy(gaps.mean)  # (N, T + 1)
        return np.asarray(kinds.double().log_softmax(-1).numpy() - expected.log().numpy()[..., None])


def _deletions(
    network: GRUNetwork,
    aside: _Histories,
    gaps: Gaps,
    K: int,
    tell: Callable[[RecurrentStep], None],
    stop: Callable[[], bool],
) -> tuple[Floats, NDArray[np.int64]] | None:
    """(K, K) scores and (K,) moments; None if it was stopped."""
    whole = _log_rates(network, aside, gaps)  # (N, T + 1, K)
    score, moments = np.full((K, K), np.nan), np.zeros(K, np.int64)
    began = time.monotonic()
    for cause in range(K):
        if stop():
            return None
        rows = np.flatnonzero((aside.behaviour == cause).any(1))
        if len(rows):
            here = aside.take(rows)
            kept, place = _without(here, cause)
            after = _log_rates(network, kept, gaps)  # (n, T + 1, K)
            before = whole[rows][:, 1:]  # after each event
            counted = (np.cumsum(here.behaviour == cause, axis=1) > 0) & (here.behaviour >= 0)  # (n, T)
            change = before[counted] - after[np.arange(len(rows))[:, None], place][counted]  # (moments, K)
            score[cause], moments[cause] = change.mean(0), len(change)
        left = (time.monotonic() - began) / (cause + 1) * (K - cause - 1)
        tell(RecurrentStep("deleting", cause + 1, K, seconds_left=left))
    np.fill_diagonal(score, np.nan)
    return score, moments


def _without(histories: _Histories, cause: int) -> tuple[_Histories, NDArray[np.int64]]:
    """The histories without a behaviour, and (N, T) how many events of what is left lie up to each moment."""
    keep = (histories.behaviour != cause) & (histories.behaviour >= 0)
    place = np.cumsum(keep, axis=1)
    behaviour, gap_s = np.full_like(histories.behaviour, -1), np.zeros_like(histories.gap_s)
    since = np.cumsum(histories.gap_s, axis=1)  # since the window's first event
    row, at = np.nonzero(keep)
    behaviour[row, place[row, at] - 1] = histories.behaviour[row, at]
    moment = np.zeros_like(since)
    moment[row, place[row, at] - 1] = since[row, at]
    gap_s[:, 1:] = np.maximum(np.diff(moment, axis=1), 0.0)
    gap_s[behaviour < 0] = 0.0
    return _Histories(behaviour, gap_s), place
