"""Roles: which column says who, what and when.

A role is found by the column's name (English or Chinese), by whether its values read as times, and by how many
different values it has: behaviours are few, users come back. Where names say nothing, values decide, but only if
they leave one choice; a wrong guess would cost more than a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, get_args

from causalviz.errors import RoleError
from causalviz.events.times import DateOrder

if TYPE_CHECKING:
    import pandas as pd

Role = Literal["user", "event", "time", "item", "category", "session"]
Kind = Literal["time", "number", "text"]

REQUIRED: Final[tuple[Role, ...]] = ("user", "event", "time")
MEANINGS: Final[Mapping[Role, str]] = {
    "user": "who did it",
    "event": "what was done",
    "time": "when",
    "item": "what it was done to",
    "category": "the group of the item",
    "session": "the visit",
}
STANDARD: Final[Mapping[Role, str]] = {  # of event logs (IEEE 1849, XES); such a name is certain
    "user": "case:concept:name",
    "event": "concept:name",
    "time": "time:timestamp",
}
SHOWN: Final = 80  # characters of a name in a list
FEW: Final = 200  # different values that a column of behaviours has at most where its name does not say so

# Names of columns, the surest first, in the normal form of ``_words``.
NAMES: Final[Mapping[Role, tuple[str, ...]]] = {
    "time": (
        "timestamp", "time timestamp", "event time", "event timestamp", "time", "datetime", "date time", "ts", "start",
        "start timestamp", "start time", "begin time", "occurred at", "created at", "create time", "action time",
        "log time", "server time", "date", "day", "时间戳", "行为时间", "事件时间", "发生时间", "操作时间", "开始时间",
        "创建时间", "时间", "日期",
    ),
    "event": (
        "event", "event type", "event name", "behaviour", "behavior", "behaviour type", "behavior type", "action",
        "action type", "activity", "concept name", "activity name", "event id", "alarm id", "alarm", "operation",
        "verb", "interaction", "type", "activity type", "alarm type", "行为类型", "行为", "事件类型", "事件名称",
        "事件", "动作", "操作类型", "操作", "告警", "活动", "类型",
    ),
    "user": (
        "user id", "user", "userid", "uid", "customer id", "customer", "visitor id", "visitorid", "visitor",
        "member id", "member", "client id", "client", "account id", "account", "buyer id", "person id", "person",
        "student id", "student", "patient id", "patient", "case concept name", "case id", "case", "device id",
        "device", "host", "machine id", "user name", "username", "nickname", "cookie", "用户id", "用户", "会员id",
        "会员", "客户id", "客户", "顾客", "买家", "访客", "账号", "账户", "学号", "学生", "患者", "用户名", "昵称",
        "设备id", "设备",
    ),
    "item": (
        "item id", "item", "itemid", "product id", "product", "sku", "sku id", "goods id", "goods", "aid", "article id",
        "article", "video id", "video", "content id", "content", "post id", "post", "song id", "movie id", "book id",
        "商品id", "商品", "物品id", "物品", "产品", "货号", "货品", "视频", "文章", "内容", "帖子",
    ),
    "category": (
        "category", "category id", "item category", "product category", "cat", "cat id", "类目", "商品类目", "品类",
        "商品类别", "类别", "分类",
    ),
    "session": ("session id", "session", "sessionid", "visit id", "visit", "sess id", "会话id", "会话", "访问id"),
}  # fmt: skip

_CASE_CHANGE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATOR: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Column:
    """What is seen of a column.

    Attributes:
        name: Of it.
        kind: How its values read.
        distinct: How many different values it has.
        filled: Share of the rows that have a value, 0 to 1.
        samples: Its first few values.
        unreadable: Where the name says time but too few values read as one: the first that does not.
        unit: How its times are read, in words; empty where it holds none.
        doubt: What had to be assumed for that, as a sentence.
        may_be_swapped: Whether it is the order of day and month.
        is_joined: Whether it was made of a date's column and a clock time's.
    """

    name: str
    kind: Kind
    distinct: int
    filled: float = 1.0
    samples: tuple[str, ...] = ()
    unreadable: str = ""
    unit: str = ""
    doubt: str = ""
    may_be_swapped: bool = False
    is_joined: bool = False


@dataclass(frozen=True, eq=False)
class Source:
    """What is seen of a file before its roles are known.

    Attributes:
        file: Its name.
        format: In words: kind, delimiter, encoding, packing.
        rows: How many well-formed rows it has.
        columns: In its order.
        preview: The first rows, as text.
    """

    file: str
    format: str
    rows: int
    columns: tuple[Column, ...]
    preview: pd.DataFrame


@dataclass(frozen=True)
class Roles:
    """Which column plays which role; None where it is not chosen.

    Attributes:
        user: Who did it.
        event: What was done.
        time: When.
        item: What it was done to.
        category: The group of the item.
        session: The visit.
        attributes: Columns that play no role; no cause is read from them.
        dates: Whether day or month comes first in times such as 03/04/2024; None for what the column itself tells.

    Raises:
        RoleError: If one column has two roles (a session may be the user).
    """

    user: str | None = None
    event: str | None = None
    time: str | None = None
    item: str | None = None
    category: str | None = None
    session: str | None = None
    attributes: tuple[str, ...] = ()
    dates: DateOrder | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", tuple(self.attributes))  # JSON has lists
        taken: dict[str, Role] = {}
        for role in get_args(Role):
            name = self.column(role)
            if name is None or (role == "session" and name == self.user):
                continue
            if name in taken:
                raise RoleError(
                    f"The column {name!r} was chosen for both {taken[name]} and {role}; choose another for one of them."
                )
            taken[name] = role

    def column(self, role: Role) -> str | None:
        """The column of a role."""
        name: str | None = getattr(self, role)
        return name

    @property
    def is_complete(self) -> bool:
        """Whether who, what and when are chosen."""
        return all(self.column(role) for role in REQUIRED)


def detect_roles(source: Source, chosen: Roles | None = None) -> Roles:
    """Finds the role of each column.

    Args:
        source: The file.
        chosen: Roles that are settled already; only the others are looked for.

    Returns:
        Complete roles; columns without one are the attributes.

    Raises:
        RoleError: If who, what or when cannot be told, or a chosen column does not exist.
    """
    found = chosen or Roles()
    check_columns(found, [column.name for column in source.columns], source.file)
    for role in ("time", "event", "user", "item", "category", "session"):
        if found.column(role) is None:
            free = [c for c in source.columns if c.name not in _taken(found)]
            name = _find(role, free, source.rows)
            if name is not None:
                found = replace(found, **{str(role): name})  # type: ignore[arg-type]
        if role == "user" and found.user is None and found.session is None:
            visit = _find("session", [c for c in source.columns if c.name not in _taken(found)], source.rows)
            found = replace(found, user=visit)  # where nobody is named, a visit stands for who made it
    missing = [role for role in REQUIRED if found.column(role) is None]
    if missing:
        misread = next((column for column in source.columns if column.unreadable), None)
        if "time" in missing and misread is not None:
            raise RoleError(
                f"The column {misread.name!r} of {source.file} has the name of a time, but too few of its values read "
                f"as one (not {misread.unreadable!r}); mend it, or choose the column that says when among "
                f"{_listed(source)}."
            )
        _refuse_misfit(source, found, missing)
        wanted = " and ".join(f"{role} ({MEANINGS[role]})" for role in missing)
        raise RoleError(
            f"{source.file} does not show by itself which column is the {wanted}; choose among {_listed(source)}."
        )
    rest = tuple(column.name for column in source.columns if column.name not in _taken(found))
    return replace(found, attributes=rest)


def _refuse_misfit(source: Source, found: Roles, missing: Sequence[Role]) -> None:
    """Says of a column whose name is the role's why it does not play it."""
    for column in source.columns:
        named = [role for role in missing if _name_fit(role, column.name) >= 1]
        if not named or column.name in _taken(found):
            continue
        if not column.filled:
            raise RoleError(
                f"The column {column.name!r} of {source.file} has no values in any of its {source.rows:,} rows; "
                f"fill it, or choose another column among {_listed(source)}."
            )
        if "event" in named and column.kind != "time":
            raise RoleError(
                f"The column {column.name!r} of {source.file} has {column.distinct:,} different values in "
                f"{source.rows:,} rows, which is much for behaviours; choose it all the same, or another among "
                f"{_listed(source)}."
            )


def names_a_time(name: str) -> bool:
    """Whether a column's name says that it holds times."""
    return _name_fit("time", name) > 0


def check_columns(roles: Roles, names: Sequence[str], file: str) -> None:
    """Sees to it that the roles' columns exist.

    Raises:
        RoleError: If one does not.
    """
    for role in get_args(Role):
        name = roles.column(role)
        if name is not None and name not in names:
            there = ", ".join(map(_in_line, names[:20]))
            raise RoleError(f"{file} has no column {name!r} for the {role}; its columns are {there}.")


def _taken(roles: Roles) -> set[str]:
    return {name for role in get_args(Role) if (name := roles.column(role)) is not None}


def _listed(source: Source) -> str:
    return ", ".join(_in_line(column.name) for column in source.columns[:20])


def _in_line(name: str) -> str:
    """A name as a list shows it: on one line, as a value that a quote let run on may have become a column's name."""
    return " ".join(name.split())[:SHOWN]


def _find(role: Role, columns: Sequence[Column], rows: int) -> str | None:
    """The column whose name fits best and whose values may play the role; else the only one whose values suggest it."""
    possible = [column for column in columns if column.filled > 0 and _may_play(role, column, rows)]
    whole = [column.name for column in possible if column.is_joined]
    if role == "time" and whole:
        return whole[0]
    named = [(fit, -k) for k, column in enumerate(possible) if (fit := _name_fit(role, column.name))]
    if named:
        return possible[-max(named)[1]].name
    if role not in REQUIRED:
        return None
    likely = [
        column
        for column in possible
        if _looks_like(role, column, rows) and not any(_name_fit(other, column.name) for other in get_args(Role))
    ]
    return likely[0].name if len(likely) == 1 else None


def _may_play(role: Role, column: Column, rows: int) -> bool:
    """Whether the values allow the role that the name claims."""
    if role == "time":
        return column.kind != "text"
    if role == "event":
        return column.kind != "time" and (column.distinct <= FEW or column.distinct <= rows / 20)
    return column.kind != "time" or bool(_name_fit(role, column.name))  # ids may look like seconds since 1970


def _looks_like(role: Role, column: Column, rows: int) -> bool:
    """Whether the values suggest the role although the name says nothing."""
    if role == "time":
        return column.kind == "time"
    if role == "event":
        return column.kind == "text" and 2 <= column.distinct <= min(FEW, rows / 2)
    return column.kind != "time" and 2 <= column.distinct <= rows / 2 and column.filled > 0.5


def _name_fit(role: Role, name: str) -> float:
    """How well a name fits: 3 for the standard's, up to 2 for a whole name, up to 1 for its end, 0 for none."""
    if name == STANDARD.get(role):
        return 3.0
    words = _words(name)
    best = 0.0
    for k, known in enumerate(NAMES[role]):
        rank = 1 - k / len(NAMES[role])
        if words == known or words.replace(" ", "") == known.replace(" ", ""):
            best = max(best, 1 + rank)
        elif words.endswith(f" {known}") or (not known.isascii() and known in words):
            best = max(best, rank * 0.9)
    return best


def _words(name: str) -> str:
    """Lower-case words: "events.eventType" (a column inside a list) and "event_type" both become "event type"."""
    last = name.rpartition(".")[2] or name
    return _SEPARATOR.sub(" ", _CASE_CHANGE.sub(" ", last)).strip().lower()
