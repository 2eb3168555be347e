"""Values between a process and its child: JSON for the shape of a value, an ``.npz`` for its arrays, never a pickle.

A *message* is a value made of None, numbers, text, tuples, lists, frozen sets, mappings, arrays of numbers or text,
members of enumerations, named tuples and data classes of this package, and networks. It travels as the length of an
``.npz`` (8 bytes, big-endian) and the ``.npz``, in which ``told`` is the JSON and ``0``, ``1``, ... are the arrays.
What arrives equals what was sent, to the last bit of every number; classes are looked up in this package alone, and
anything else is refused.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from typing import IO, TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from causalviz.model.edge_model import EdgeModel

LENGTH_BYTES = 8
TOLD = "told"
PACKAGE = "causalviz."
Arrays = list[NDArray[np.generic]]


def send(value: object, out: IO[bytes]) -> None:
    """Writes a message.

    Raises:
        TypeError: If the value holds what no message may.
        BrokenPipeError: If nobody is left to read.
    """
    arrays: Arrays = []
    told = json.dumps(_told(value, arrays)).encode()
    packed = io.BytesIO()
    named = {str(number): array for number, array in enumerate(arrays)}
    np.savez(packed, **{TOLD: np.frombuffer(told, np.uint8), **named})  # type: ignore[arg-type]
    out.write(packed.tell().to_bytes(LENGTH_BYTES, "big"))
    out.write(packed.getbuffer())
    out.flush()


def receive(source: IO[bytes]) -> object:
    """Reads the next message.

    Raises:
        EOFError: If the other side ended before it was whole.
        TypeError: If it asks for a class that no message may hold.
    """
    head = source.read(LENGTH_BYTES)
    size = int.from_bytes(head, "big")
    packed = source.read(size)
    if len(head) < LENGTH_BYTES or len(packed) < size:
        raise EOFError("the other process has ended")
    with np.load(io.BytesIO(packed), allow_pickle=False) as found:
        arrays = [found[str(number)] for number in range(len(found.files) - 1)]
        return _understood(json.loads(found[TOLD].tobytes()), arrays)


def class_name(kind: type | Callable[..., object]) -> str:
    """How a class, or a function, is named in a message: ``module:name``."""
    return f"{kind.__module__}:{kind.__qualname__}"


def _told(value: object, arrays: Arrays) -> object:
    if isinstance(value, Enum):
        return {"member": class_name(type(value)), "of": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        arrays.append(value)
        return {"array": len(arrays) - 1}
    parts = dict(_parts(value))
    if parts or is_dataclass(value):
        return {"made": class_name(type(value)), "of": {name: _told(part, arrays) for name, part in parts.items()}}
    if isinstance(value, Mapping):
        return {"mapping": [[_told(key, arrays), _told(held, arrays)] for key, held in value.items()]}
    for kind in (tuple, frozenset, list):
        if isinstance(value, kind):
            return {kind.__name__: [_told(part, arrays) for part in value]}
    return _told_network(value, arrays)


def _told_network(value: object, arrays: Arrays) -> object:
    from causalviz.model.checkpoint import card_text, tensors_of  # not before a message holds one: torch takes seconds
    from causalviz.model.edge_model import EdgeModel

    if not isinstance(value, EdgeModel):
        raise TypeError(f"a message cannot hold a {class_name(type(value))}")
    tensors = {name: tensor.numpy() for name, tensor in tensors_of(value).items()}
    return {"model": json.loads(card_text(value)), "of": _told(tensors, arrays)}


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """The fields of a data class or named tuple; none of anything else."""
    if is_dataclass(value):
        yield from ((field.name, getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from zip(cast("tuple[str, ...]", value._fields), value, strict=True)


def _understood(told: object, arrays: Arrays) -> object:
    if not isinstance(told, dict):
        return told
    if "array" in told:
        return arrays[told["array"]]
    if "member" in told:
        return _class(told["member"])(told["of"])
    if "model" in told:
        return _network(told["model"], cast("Mapping[str, NDArray[np.generic]]", _understood(told["of"], arrays)))
    if "made" in told:
        return _class(told["made"])(**{name: _understood(part, arrays) for name, part in told["of"].items()})
    if "mapping" in told:
        return {_understood(key, arrays): _understood(held, arrays) for key, held in told["mapping"]}
    kind, parts = next(iter(told.items()))
    return {"tuple": tuple, "frozenset": frozenset, "list": list}[kind](_understood(part, arrays) for part in parts)


def _network(card: Mapping[str, object], tensors: Mapping[str, NDArray[np.generic]]) -> EdgeModel:
    import torch

    from causalviz.model.checkpoint import model_of

    return model_of(card, {name: torch.from_numpy(array) for name, array in tensors.items()})


def _class(name: str) -> type:
    """A class that a message may hold: an enumeration, a data class or a named tuple of this package."""
    module, _, path = name.partition(":")
    with suppress(ImportError, AttributeError):
        found = getattr(import_module(module), path) if module.startswith(PACKAGE) else None
        if not isinstance(found, type) or found.__module__ != module:  # as of one that the module only imports
            raise AttributeError(path)
        if is_dataclass(found) or issubclass(found, Enum) or hasattr(found, "_fields"):
            return found
    raise TypeError(f"a message cannot hold a {name}")
