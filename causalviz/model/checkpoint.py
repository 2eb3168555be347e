"""The network on disk: ``weights.safetensors`` and ``card.json``, never a pickle.

The card holds the network's shape, its calibration and how it was made. What its worlds looked like lies beside the
weights, under names that begin with ``FAMILIARITY``; older models have none.
"""

from __future__ import annotations

import errno
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from causalviz.errors import SettingsError, UnreadableModel
from causalviz.model.edge_model import EdgeModel
from causalviz.model.familiarity import Familiarity, summary_width
from causalviz.model.network import EdgeNetwork, NetworkConfig

FORMAT = 2  # raise when older models cannot be read any more
FAMILIARITY = "familiarity."
WEIGHTS, CARD = "weights.safetensors", "card.json"
DAMAGE = (
    OSError, ValueError, KeyError, TypeError, RuntimeError, OverflowError, SettingsError, SafetensorError,
)  # fmt: skip
PRIOR_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "prior"


def save_model(model: EdgeModel, folder: Path) -> None:
    """Writes a model into an existing folder.

    Args:
        model: The model; its card is stored beside the weights.
        folder: Where; files of the same names are replaced.

    Raises:
        OSError: If the disk refuses.
    """
    try:
        save_file(tensors_of(model), str(folder / WEIGHTS))
    except SafetensorError as error:
        raise OSError(errno.EIO, str(error), str(folder)) from error
    (folder / CARD).write_text(card_text(model), encoding="utf-8")


def tensors_of(model: EdgeModel) -> dict[str, torch.Tensor]:
    """The weights, and what the network's worlds looked like."""
    tensors = dict(model.network.state_dict())
    if model.familiarity is not None:
        arrays = model.familiarity.tensors().items()
        tensors |= {FAMILIARITY + name: torch.from_numpy(array) for name, array in arrays}
    return tensors


def card_text(model: EdgeModel) -> str:
    """The card as JSON."""
    card = {
        "format": FORMAT,
        "shape": model.shape,
        "slope": model.slope,
        "intercept": model.intercept,
        "card": model.card,
    }
    return json.dumps(card, ensure_ascii=False, indent=1) + "\n"


def load_model(folder: Path) -> EdgeModel:
    """Reads a model.

    Raises:
        UnreadableModel: If a file is missing or damaged, a number is none, or the weights do not fit the card.
    """
    place = f"The model in {folder}"
    with readable(place):
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        check_format(card, place)
        return model_of(card, load_file(str(folder / WEIGHTS)))


@contextmanager
def readable(place: str) -> Iterator[None]:
    """Names damage in a sentence.

    Args:
        place: Begins it: which model.
    """
    try:
        yield
    except DAMAGE as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableModel(f"{place} cannot be read ({reason}); choose another one.") from error


def check_format(card: Mapping[str, object], place: str) -> None:
    """Refuses a card of another format.

    Raises:
        UnreadableModel: If it is one.
        KeyError: If it does not say.
    """
    if card["format"] != FORMAT:
        raise UnreadableModel(f"{place} has format {card['format']}, this version reads {FORMAT}; train it anew.")


def model_of(card: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> EdgeModel:
    """A model from what its files say; what does not fit raises one of ``DAMAGE``."""
    slope, intercept = float(card["slope"]), float(card["intercept"])
    if not all(w.dtype == torch.float32 and bool(w.isfinite().all()) for w in tensors.values()):
        raise ValueError("weights that are no finite numbers")
    if not (math.isfinite(slope) and math.isfinite(intercept)):
        raise ValueError("a calibration that is no finite number")
    with torch.device("meta"):  # takes no memory, whatever shape a stranger's card asks for
        network = EdgeNetwork(NetworkConfig(**card["shape"]))
    network.load_state_dict({n: w for n, w in tensors.items() if not n.startswith(FAMILIARITY)}, assign=True)
    return EdgeModel(network, slope, intercept, dict(card["card"]), _familiarity(tensors, network.config))


def _familiarity(tensors: Mapping[str, torch.Tensor], config: NetworkConfig) -> Familiarity | None:
    """What lies beside the weights, or None where there is nothing.

    Raises:
        ValueError: If it is damaged, or describes other columns than the network's.
    """
    found = {n.removeprefix(FAMILIARITY): w.numpy() for n, w in tensors.items() if n.startswith(FAMILIARITY)}
    if not found:
        return None
    familiarity = Familiarity.from_tensors(found)
    if familiarity.width != summary_width(config.edge_features, config.node_features):
        raise ValueError("a familiarity with other columns than the network's")
    return familiarity


@cache
def load_prior() -> EdgeModel:
    """The shipped prior model."""
    return load_model(PRIOR_FOLDER)
