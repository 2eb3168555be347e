"""The demo logs tell their stories, in both languages."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.errors import SettingsError
from causalviz.worlds import STORIES, demo_log


def has_edge(world: object, cause: str, effect: str) -> bool:
    names = world.log.names
    return bool(world.truth[names.index(cause), names.index(effect)])


def test_the_worked_example_of_the_shop() -> None:
    world = demo_log("shop", users=50)
    assert has_edge(world, "view A", "cart A")
    assert has_edge(world, "cart A", "buy A")
    assert not has_edge(world, "view A", "buy A")
    assert not has_edge(world, "view A", "cart B")
    assert has_edge(world, "coupon", "cart B")


@pytest.mark.parametrize("name", list(STORIES))
def test_languages_differ_in_names_only(name: str) -> None:
    english, chinese = demo_log(name, "en", users=40), demo_log(name, "zh", users=40)
    assert np.array_equal(english.log.time, chinese.log.time)
    assert np.array_equal(english.log.behaviour, chinese.log.behaviour)
    assert np.array_equal(english.truth, chinese.truth)
    assert any(ord(letter) > 0x4E00 for behaviour in chinese.log.names for letter in behaviour)


@pytest.mark.parametrize("name", list(STORIES))
def test_links_follow_the_story(name: str) -> None:
    world = demo_log(name, users=40)
    kinds = [behaviour.kind for behaviour in world.log.behaviours]
    told = {(link.cause, link.effect) for link in STORIES[name].links}
    assert {(kinds[i], kinds[j]) for i, j in np.argwhere(world.truth)} == told


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SettingsError, match="'mall'"):
        demo_log("mall")
    with pytest.raises(SettingsError, match="'fr'"):
        demo_log("shop", "fr")
