"""The network on disk: ``weights.safetensors`` and ``card.json``, never a pickle.

The card holds the network's shape, its calibration, the column names it expects and how it was made.
"""

from __future__ import annotations

import errno
import json
import math
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from causalviz.errors import SettingsError, UnreadableModel
from causalviz.model.network import EdgeModel, EdgeNetwork, NetworkConfig

FORMAT = 1
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
        save_file(dict(model.network.state_dict()), str(folder / "weights.safetensors"))
    except SafetensorError as error:
        raise OSError(errno.EIO, str(error), str(folder)) from error
    card = {
        "format": FORMAT,
        "shape": model.shape,
        "slope": model.slope,
        "intercept": model.intercept,
        "card": model.card,
    }
    (folder / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_model(folder: Path) -> EdgeModel:
    """Reads a model.

    Raises:
        UnreadableModel: If a file is missing or damaged, a number is none, or the weights do not fit the card.
    """
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            raise UnreadableModel(
                f"The model in {folder} has format {card['format']}, this version reads {FORMAT}; train it anew."
            )
        slope, intercept = float(card["slope"]), float(card["intercept"])
        weights = load_file(str(folder / "weights.safetensors"))
        if not all(w.dtype == torch.float32 and bool(w.isfinite().all()) for w in weights.values()):
            raise ValueError("weights that are no finite numbers")
        if not (math.isfinite(slope) and math.isfinite(intercept)):
            raise ValueError("a calibration that is no finite number")
        with torch.device("meta"):  # takes no memory, whatever shape a stranger's card asks for
            network = EdgeNetwork(NetworkConfig(**card["shape"]))
        network.load_state_dict(weights, assign=True)
        return EdgeModel(network, slope, intercept, dict(card["card"]))
    except DAMAGE as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableModel(f"The model in {folder} cannot be read ({reason}); choose another one.") from error


@cache
def load_prior() -> EdgeModel:
    """The shipped prior model."""
    return load_model(PRIOR_FOLDER)
