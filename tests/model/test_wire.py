"""Messages between a process and its child: what arrives is what was sent, and nothing but values can be sent."""

from __future__ import annotations

import io
import pickle
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, scalar_dtypes

from causalviz import trials
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.model import wire
from causalviz.model.adapt_progress import AdaptStep
from causalviz.model.edge_model import EdgeModel
from causalviz.model.wire import receive, send

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.frozensets(st.text())
        | st.dictionaries(st.text() | st.tuples(st.integers()), inner)
    ),
    max_leaves=8,
)


def there_and_back(value: object) -> object:
    pipe = io.BytesIO()
    send(value, pipe)
    pipe.seek(0)
    again = receive(pipe)
    assert pipe.read() == b""
    return again


@settings(max_examples=40)
@given(PLAIN)
def test_plain_values_arrive_as_they_were_sent(value: object) -> None:
    again = there_and_back(value)
    assert again == value
    assert type(again) is type(value)


@given(arrays(scalar_dtypes(), array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
def test_arrays_arrive_bit_for_bit(array: np.ndarray) -> None:
    again = there_and_back((array, array.T))
    assert isinstance(again, tuple)
    for one, other in zip(again, (array, array.T), strict=True):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def test_values_of_this_package_keep_their_classes() -> None:
    history = History().append(Verdict(Act.REJECT, "看", "<b>", "Ada", "2026-01-01T00:00:00+00:00", note="no"))
    step = AdaptStep("training", 1, 2, float("inf"), 0.1 + 0.2)
    assert there_and_back({"history": history, "step": step}) == {"history": history, "step": step}
    assert isinstance(there_and_back(step), AdaptStep)


def test_a_network_arrives_with_its_card(untrained: EdgeModel) -> None:
    sent = EdgeModel(untrained.network, 1.1, -0.3, {"made by": "a test", "scores": [1.0, None]})
    again = there_and_back(sent)
    assert isinstance(again, EdgeModel)
    assert (again.id, again.card, again.shape) == (sent.id, sent.card, sent.shape)


class Stranger(NamedTuple):
    """No class of the package."""

    number: int


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", np.array([object()]), there_and_back])
def test_what_is_no_value_is_not_sent(value: object) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        send(value, io.BytesIO())


def test_a_class_from_elsewhere_is_not_made() -> None:
    with pytest.raises(TypeError, match=r"cannot hold a .*Stranger"):
        there_and_back(Stranger(1))


@pytest.mark.parametrize("name", ["causalviz.model.apart:Path", "causalviz.trials:Checked.x", "causalviz.none:A"])
def test_a_name_that_is_no_class_of_its_module_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "class_name", lambda _: name)
    with pytest.raises(TypeError, match=f"cannot hold a {name}"):
        there_and_back(Stranger(1))


def test_what_a_module_only_imports_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "class_name", lambda _: "causalviz.trials:Stranger")
    monkeypatch.setattr(trials, "Stranger", Stranger, raising=False)
    with pytest.raises(TypeError, match=r"cannot hold a causalviz\.trials:Stranger"):
        there_and_back(Stranger(1))


def test_a_pickle_is_not_read() -> None:
    packed = pickle.dumps({"a": 1})
    with pytest.raises(ValueError, match="pickle"):
        receive(io.BytesIO(len(packed).to_bytes(8, "big") + packed))


def test_a_message_that_is_cut_short_is_an_end() -> None:
    pipe = io.BytesIO()
    send((1, 2), pipe)
    for length in (0, 3, len(pipe.getvalue()) - 1):
        with pytest.raises(EOFError):
            receive(io.BytesIO(pipe.getvalue()[:length]))
