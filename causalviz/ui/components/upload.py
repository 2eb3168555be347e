"""Bringing a log of one's own: a file, its first rows, and which column plays which role."""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.errors import RoleError, UnreadableLog
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from causalviz.events.mapping import Roles
    from causalviz.events.readers import Source
    from causalviz.events.times import DateOrder

TYPES = ("csv", "tsv", "txt", "parquet", "jsonl", "ndjson", "json", "xes", "xlsx", "gz", "zip")
ROLES = {
    "user": ("Who", "The column that names the user, customer or device."),
    "event": ("What", "The column that names the behaviour: view, buy, like."),
    "time": ("When", "The column with the moment: a date and time, or seconds."),
    "item": ("Item (optional)", "What it was done to: a product, a post, a video."),
    "category": ("Category (optional)", "The group of the item."),
    "session": ("Session (optional)", "Which visit it belongs to."),
}
REQUIRED = ("user", "event", "time")
ORDERS: dict[str, DateOrder | None] = {"What the dates tell": None, "Day": "day-first", "Month": "month-first"}
NONE = "—"  # a column might be called "none"
KEEP_S = 86_400


class Upload(NamedTuple):
    """A file that is ready to be read: where it lies, what the visitor calls it, its roles, and whose it is."""

    path: Path
    name: str
    roles: Roles
    is_ours: bool = True  # a copy of our own, which goes once it is read


def upload_log(folder: Path) -> Upload | None:
    """Draws the upload, the preview and the roles.

    Args:
        folder: Where uploads lie until they are read.

    Returns:
        The file and its roles once the visitor asks to read it, else None.

    Raises:
        LogError: If the file cannot be stored, or not be read at all.
    """
    file = st.file_uploader(
        "A table with one row per event: CSV, TSV, Excel, Parquet, JSON lines or XES, also as .gz or .zip",
        type=list(TYPES),
        key="upload",
    )
    if file is None:
        return None
    path = _laid_down(file.file_id, folder, file)
    if not path.exists():  # swept out, on a page that stood open for a day
        _laid_down.clear(file.file_id, folder, file)
        path = _laid_down(file.file_id, folder, file)
    roles = roles_of_file(path, file.name)
    return None if roles is None else Upload(path, file.name, roles)


def roles_of_file(path: Path, name: str) -> Roles | None:
    """Draws the first rows of a file, its roles and the button to read it.

    Args:
        path: Of the file, or a folder of Parquet files.
        name: What the visitor calls it.

    Returns:
        The roles once the visitor asks to read it, else None.

    Raises:
        LogError: If the file cannot be read at all.
    """
    source = _inspect(str(path), name, path.stat().st_mtime_ns)
    st.markdown(f"**First rows** of {source.rows:,}, read as {plain(source.format)}")
    st.dataframe(source.preview, height=220, hide_index=True)
    roles = _pick_roles(source)
    if roles is not None and st.button(
        "Read this log", type="primary", icon=":material/arrow_forward:", key="read_upload"
    ):
        return roles
    return None


def new_path(folder: Path) -> Path:
    """A path for a file on its way to becoming a log; those that nobody read within a day are swept out."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        with suppress(FileNotFoundError):  # read, or swept by another visitor
            if time.time() - old.stat().st_mtime > KEEP_S:
                old.unlink()
    return folder / secrets.token_hex(8)  # what a file is, its content says


@st.cache_resource(max_entries=4, show_spinner="Storing the upload")
def _laid_down(file_id: str, folder: Path, _file: UploadedFile) -> Path:
    """Writes the upload to a file."""
    del file_id  # the key
    path = new_path(folder)
    try:
        _file.seek(0)
        with path.open("wb") as target:
            shutil.copyfileobj(_file, target)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise UnreadableLog(
            f"{_file.name} cannot be stored ({error.strerror}); free some disk space and choose it again."
        ) from error
    return path


@st.cache_resource(max_entries=4, show_spinner="Looking at the file")
def _inspect(path: str, name: str, changed_ns: int) -> Source:
    from causalviz.events.readers import inspect

    del changed_ns  # part of the key: a file of the server may change
    return inspect(path, title=name)


def _pick_roles(source: Source) -> Roles | None:
    """Selectboxes for the roles, preset with what was detected."""
    from causalviz.events.mapping import Roles, detect_roles

    detected: dict[str, str | None] = {}
    hint, unclear = st.empty(), ""
    try:
        found = detect_roles(source)
        detected = {role: getattr(found, role) for role in ROLES}
    except RoleError as error:
        unclear = str(error)
    names = [column.name for column in source.columns]
    chosen: dict[str, str | None] = {}
    for column, (role, (title, help_text)) in zip(st.columns(3) + st.columns(3), ROLES.items(), strict=True):
        options = names if role in REQUIRED else [NONE, *names]
        guess = detected.get(role)
        index = options.index(guess) if guess in options else None if role in REQUIRED else 0
        chosen[role] = column.selectbox(
            title, options, index=index, help=help_text, placeholder="Choose a column", key=f"role_{role}_{source.file}"
        )
    if any(chosen[role] is None for role in REQUIRED):
        hint.warning(plain(unclear), icon=":material/help:")
        st.caption("Choose who, what and when to go on.")
        return None
    picked = {role: None if name == NONE else name for role, name in chosen.items()}
    order = _pick_order(source, picked["time"])
    try:
        return Roles(**picked, dates=order)  # type: ignore[arg-type]
    except RoleError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _pick_order(source: Source, time_column: str | None) -> DateOrder | None:
    """Says how the times will be read; where the day and the month may be swapped, lets the visitor choose."""
    column = next((column for column in source.columns if column.name == time_column), None)
    if column is None or not column.unit:
        return None
    st.caption(f"Times are {plain(column.unit)}.")
    if not column.doubt:
        return None
    st.warning(plain(column.doubt), icon=":material/swap_horiz:")
    if not column.may_be_swapped:
        return None
    picked = st.segmented_control(
        "First in these dates is the", list(ORDERS), default=next(iter(ORDERS)), key=f"dates_{source.file}"
    )
    order = ORDERS.get(picked or "")
    if order is not None:
        st.caption(f"They will be read {order}.")
    return order
