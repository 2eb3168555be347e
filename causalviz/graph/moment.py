"""Moments as verdicts, versions and the store write them: ISO 8601, UTC, microseconds, so that texts sort as times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOT_LONG = timedelta(0)


def now(ago: timedelta = NOT_LONG) -> str:
    """The present, or the moment so long before it."""
    return (datetime.now(UTC) - ago).isoformat(timespec="microseconds")
