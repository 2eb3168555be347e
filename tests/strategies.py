"""Hypothesis strategies: small random logs and the values made from them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from causalviz.events.log import EventLog
from causalviz.events.raw import RawEvents


@st.composite
def event_logs(
    draw: st.DrawFn, max_users: int = 4, max_behaviours: int = 4, max_events: int = 30, max_time: int = 60
) -> EventLog:
    """Logs small enough for slow twins, with ties, repeated behaviours and one-event users."""
    n_users = draw(st.integers(1, max_users))
    n_behaviours = draw(st.integers(1, max_behaviours))
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, n_users - 1), st.integers(0, max_time), st.integers(0, n_behaviours - 1)),
            min_size=1,
            max_size=max_events,
        )
    )
    user, time, behaviour = np.array(rows, dtype=np.int64).T
    return EventLog.from_columns(
        user.astype(np.int32),
        time,
        behaviour.astype(np.int32),
        [f"b{code}" for code in range(n_behaviours)],
        [f"u{code}" for code in range(n_users)],
    )


@st.composite
def raw_events(draw: st.DrawFn, max_events: int = 25) -> RawEvents:
    """Raw events of three users, with items that some events lack, ties and exact duplicates."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["u", "v", "w"]),
                st.integers(0, 20),
                st.sampled_from(["view", "buy", "查看"]),
                st.sampled_from(["A", "B", None]),
            ),
            min_size=1,
            max_size=max_events,
        )
    )
    user, time, event, item = zip(*rows, strict=True)
    return RawEvents.from_names(user, np.array(time, dtype=np.int64) * 1000, event, item)


@st.composite
def item_logs(draw: st.DrawFn, max_events: int = 40) -> RawEvents:
    """Raw events of four users on five items in two categories, some without an item or a category, with ties."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["u", "v", "w", "x"]),
                st.integers(0, 60),
                st.sampled_from(["view", "cart", "buy"]),
                st.sampled_from(["A", "B", "C", "D", "E", None]),
            ),
            min_size=1,
            max_size=max_events,
        )
    )
    user, time, event, item = zip(*[*rows, ("u", 0, "view", "A")], strict=True)
    category = [{"A": "left", "B": "left", "C": "right", "D": "right"}.get(name or "") for name in item]
    return RawEvents.from_names(user, np.array(time, dtype=np.int64) * 1000, event, item, category)
