"""A model as one file to hand on: a zip of ``weights.safetensors`` and ``card.json``, never a pickle.

A stranger's file is not trusted. What it claims to hold is looked at before anything is unpacked, nothing is written
to a folder, and no more is read than ``MOST``; both formats hold numbers and text, and nothing that could run. Then
format, shapes, finite weights and widths are checked; what fails is named in one sentence.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib

from safetensors.torch import load, save

from causalviz.errors import UnreadableModel
from causalviz.model.checkpoint import (
    CARD,
    WEIGHTS,
    card_text,
    check_format,
    load_prior,
    model_of,
    readable,
    tensors_of,
)
from causalviz.model.edge_model import EdgeModel
from causalviz.model.features import FORMER_WIDTHS

MOST = {WEIGHTS: 64 * 2**20, CARD: 4 * 2**20}  # bytes, unpacked; the shipped one takes a tenth of it
LARGEST_ZIP = sum(MOST.values())
MOST_ENTRIES = 8  # a list of contents that is longer is no model's


def model_zip(model: EdgeModel) -> bytes:
    """The model as a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CARD, card_text(model))
        archive.writestr(WEIGHTS, save({name: tensor.contiguous() for name, tensor in tensors_of(model).items()}))
    return packed.getvalue()


def read_model_zip(data: bytes, title: str) -> EdgeModel:
    """Reads and checks a model that somebody brought.

    Args:
        data: The zip.
        title: What the file is called.

    Raises:
        UnreadableModel: If it is no such zip, is too large, is damaged, holds numbers that are none, or was made for
            other features.
    """
    place = f"The model in “{title}”"
    if len(data) > LARGEST_ZIP:
        raise UnreadableModel(
            f"{place} takes {len(data) / 2**20:.0f} MB, more than the {LARGEST_ZIP // 2**20} MB that a model may; "
            "choose another one."
        )
    parts = _parts(data, place)
    with readable(place):
        card = json.loads(parts[CARD])
        if not isinstance(card, dict) or not isinstance(card.get("card"), dict):
            raise ValueError("a card that is no object")
        check_format(card, place)
        model = model_of(card, load(parts[WEIGHTS]))
        _check(model)
    return model


def _parts(data: bytes, place: str) -> dict[str, bytes]:
    """Both files, unpacked within their limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or sorted(entry.filename for entry in entries) != sorted(MOST):
                raise UnreadableModel(f"{place} must hold {WEIGHTS} and {CARD} and nothing else; choose another one.")
            return {entry.filename: _unpacked(archive, entry, place) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise UnreadableModel(f"{place} is no zip that can be unpacked ({error}); choose another one.") from error


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str) -> bytes:
    most = MOST[entry.filename]
    with archive.open(entry) as source:
        content = source.read(most + 1) if entry.file_size <= most else b""
    if entry.file_size > most or len(content) > most:
        raise UnreadableModel(f"{place} holds a {entry.filename} of more than {most // 2**20} MB; choose another one.")
    return content


def _check(model: EdgeModel) -> None:
    """What a model of one's own cannot get wrong.

    Raises:
        ValueError: If something does not fit this version's features, or would turn the answers over.
    """
    ours, theirs = load_prior().network.config, model.network.config
    for kind, wanted, given in (
        ("pair", (ours.edge_features, *FORMER_WIDTHS), theirs.edge_features),
        ("behaviour", (ours.node_features,), theirs.node_features),
    ):
        if given not in wanted:
            raise ValueError(f"it reads {given} features of a {kind} and this version measures {wanted[0]}")
    if not 0 < model.slope <= 100 or not math.isfinite(model.intercept):
        raise ValueError(f"a calibration with the slope {model.slope:g}")
    if min(float(model.network.edge_scale.min()), float(model.network.node_scale.min())) <= 0:
        raise ValueError("features with a scale of 0")
