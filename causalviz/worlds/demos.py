"""Three demo logs whose true graph is known: a shop, a social network, a video site.

Each is a branching world of people with different activity and taste, who come in sessions and by the hour of
the day. Names are English or Chinese by choice; times, counts and the true graph are the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, get_args

import numpy as np

from causalviz.errors import SettingsError
from causalviz.events.log import TICKS_PER_S, Behaviour, EventLog
from causalviz.worlds.plan import Influences, People, Recording, Shocks, World, WorldPlan
from causalviz.worlds.simulator import simulate

DemoName = Literal["shop", "social", "video"]
Language = Literal["en", "zh"]

ITEMS = ("A", "B", "C")
FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True)
class Link:
    """One cause in the story: ``offspring`` effects per cause, median delay in seconds; same item throughout."""

    cause: str
    effect: str
    offspring: float
    delay_s: float


@dataclass(frozen=True)
class Story:
    """What a demo log tells: behaviours with their share of the background, and their links.

    Attributes:
        title: One line for the sample's card.
        words: English behaviour -> Chinese; behaviours in ``per_item`` exist once per item.
        per_item: Behaviours done to an item.
        background: Share of the background events, per behaviour (spread over its items).
        links: What sets off what.
        users: How many people.
        events_per_user: Mean number of events of one.
        days: Length of the recording.
    """

    title: str
    words: Mapping[str, str]
    per_item: tuple[str, ...]
    background: Mapping[str, float]
    links: tuple[Link, ...]
    users: int
    events_per_user: float
    days: int


STORIES: Mapping[DemoName, Story] = {
    "shop": Story(
        "A shop: search, view, favourite, cart, buy, coupons and reviews",
        {
            "search": "搜索", "coupon": "领券", "review": "评价", "view": "浏览", "favourite": "收藏",
            "cart": "加购", "buy": "购买",
        },
        ("view", "favourite", "cart", "buy"),
        {
            "search": 0.20, "coupon": 0.08, "review": 0.04, "view": 0.50, "favourite": 0.05,
            "cart": 0.08, "buy": 0.05,
        },
        (
            Link("search", "view", 0.25, 40),
            Link("view", "favourite", 0.15, 90),
            Link("view", "cart", 0.30, 3 * MINUTE),
            Link("favourite", "cart", 0.30, 5 * HOUR),
            Link("cart", "buy", 0.45, 12 * MINUTE),
            Link("coupon", "cart", 0.10, 30 * MINUTE),
            Link("buy", "review", 0.45, 2 * DAY),
        ),
        users=2500,
        events_per_user=28,
        days=42,
    ),
    "social": Story(
        "A social network: open, see, like, comment, follow, share, post",
        {
            "open app": "打开", "see post": "看帖", "like": "点赞", "comment": "评论", "follow": "关注",
            "share": "转发", "post": "发帖", "notification": "通知",
        },
        (),
        {
            "open app": 0.32, "see post": 0.28, "like": 0.08, "comment": 0.05, "follow": 0.04,
            "share": 0.05, "post": 0.06, "notification": 0.12,
        },
        (
            Link("open app", "see post", 0.70, 20),
            Link("notification", "open app", 0.40, 10 * MINUTE),
            Link("see post", "like", 0.20, 15),
            Link("see post", "comment", 0.08, 60),
            Link("like", "follow", 0.20, 2 * MINUTE),
            Link("comment", "notification", 0.60, 2 * HOUR),
            Link("post", "notification", 0.80, HOUR),
            Link("see post", "share", 0.06, 45),
            Link("share", "comment", 0.25, 5 * MINUTE),
        ),
        users=2000,
        events_per_user=35,
        days=28,
    ),
    "video": Story(
        "A video site: impression, watch, like, favourite, subscribe",
        {
            "impression": "曝光", "watch": "观看", "like": "点赞", "favourite": "收藏", "subscribe": "订阅",
            "search": "搜索", "comment": "评论",
        },
        (),
        {
            "impression": 0.50, "watch": 0.15, "like": 0.06, "favourite": 0.05, "subscribe": 0.04,
            "search": 0.14, "comment": 0.06,
        },
        (
            Link("impression", "watch", 0.30, 20),
            Link("search", "watch", 0.50, 30),
            Link("watch", "like", 0.20, 3 * MINUTE),
            Link("watch", "comment", 0.08, 6 * MINUTE),
            Link("like", "favourite", 0.25, 20),
            Link("favourite", "subscribe", 0.30, MINUTE),
            Link("subscribe", "impression", 0.80, 8 * HOUR),
        ),
        users=2000,
        events_per_user=32,
        days=28,
    ),
}  # fmt: skip


def demo_log(name: DemoName, language: Language = "en", seed: int = 0, users: int | None = None) -> World:
    """Simulates a demo log.

    Args:
        name: Which story.
        language: Of the behaviour names.
        seed: Of the simulation.
        users: How many people; None for the story's own number.

    Returns:
        The log, dated from March 2026, and its true graph.

    Raises:
        SettingsError: If there is no such demo or language, or the seed is negative.
    """
    if name not in STORIES:
        raise SettingsError(f"There is no demo log {name!r}; choose one of {', '.join(STORIES)}.")
    if language not in get_args(Language):
        raise SettingsError(f"There are no behaviour names in {language!r}; choose en or zh.")
    if seed < 0:
        raise SettingsError(f"A seed is a whole number from 0 on (got {seed}); choose another.")
    world = simulate(_plan(STORIES[name], language, users), np.random.default_rng(seed))
    start = int(FIRST_DAY.timestamp()) * TICKS_PER_S
    log = world.log
    dated = EventLog(log.user, log.time + start, log.behaviour, log.behaviours, log.user_names)
    return replace(world, log=dated)


def _plan(story: Story, language: Language, users: int | None) -> WorldPlan:
    behaviours = [b for word in story.words for b in _instances(story, word, language)]
    codes = [word for word in story.words for _ in _instances(story, word, language)]
    K = len(behaviours)
    offspring, delay_s = np.zeros((K, K)), np.full((K, K), MINUTE)
    for link in story.links:
        for i in range(K):
            for j in range(K):
                if codes[i] == link.cause and codes[j] == link.effect and _may_meet(behaviours[i], behaviours[j]):
                    offspring[i, j] = link.offspring
                    delay_s[i, j] = link.delay_s
    background = np.array([story.background[word] / codes.count(word) for word in codes])
    return WorldPlan(
        family="branching",
        behaviours=tuple(behaviours),
        shares=background @ np.linalg.inv(np.eye(K) - offspring),
        people=People(
            n_users=users or story.users,
            events_per_user=story.events_per_user,
            span_s=story.days * DAY,
            drift=np.zeros(K),
            groups=np.arange(K),
            activity_sigma=0.7,
            taste=3.0,
            lifetime=0.3,
            daily=0.8,
            weekly=0.3,
            session_s=30 * MINUTE,
            events_per_session=3.0,
        ),
        influences=replace(Influences.none(K), offspring=offspring, delay_s=delay_s),
        shocks=Shocks(per_user=0.0, members=np.zeros((1, K)), width_s=1.0, shared=False),
        recording=Recording(rounding_s=1.0, lost=0.0, duplicated=0.0, hidden=np.zeros(K, dtype=bool)),
    )


def _instances(story: Story, word: str, language: Language) -> Sequence[Behaviour]:
    kind = story.words[word] if language == "zh" else word
    if word not in story.per_item:
        return [Behaviour(kind, kind)]
    return [Behaviour(f"{kind} {item}", kind, item) for item in ITEMS]


def _may_meet(cause: Behaviour, effect: Behaviour) -> bool:
    """An item's behaviour acts on the same item only; one without an item acts on all."""
    return cause.item is None or effect.item is None or cause.item == effect.item
