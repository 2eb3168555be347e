"""A prior of small worlds, and chunks made in the test's own process: spawning one takes longer than the work."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from causalviz.model import world_examples
from causalviz.model.candidates import choose_candidates
from causalviz.model.features import PairFeatures
from causalviz.model.training import Example
from causalviz.worlds import Prior

SMALL = Prior(
    behaviours=(3, 6), many_share=0.0, users=(20, 40), events=(300, 800), large_share=0.0, itemised=0.0
)  # fmt: skip


def make_chunks_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the pool of processes by this one, and chunks of fifty by chunks of four."""
    monkeypatch.setattr(world_examples, "CHUNK", 4)

    class InProcess:
        def __init__(self, *_args: object, **_kwargs: object) -> None: ...

        def __enter__(self) -> InProcess:
            return self

        def __exit__(self, *_: object) -> None: ...

        imap_unordered = staticmethod(map)

    context = SimpleNamespace(Pool=InProcess)
    monkeypatch.setattr(world_examples.multiprocessing, "get_context", lambda _: context)


def features_of(example: Example) -> PairFeatures:
    """An example as features, in the same order of pairs."""
    K = len(example.node)
    return PairFeatures(choose_candidates(np.zeros((K, K))), example.edge.numpy(), example.node.numpy(), (), ())
