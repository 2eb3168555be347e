"""A shop with hundreds of items or more: people of different taste, categories, companions, and delays that are known.

Everybody views items out of a few favourite categories, popular ones more often. What happens then is the same for all
items: a view may lead to a favourite, a cart and a look at a similar item, a favourite to a cart, a cart to a purchase,
a purchase to a look at an accessory days later and to a second purchase weeks later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S
from causalviz.events.raw import NO_CODE, RawEvents

MINUTE_S, HOUR_S, DAY_S = 60.0, 3_600.0, 86_400.0
Codes = NDArray[np.int64]
Wave = tuple[Codes, NDArray[np.float64], Codes, Codes]  # user, time, event type, item
Link = tuple[int, int, float, float, str]

KINDS = ("buy", "cart", "favourite", "search", "view")
BUY, CART, FAVOURITE, SEARCH, VIEW = range(5)
# cause, effect, effects per cause, mean delay in seconds, the same item or one of its companions
LINKS: tuple[Link, ...] = (
    (VIEW, FAVOURITE, 0.10, 90.0, "same"),
    (VIEW, CART, 0.20, 3 * MINUTE_S, "same"),
    (VIEW, VIEW, 0.30, MINUTE_S, "similar"),
    (FAVOURITE, CART, 0.35, 5 * HOUR_S, "same"),
    (CART, BUY, 0.45, 12 * MINUTE_S, "same"),
    (BUY, VIEW, 0.50, DAY_S, "accessory"),
    (BUY, BUY, 0.15, 14 * DAY_S, "same"),
)
COMPANIONS = 5  # similar items and accessories of each item
FAVOURITES = 3  # categories that a user likes
DAYS = 42


def shop_world(
    items: int, users: int, views: float, rng: np.random.Generator, *, late: float = 0.05, per_category: int = 25
) -> RawEvents:
    """Simulates the shop.

    Args:
        items: How many.
        users: How many.
        views: Mean number of views that nothing led to, per user; about twice as many events come of it.
        rng: Source.
        late: Share of the items that come into the shop after four fifths of the time.
        per_category: Items of a category.
    """
    categories = max(1, items // per_category)
    category = rng.integers(0, categories, items)
    order = np.argsort(category, kind="stable")
    begins = np.searchsorted(category[order], np.arange(categories + 1))
    popular = rng.pareto(1.2, items) + 0.2
    opened = np.where(rng.random(items) < late, 0.8 * DAYS * DAY_S, 0.0)
    similar = _within(category, order, begins, rng)
    accessory = rng.integers(0, items, (items, COMPANIONS))
    liked = rng.integers(0, categories, (users, FAVOURITES))
    user = np.repeat(np.arange(users), rng.poisson(views * rng.gamma(2.0, 0.5, users)))
    chosen = liked[user, rng.integers(0, FAVOURITES, len(user))]
    item = _popular_of(chosen, order, begins, popular, rng)
    time = rng.uniform(0, DAYS * DAY_S, len(user))
    kind = np.full(len(user), VIEW)
    searched = rng.random(len(user)) < 0.3
    wave = (user, time, kind, item)
    made = [wave, (user, time - rng.exponential(40.0, len(user)), np.where(searched, SEARCH, -1), item)]
    while len(wave[0]):
        children = [_children(wave, link, similar, accessory, rng) for link in LINKS]
        wave = tuple(np.concatenate(column) for column in zip(*children, strict=True))  # type: ignore[assignment]
        kept = wave[1] < DAYS * DAY_S
        wave = tuple(column[kept] for column in wave)  # type: ignore[assignment]
        made.append(wave)
    user, time, kind, item = (np.concatenate(column) for column in zip(*made, strict=True))
    kept = (kind >= 0) & (time >= opened[item]) & (time >= 0)
    user, kind, item = user[kept], kind[kept], np.where(kind == SEARCH, NO_CODE, item)[kept]
    ticks = np.round(time[kept]).astype(np.int64) * TICKS_PER_S
    return _raw(user, ticks, kind, item, np.where(item < 0, NO_CODE, category[item]))


def _children(wave: Wave, link: Link, similar: Codes, accessory: Codes, rng: np.random.Generator) -> Wave:
    """What one kind of link brings forth."""
    cause, effect, offspring, delay_s, which = link
    user, time, kind, item = wave
    parents = np.flatnonzero(kind == cause)
    parents = parents[rng.random(len(parents)) < offspring]
    after = item[parents]
    if which != "same":
        companions = similar if which == "similar" else accessory
        after = companions[after, rng.integers(0, COMPANIONS, len(parents))]
    delay = rng.exponential(delay_s, len(parents)) + 1.0
    return user[parents], time[parents] + delay, np.full(len(parents), effect), after


def _within(category: Codes, order: Codes, begins: Codes, rng: np.random.Generator) -> Codes:
    """(I, COMPANIONS) items of the same category."""
    low, high = begins[category][:, None], begins[category + 1][:, None]
    return order[low + (rng.random((len(category), COMPANIONS)) * (high - low)).astype(np.int64)]


def _popular_of(
    chosen: Codes, order: Codes, begins: Codes, popular: NDArray[np.float64], rng: np.random.Generator
) -> Codes:
    """One item of each chosen category, the popular ones more often."""
    summed = np.concatenate([[0.0], np.cumsum(popular[order])])
    low, high = summed[begins[chosen]], summed[begins[chosen + 1]]
    place = np.searchsorted(summed, low + rng.random(len(chosen)) * (high - low), side="right") - 1
    return order[np.minimum(place, len(order) - 1)]


def _raw(
    user: NDArray[np.int64], time: NDArray[np.int64], kind: NDArray[np.int64], item: NDArray[np.int64],
    category: NDArray[np.int64],
) -> RawEvents:  # fmt: skip
    """Sorted codes; names are numbers of equal length, so that they sort as their codes do."""
    order = np.lexsort((category, item, kind, time, user))
    users, user = np.unique(user, return_inverse=True)
    known = np.unique(item[item >= 0])
    place = np.full(int(known.max()) + 2, NO_CODE)
    place[known] = np.arange(len(known))
    groups = np.unique(category[category >= 0])
    group = np.full(int(groups.max()) + 2, NO_CODE)
    group[groups] = np.arange(len(groups))
    return RawEvents(
        user[order].astype(np.int32), time[order], kind[order].astype(np.int32),
        tuple(f"user {code:07d}" for code in users), KINDS,
        place[item][order].astype(np.int32), tuple(f"item {code:06d}" for code in known),
        group[category][order].astype(np.int32), tuple(f"category {code:05d}" for code in groups),
    )  # fmt: skip
