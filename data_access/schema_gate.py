"""The tables of the gate: who may record what, and what was recorded that nobody has proved yet."""

from sqlalchemy import Boolean, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from data_access.schema_base import metadata, moment

permission = Table(  # the rights table of domain/rights.py, fact by fact
    "permission",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("command", Text, nullable=False),
)

fact_field = Table(  # the fields of these facts, as domain/events.py declares them
    "fact_field",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    # With "?" behind it where null may be said.
    Column("type", Text, nullable=False),
    Column("many", Boolean, nullable=False),
    # The default as canonical JSON, which is left out of the text; None where the field must be given.
    Column("otherwise", Text),
    Column("allowed", ARRAY(Text)),
    Column("longest", Integer, nullable=False),
)

unchecked = Table(  # streams that persons wrote to, until the sweep has proved their cached rows
    "unchecked",
    metadata,
    Column("stream", Text, nullable=False),
    moment("at", nullable=False),
)

gate = Table(  # one row: what was last installed (data_access/gate/install.py)
    "gate",
    metadata,
    Column("only", Boolean, primary_key=True),
    Column("fingerprint", Text, nullable=False),
)
