"""Bringing a log of one's own: from this computer, from a folder of the server, or from a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.upload import Upload, new_path, roles_of_file, upload_log

if TYPE_CHECKING:
    from pathlib import Path

    from causalviz.events.database import Address

PLACES = {
    "upload": ":material/upload: This computer",
    "server": ":material/folder_open: Folder of the server",
    "database": ":material/database: Database",
}
COPIED = "table_copied"
LIST_S = 30.0  # after which new files of the server are seen


def bring_log(folder: Path) -> Upload | None:
    """Draws where a log may come from, its first rows and its roles.

    Args:
        folder: Where uploads and copied tables lie until they are read.

    Returns:
        The log and its roles once the visitor asks to read it, else None.

    Raises:
        CausalVizError: If it cannot be stored, reached or read.
    """
    place = st.segmented_control(
        "Where it is", list(PLACES), default="upload", required=True, format_func=PLACES.__getitem__, key="log_place",
        label_visibility="collapsed",
    )  # fmt: skip
    if place == "server":
        return _from_server()
    return _from_database(folder) if place == "database" else upload_log(folder)


def _from_server() -> Upload | None:
    from causalviz.events.allowed import FOLDERS, allowed_folders, allowed_path

    folders = allowed_folders()
    if not folders:
        st.info(
            f"No folder of the server may be read. Start it with `{FOLDERS}` set to the folders that may, "
            "separated by a colon.",
            icon=":material/folder_off:",
        )
        return None
    chosen = st.selectbox(
        "A file, or a folder of Parquet files", _listed(folders), index=None, key="server_path",
        placeholder="Choose, or type the path", accept_new_options=True,
        help=f"What lies in {' and '.join(map(str, folders))}",
    )  # fmt: skip
    if chosen is None:
        return None
    path = allowed_path(chosen, folders)
    roles = roles_of_file(path, path.name)
    return None if roles is None else Upload(path, path.name, roles, is_ours=False)


@st.cache_data(ttl=LIST_S, show_spinner="Looking for logs")
def _listed(folders: tuple[Path, ...]) -> tuple[str, ...]:
    from causalviz.events.allowed import logs_in

    return logs_in(folders)


def _from_database(folder: Path) -> Upload | None:
    from causalviz.events.allowed import ANY_TABLE, TABLES, allowed_tables, with_table

    addresses = allowed_tables()
    if not addresses:
        st.info(
            f"No database may be read. Start the server with `{TABLES}` set to addresses such as "
            f"`postgresql://user@host/database#table`, separated by spaces; `#{ANY_TABLE}` allows every table of one.",
            icon=":material/database_off:",
        )
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        address = st.selectbox("Table", addresses, format_func=str, key="table_address")
        if address.table == ANY_TABLE:
            name = st.text_input("Name of the table", key="table_name", placeholder="schema.table").strip()
            address = with_table(address, name)
        asked = st.button(
            "Fetch", icon=":material/download:", key="fetch_table", disabled=address.table in ("", ANY_TABLE)
        )
    if asked:
        with st.spinner("Fetching the table"):
            st.session_state[COPIED] = (str(address), _copied(address, folder))
    label, path = st.session_state.get(COPIED, ("", None))
    if path is None or label != str(address) or not path.exists():
        return None
    name = address.table.rpartition(".")[2]
    roles = roles_of_file(path, name)
    return None if roles is None else Upload(path, name, roles)


def _copied(address: Address, folder: Path) -> Path:
    from causalviz.events.database import copy_table
    from causalviz.events.limits import MOST_ROWS

    path = new_path(folder)
    copy_table(address, path, MOST_ROWS)
    return path
