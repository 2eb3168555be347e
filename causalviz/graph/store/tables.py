"""The store's tables, as the code of today reads them; ``migrations`` bring a database of any age there."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

LOGS = Table(
    "logs",
    METADATA,
    Column("fingerprint", String(128), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created", String(40), nullable=False),
    Column("used", String(40)),  # when it was last added; empty where that was before the second form
)
PROJECTS = Table(
    "projects",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("log_id", ForeignKey("logs.fingerprint")),
    Column("model_id", String(32)),  # no foreign key: models already point here
    Column("settings", JSON, nullable=False),
    Column("created", String(40), nullable=False),
    Column("saved", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("binned", String(40)),  # since when it is in the bin
)
MODELS = Table(
    "models",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("card", JSON, nullable=False),
    Column("created", String(40), nullable=False),
    Column("kept", Boolean, nullable=False),
)
ENTRIES = Table(  # of the history; the key is what keeps two tabs from writing the same entry
    "entries",
    METADATA,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("act", String(16), nullable=False),
    Column("cause", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("length", Integer, nullable=False, server_default="0"),
    Column("probability", Float),  # of an imported file
)
POSITIONS = Table(
    "positions",
    METADATA,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("behaviour", Text, primary_key=True),
    Column("x", Float, nullable=False),
    Column("y", Float, nullable=False),
)
CLIENTS = Table(  # up to which operation each mounted editor has been applied
    "clients",
    METADATA,
    Column("client", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("seen", String(40), nullable=False),
)
VERSIONS = Table(
    "versions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", String(40), nullable=False),
    Column("history_length", Integer, nullable=False),
    Column("log_id", ForeignKey("logs.fingerprint")),
    Column("model_id", String(32)),
    Column("settings", JSON, nullable=False),
    Column("places", JSON(none_as_null=True)),  # empty in versions of the first form
    UniqueConstraint("project_id", "name"),
)
DEEDS = Table(  # what was done to projects as a whole
    "deeds",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("note", Text, nullable=False),
)
