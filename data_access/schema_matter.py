"""What is open, or has ended, in the cases of all tickets: one row for each request, question, decision …"""

from sqlalchemy import Column, Index, Integer, SmallInteger, Table, Text, text

from data_access.schema_base import metadata, moment

matter = Table(  # CACHE of ticket/… streams (data_access/matters.py)
    "matter",
    metadata,
    Column("ticket", Text, primary_key=True),
    # domain.case.MatterKind: request, help, transfer, record, decision, responsibility, mark, subject …
    Column("kind", Text, primary_key=True),
    # Of the kind in its ticket, from 1; a decision has the number of its record, and `part` its own.
    Column("number", Integer, primary_key=True),
    Column("part", SmallInteger, primary_key=True),
    # What sort of its kind it is: pause, plan, lead_in_charge, police …
    Column("sort", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("node", Text),
    # From whom it comes, and for whom it waits: bodies' keys.
    Column("from_body", Text),
    Column("to_body", Text),
    # Who is named by it, or who brought it up.
    Column("person", Text),
    # By when it is to be done; of a request for an extension, the time that it asks for.
    moment("due_at"),
    moment("opened_at", nullable=False),
    moment("ended_at"),
    Column("outcome", Text),
    # Of a lead-in-charge: when somebody last moved the case on (Q09).
    moment("coordinated_at"),
    # What is open, what is due next, and for whom it waits.
    Index("matter_open", "kind", "due_at", "ticket", postgresql_where=text("ended_at IS NULL")),
    Index("matter_to", "to_body", "kind", "due_at", postgresql_where=text("ended_at IS NULL")),
    Index("matter_from", "from_body", "kind", "opened_at"),
    Index("matter_person", "person", "kind", "opened_at", postgresql_where=text("person IS NOT NULL")),
    Index("matter_opened", "kind", "opened_at", "ticket"),
)
