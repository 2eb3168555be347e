"""A small network that reads columns: what signs and amounts are told by, beside the network of the edges.

One hidden layer over standardised, clipped columns. What it learned lies in one file that cannot run code, with the
names of the columns, so that a file of another make is noticed and not read wrongly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from causalviz.errors import UnreadableModel

COLUMNS = "columns"
CLIP = 4.0  # standard deviations
HIDDEN = 64

Network = TypeVar("Network", bound=nn.Module)


class Lessons(NamedTuple):
    """How a reader is trained.

    Attributes:
        epochs: Passes over the rows.
        batch: Rows of a step.
        decay: Of the weights.
        dropout: Share of hidden units dropped.
        seed: Of the first weights and of the order.
        learning_rate: At the start; it falls to 0 as a cosine does.
    """

    epochs: int
    batch: int
    decay: float
    dropout: float
    seed: int
    learning_rate: float = 2e-3


class Reader(nn.Module):
    """The network.

    Attributes:
        columns: D names of what it reads.
        mean: (D,) of them, over the rows that it was trained on.
        scale: (D,) standard deviations.
        dropout: Share of hidden units dropped in training.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, columns: tuple[str, ...], answers: int) -> None:
        super().__init__()
        self.columns = columns
        self.dropout = 0.0
        self.register_buffer("mean", torch.zeros(len(columns)))
        self.register_buffer("scale", torch.ones(len(columns)))
        self.layers = nn.Sequential(nn.Linear(len(columns), HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, answers))

    def forward(self, rows: Tensor) -> Tensor:
        """(N, answers) of (N, D) rows."""
        first, bend, last = self.layers
        x = ((rows - self.mean) / self.scale).clamp(-CLIP, CLIP)
        return torch.as_tensor(last(nn.functional.dropout(bend(first(x)), self.dropout, self.training)))


def chosen(
    wanted: Sequence[str], columns: Sequence[str], values: NDArray[np.float32], what: str
) -> NDArray[np.float32]:
    """The (N, n) wanted columns of (N, D) values, which may have more: others were added since a reader learned.

    Args:
        wanted: n names.
        columns: D names.
        values: As the columns say.
        what: Who wants them, for the error.

    Raises:
        UnreadableModel: If one is missing.
    """
    place = {name: number for number, name in enumerate(columns)}
    missing = next((name for name in wanted if name not in place), None)
    if missing is not None:
        raise UnreadableModel(
            f"The {what} were learned from other features than this version measures ({missing!r} is one); learn anew."
        )
    return values[:, [place[name] for name in wanted]]


Learner = TypeVar("Learner", bound=Reader)


def learn(
    make: Callable[[], Learner], rows: Tensor, loss: Callable[[Tensor, Tensor], Tensor], lessons: Lessons
) -> Learner:
    """Trains a reader; other randomness is left alone.

    Args:
        make: Makes the untrained one.
        rows: (N, D).
        loss: Of the (n, answers) answers to the rows with the given (n,) numbers.
        lessons: How.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lessons.seed)
        network = make().train()
        network.dropout = lessons.dropout
        network.mean.copy_(rows.mean(0))
        network.scale.copy_(rows.std(0).clamp_min(1e-3))
        optimiser = torch.optim.AdamW(network.parameters(), lr=lessons.learning_rate, weight_decay=lessons.decay)
        steps = lessons.epochs * -(-len(rows) // lessons.batch)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for _ in range(lessons.epochs):
            for some in torch.randperm(len(rows)).split(lessons.batch):  # type: ignore[no-untyped-call]
                optimiser.zero_grad()
                loss(network(rows[some]), some).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                schedule.step()
    return network.eval()


def write(network: nn.Module, columns: object, path: Path) -> None:
    """Writes the weights, with the names of the columns as JSON.

    Raises:
        OSError: If the disk refuses.
    """
    save_file(network.state_dict(), str(path), {COLUMNS: json.dumps(columns)})


def read(path: Path, make: Callable[[Any], Network], what: str) -> Network:
    """Reads what ``write`` wrote.

    Args:
        path: The file.
        make: Makes the network from the names of the columns, as JSON gives them.
        what: What the file holds, for the error.

    Raises:
        UnreadableModel: If the file is missing or damaged.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            network = make(json.loads((file.metadata() or {})[COLUMNS]))
            network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableModel(
            f"The {what} in {path.parent} cannot be read ({reason}); install the program anew."
        ) from error
    return network.eval()
