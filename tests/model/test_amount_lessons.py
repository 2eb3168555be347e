"""What a world teaches of amounts is what its simulator did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from model.small_worlds import SMALL
from worlds.test_simulator import edge, plan_of

from causalviz.model import amount_lessons
from causalviz.model.amount_lessons import lesson_of
from causalviz.model.amounts import NAMES
from causalviz.model.checkpoint import load_prior
from causalviz.model.pretraining import PretrainConfig, pretrain_amounts
from causalviz.model.signs import load_signs
from causalviz.worlds import simulate


def test_drawn_edges_come_with_what_they_set_off_and_with_the_repeats_of_their_effects() -> None:
    world = simulate(plan_of(edge(3, 0, 1, 0.6) + edge(3, 1, 1, 0.4)), np.random.default_rng(0))
    lesson = lesson_of(world, load_prior(), load_signs())
    events = np.bincount(world.log.behaviour)
    caused = [np.sum((world.set_off.cause == i) & (world.set_off.effect == 1)) / events[i] for i in (0, 1)]
    assert lesson.repeats_truth == pytest.approx([0.0, caused[1], 0.0])
    assert lesson.drawn_truth == pytest.approx([caused[0] / (1 - caused[1])])
    assert len(lesson.drawn.values) == 1
    assert np.exp(lesson.drawn.base[0]) == pytest.approx(0.6, rel=0.4)
    assert len(lesson.others_truth) == len(lesson.others.values) == 0


class InProcess:
    """Stands for a pool of processes; spawning one takes longer than the work."""

    def __init__(self, _workers: int, begin: Callable[..., None], judges: tuple[object, ...]) -> None:
        begin(*judges)

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None: ...

    def imap(self, work: Callable[[object], object], jobs: list[object], chunksize: int) -> Iterator[object]:
        assert chunksize > 0
        return map(work, jobs)


def test_lessons_and_what_is_learned_of_them_are_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amount_lessons.multiprocessing, "get_context", lambda _: SimpleNamespace(Pool=InProcess))
    monkeypatch.setattr(amount_lessons, "TOLD", 1)
    mixture = {"usual": (SMALL, 1.0)}
    told: list[tuple[str, int, int]] = []
    judges = (load_prior(), load_signs())
    one, two = (
        amount_lessons.amount_lessons(*judges, mixture, 3, 6, 1, on_progress=lambda *step: told.append(step))
        for _ in range(2)
    )
    assert told[2] == ("worlds of known amounts", 3, 3)
    assert 0 < len(one) == len(two) <= 3
    for first, second in zip(one, two, strict=True):
        assert all(np.array_equal(getattr(first, n).values, getattr(second, n).values) for n in NAMES)
        assert np.array_equal(first.drawn_truth, second.drawn_truth)
    config = PretrainConfig(amounts=3, seed=6, workers=1)
    learned = [pretrain_amounts(load_prior(), load_signs(), config, mixture).state_dict() for _ in range(2)]
    assert all(torch.equal(learned[0][name], learned[1][name]) for name in learned[0])
