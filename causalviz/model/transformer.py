"""A causal transformer over histories: which behaviour is next, from all that came before.

Every event is the sum of three embeddings, of its behaviour, of the gap before it and of its place in the window.
Layers of masked self-attention let it look at earlier events only (Kang & McAuley 2018, SASRec). The last event of a
moment foretells the whole next moment, all of whose events count alike, so that the order of ties tells nothing.

A *prior* may stand under it: log chances that another model gives, such as the causal rates. They are added to the
network's own answer with a learned weight; before the first step the answer is the prior itself, and what the network
learns is where that errs.

The last part of the time is never learned from. It says when to stop.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from causalviz.errors import SettingsError, TrainingFailed
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.model.copying import Copying
from causalviz.model.gaps import Gaps

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

GAP_BINS = 16
ASIDE = 0.1  # of the time: says when to stop
BATCH = 64  # windows
DROPOUT = 0.1
PATIENCE = 2  # epochs without a better held-out loss
LEAST_MOMENTS = 20
LEAST_SEEN = 20  # events of a behaviour, below which it is taken as new
ESTRANGED, STRANGE = 0.3, 0.3  # share of the windows in which some behaviours are taken as new, and of these
RARE = -3.0
FASTER = 10.0  # the parameters of copying: a dozen that all behaviours share


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """How to train.

    Attributes:
        hidden: Width, a multiple of ``heads``, 8 to 512.
        layers: Of attention, 1 to 8.
        heads: Of each layer.
        window: Longest stretch of a history that is read, in events, 2 to 1000.
        windows: At most so many are learned from, drawn at random.
        epochs: Passes over them, at most; training ends earlier where the held-out loss stops falling.
        learning_rate: Of Adam, above 0 and at most 0.1.
        seed: Of initial weights, drawing, order and dropout.

    Raises:
        SettingsError: If a number is out of its range.
    """

    hidden: int = 48
    layers: int = 2
    heads: int = 2
    window: int = 40
    windows: int = 6_000
    epochs: int = 12
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if not 8 <= self.hidden <= 512 or self.heads < 1 or self.hidden % self.heads:
            raise SettingsError(
                f"The width must be 8 to 512 and a multiple of the heads (got {self.hidden} and {self.heads})."
            )
        ranges = {"layers": (1, 8), "window": (2, 1000), "windows": (1, 10**7), "epochs": (1, 1000)}
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise SettingsError(f"{name} must be {least} to {most} (got {getattr(self, name)}).")
        if not 0 < self.learning_rate <= 0.1:
            raise SettingsError(f"The learning rate must be above 0 and at most 0.1 (got {self.learning_rate:g}).")


class TransformerStep(NamedTuple):
    """An epoch that is over: losses in nats per event that was foretold."""

    epoch: int
    epochs: int
    loss: float
    heldout_loss: float


class NextNetwork(nn.Module):
    """Log chances of the next behaviour after each event; see the module's docstring."""

    def __init__(self, behaviours: int, gap_bins: int, config: TransformerConfig) -> None:
        super().__init__()
        width = config.hidden
        self.behaviour = nn.Embedding(behaviours, width)
        self.strange = nn.Parameter(torch.zeros(width))  # what is read in place of a behaviour that is new
        self.rare = nn.Parameter(torch.tensor(RARE))  # its log odds, whichever it is, where no prior says more
        self.gap = nn.Embedding(gap_bins, width)
        self.place = nn.Embedding(config.window, width)
        layer = nn.TransformerEncoderLayer(
            width, config.heads, 2 * width, DROPOUT, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, config.layers, nn.LayerNorm(width), enable_nested_tensor=False)
        self.next = nn.Linear(width, behaviours)
        self.trust = nn.Parameter(torch.ones(()))  # in the prior
        self.copying = Copying(width)
        nn.init.zeros_(self.next.weight)
        nn.init.zeros_(self.next.bias)

    def forward(self, behaviour: Tensor, gap: Tensor, prior: Tensor | None, new: Tensor) -> Tensor:
        """(N, T, K) log chances.

        Args:
            behaviour: (N, T) codes; what stands after a window's end is of no matter.
            gap: (N, T) bins of the gaps before the events.
            prior: (N, T, K) log chances of another model, or None.
            new: (N, K) True for the behaviours that are taken as never seen before the window.
        """
        T = behaviour.shape[1]
        mask = torch.ones(T, T, dtype=torch.bool, device=behaviour.device).triu(1)
        known = torch.where(new.gather(1, behaviour)[..., None], self.strange, self.behaviour(behaviour))
        told = known + self.gap(gap) + self.place(torch.arange(T, device=behaviour.device))
        state = self.layers(told, mask=mask)
        logits = torch.where(new[:, None, :], self.rare if prior is None else 0.0, self.next(state))
        if prior is not None:
            logits = logits + self.trust * prior
        chances: Tensor = self.copying(logits.log_softmax(-1), state, behaviour)
        return chances


class Packed(NamedTuple):
    """A trained network as plain values, which can go from one process to another; see ``Transformer``.

    Attributes:
        weights: Arrays by their names in the network.
        gaps: Bins of the gaps.
        new: (K,) True for the behaviours that it learned too little of.
        config: How it was trained.
        steps: Its epochs.
    """

    weights: dict[str, NDArray[np.float32]]
    gaps: Gaps
    new: NDArray[np.bool_]
    config: TransformerConfig
    steps: tuple[TransformerStep, ...]

    def opened(self) -> Transformer:
        """The network again, on the device that this process has."""
        network = NextNetwork(len(self.new), len(self.gaps.mean), self.config).to(_device())
        network.load_state_dict({name: torch.from_numpy(array) for name, array in self.weights.items()})
        return Transformer(network.eval(), self.gaps, self.new, self.config, self.steps)


@dataclass(frozen=True, eq=False)
class Transformer:
    """A trained network.

    Attributes:
        network: On the device that it was trained on.
        gaps: Bins of the gaps.
        new: (K,) True for the behaviours that it learned too little of.
        config: How it was trained.
        steps: Its epochs.
    """

    network: NextNetwork
    gaps: Gaps
    new: NDArray[np.bool_]
    config: TransformerConfig
    steps: tuple[TransformerStep, ...]

    def packed(self) -> Packed:
        """All of it as plain values."""
        weights = {name: tensor.cpu().numpy() for name, tensor in self.network.state_dict().items()}
        return Packed(weights, self.gaps, self.new, self.config, self.steps)

    def log_chances(self, log: EventLog, events: Rows, prior: Floats | None = None) -> Floats:
        """(S, K) log chances of what the moment after each event holds.

        Args:
            log: M events over the same K behaviours; read up to each event, never further.
            events: (S,) rows of the log, each the last one of its moment.
            prior: (S, K) log chances of the model that it was trained on, or None if there was none.
        """
        found = np.empty((len(events), log.n_behaviours))
        reader = _Reader(log, self.gaps)
        device = self.network.trust.device
        self.network.eval()
        for start in range(0, len(events), 4 * BATCH):
            part = slice(start, start + 4 * BATCH)
            ends = events[part]
            starts = np.maximum(log.offsets[log.user[ends]], ends - self.config.window + 1)
            window = reader.read(starts, ends + 1)
            last = ends - starts
            under = None
            if prior is not None:
                under = np.zeros((*window.behaviour.shape, log.n_behaviours), np.float32)
                under[np.arange(len(ends)), last] = prior[part]
            with torch.no_grad():
                new = torch.from_numpy(self.new).to(device).expand(len(ends), -1)
                answer = self.network(*window.tensors(device), _tensor(under, device), new)
            found[part] = answer[torch.arange(len(ends)), torch.from_numpy(last).to(device)].cpu().double().numpy()
        return found


def train_transformer(
    log: EventLog,
    config: TransformerConfig | None = None,
    *,
    prior: Floats | None = None,
    on_epoch: Callable[[TransformerStep], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Transformer | None:
    """Trains a network on a log's histories.

    Args:
        log: M events.
        config: How; None for the defaults.
        prior: (M, K) log chances that another model gives for the moment after each event, or None. What it learned
            from must end where the held-out part begins (``held_out_from``), or that part will flatter it.
        on_epoch: Told after each epoch.
        cancelled: Asked at each step.

    Returns:
        The network of the epoch with the least held-out loss; None if it was cancelled.

    Raises:
        TrainingFailed: If the loss is not a number, or there is too little to learn from.
    """
    config = config or TransformerConfig()
    moments = _Moments.of(log)
    starts, stops = _windows(log, config)
    learned = moments.followed & (moments.next_time < held_out_from(log))
    aside = moments.followed & ~learned
    at, watched = _with_any(starts, stops, learned), _with_any(starts, stops, aside)
    if learned.sum() < LEAST_MOMENTS or not len(at[0]) or not len(watched[0]):
        raise TrainingFailed(
            f"A transformer needs {LEAST_MOMENTS} moments with one after them, and some in the last tenth of the time "
            f"(there are {int(learned.sum())} and {int(aside.sum())}); choose a larger log."
        )
    gaps = Gaps.of(np.diff(log.time)[np.diff(log.user) == 0] / TICKS_PER_S, GAP_BINS)
    device = _device()
    rng, steps = np.random.default_rng(config.seed), []
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        network = NextNetwork(log.n_behaviours, len(gaps.mean), config).to(device)
        seen = np.bincount(log.behaviour[log.time < held_out_from(log)], minlength=log.n_behaviours)
        new = seen < LEAST_SEEN
        task = _Task(network, _Reader(log, gaps), moments, prior, torch.from_numpy(new).to(device))
        best, least, stale = copy.deepcopy(network.state_dict()), task.watch(*watched, aside), 0
        optimiser = torch.optim.Adam(_parameters(network, config.learning_rate), weight_decay=1e-5)
        for epoch in range(1, config.epochs + 1):
            order = rng.permutation(len(at[0]))
            loss = task.learn(at[0][order], at[1][order], learned, optimiser, cancelled)
            if loss is None:
                return None
            if not np.isfinite(loss):
                raise TrainingFailed(
                    f"The loss became {loss} in epoch {epoch}; lower the learning rate (was {config.learning_rate:g})."
                )
            step = TransformerStep(epoch, config.epochs, loss, task.watch(*watched, aside))
            steps.append(step)
            if on_epoch is not None:
                on_epoch(step)
            if step.heldout_loss < least:
                best, least, stale = copy.deepcopy(network.state_dict()), step.heldout_loss, 0
            else:
                stale += 1
                if stale == PATIENCE:
                    break
    network.load_state_dict(best)
    return Transformer(network.eval(), gaps, new, config, tuple(steps))


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _parameters(network: NextNetwork, rate: float) -> list[dict[str, list[nn.Parameter] | float]]:
    """The network's, and the few of copying, which are common to all behaviours and move faster."""
    copying = {id(one) for one in network.copying.parameters()}
    others = [one for one in network.parameters() if id(one) not in copying]
    return [{"params": others, "lr": rate}, {"params": list(network.copying.parameters()), "lr": FASTER * rate}]


def held_out_from(log: EventLog) -> float:
    """The moment, in ticks, from which on nothing is learned."""
    return float(np.quantile(log.time, 1 - ASIDE))


class _Moments(NamedTuple):
    """What follows each event.

    Attributes:
        followed: (M,) True for the last event of a moment after which the user has another one.
        next_time: (M,) ticks of that next moment; 0 elsewhere.
        first: (M,) row at which the next moment begins.
        stop: (M,) row at which it ends.
        behaviour: (M,) codes of the log.
    """

    followed: NDArray[np.bool_]
    next_time: Rows
    first: Rows
    stop: Rows
    behaviour: NDArray[np.int32]

    @classmethod
    def of(cls, log: EventLog) -> _Moments:
        M = log.n_events
        changes = (np.diff(log.user) != 0) | (np.diff(log.time) != 0)
        opens = np.flatnonzero(np.concatenate([[True], changes]))
        ends = np.append(opens[1:], M)
        last = ends - 1
        followed, next_time = np.zeros(M, bool), np.zeros(M, np.int64)
        first, stop = np.zeros(M, np.int64), np.zeros(M, np.int64)
        same = np.flatnonzero(log.user[last[:-1]] == log.user[opens[1:]])
        followed[last[same]] = True
        next_time[last[same]] = log.time[opens[same + 1]]
        first[last[same]], stop[last[same]] = opens[same + 1], ends[same + 1]
        return cls(followed, next_time, first, stop, log.behaviour)

    def targets(self, rows: Rows, K: int) -> NDArray[np.float32]:
        """(S, K) how often each behaviour happens in the moment after each of these events."""
        sizes = self.stop[rows] - self.first[rows]
        which = np.repeat(np.arange(len(rows)), sizes)
        at = np.repeat(self.first[rows] - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        counts = np.zeros((len(rows), K), np.float32)
        np.add.at(counts, (which, self.behaviour[at]), 1.0)
        return counts


class _Window(NamedTuple):
    """N stretches of at most T events: behaviour, gap bin and row in the log, (N, T), -1 for no row."""

    behaviour: Rows
    gap: Rows
    row: Rows

    def tensors(self, device: torch.device) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self.behaviour).to(device), torch.from_numpy(self.gap).to(device)


class _Reader:
    """Cuts windows out of a log."""

    def __init__(self, log: EventLog, gaps: Gaps) -> None:
        gap_s = np.zeros(log.n_events)
        gap_s[1:] = np.diff(log.time) / TICKS_PER_S
        gap_s[log.offsets[:-1][np.diff(log.offsets) > 0]] = 0.0  # nothing came before a user's first event
        self._behaviour = log.behaviour.astype(np.int64)
        self._gap = gaps.code(gap_s)

    def read(self, starts: Rows, stops: Rows) -> _Window:
        """The events from each start to before each stop, at the left of the window."""
        T = int((stops - starts).max())
        row = starts[:, None] + np.arange(T)
        there = row < stops[:, None]
        safe = np.where(there, row, 0)
        return _Window(
            np.where(there, self._behaviour[safe], 0), np.where(there, self._gap[safe], 0), np.where(there, row, -1)
        )


class _Task:
    """The loss of windows: cross-entropy of what the next moments hold, nats."""

    def __init__(
        self, network: NextNetwork, reader: _Reader, moments: _Moments, prior: Floats | None, new: Tensor
    ) -> None:
        self._network, self._reader, self._moments = network, reader, moments
        self._prior = None if prior is None else prior.astype(np.float32)
        self._device, self._new = new.device, new

    def loss(self, starts: Rows, stops: Rows, counted: NDArray[np.bool_], estranged: float) -> tuple[Tensor, float]:
        """Sum over the events foretold from the counted ones, and how many these are; in so many windows some
        behaviours are taken as new, so that the network learns what to do with such."""
        window = self._reader.read(starts, stops)
        under = None if self._prior is None else self._prior[np.maximum(window.row, 0)]
        new = self._new.expand(len(starts), -1)
        if estranged:
            drawn = torch.rand(len(starts), 1, device=self._device) < estranged
            new = new | (drawn & (torch.rand(new.shape, device=self._device) < STRANGE))
        chances = self._network(*window.tensors(self._device), _tensor(under, self._device), new)
        at = np.nonzero((window.row >= 0) & counted[np.maximum(window.row, 0)])
        target = self._moments.targets(window.row[at], chances.shape[2])
        asked = chances[tuple(torch.from_numpy(place).to(self._device) for place in at)]
        return -(asked * torch.from_numpy(target).to(self._device)).sum(), float(target.sum())

    def learn(
        self, starts: Rows, stops: Rows, counted: NDArray[np.bool_], optimiser: torch.optim.Optimizer,
        cancelled: Callable[[], bool],
    ) -> float | None:  # fmt: skip
        """One pass over the windows in their order; the mean loss on the way, or None if it was cancelled."""
        self._network.train()
        total, count = 0.0, 0.0
        for rows in np.array_split(np.arange(len(starts)), -(-len(starts) // BATCH)):
            if cancelled():
                return None
            loss, weight = self.loss(starts[rows], stops[rows], counted, ESTRANGED)
            optimiser.zero_grad()
            (loss / weight).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            optimiser.step()
            total, count = total + float(loss.detach()), count + weight
        return total / count

    def watch(self, starts: Rows, stops: Rows, counted: NDArray[np.bool_]) -> float:
        """Mean loss without learning."""
        self._network.eval()
        total, count = 0.0, 0.0
        with torch.no_grad():
            for rows in np.array_split(np.arange(len(starts)), -(-len(starts) // (4 * BATCH))):
                loss, weight = self.loss(starts[rows], stops[rows], counted, 0.0)
                total, count = total + float(loss), count + weight
        return total / count


def _windows(log: EventLog, config: TransformerConfig) -> tuple[Rows, Rows]:
    """Where stretches of histories begin and end; half of a stretch comes again as the past of the next one."""
    place = np.arange(log.n_events) - log.offsets[log.user]
    starts = np.flatnonzero(place % max(1, config.window // 2) == 0)
    stops = np.minimum(starts + config.window, log.offsets[log.user[starts] + 1])
    if len(starts) > config.windows:
        chosen = np.random.default_rng(config.seed).choice(len(starts), config.windows, replace=False)
        starts, stops = starts[np.sort(chosen)], stops[np.sort(chosen)]
    return starts, stops


def _with_any(starts: Rows, stops: Rows, counted: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """The windows in which any event counts."""
    reached = np.concatenate([[0], np.cumsum(counted)])
    kept = reached[stops] > reached[starts]
    return starts[kept], stops[kept]


def _tensor(values: NDArray[np.float32] | None, device: torch.device) -> Tensor | None:
    return None if values is None else torch.from_numpy(values).to(device)
