"""The tables. `event` is the truth; every table marked CACHE follows from it and can be rebuilt.

Migrations create what stands here (`data_access/migrations`); a test holds the two against each other.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, UUID
from sqlalchemy.types import UserDefinedType

from data_access.schema_base import metadata as metadata
from data_access.schema_base import moment
from data_access.schema_directive import directive as directive
from data_access.schema_directive import directive_receiver as directive_receiver
from data_access.schema_evidence import evidence as evidence
from data_access.schema_gate import fact_field as fact_field
from data_access.schema_gate import gate as gate
from data_access.schema_gate import permission as permission
from data_access.schema_gate import unchecked as unchecked
from data_access.schema_judging import evidence_use as evidence_use
from data_access.schema_judging import judging as judging
from data_access.schema_judging import picture_mark as picture_mark
from data_access.schema_judging import to_judge as to_judge
from data_access.schema_master import area as area
from data_access.schema_master import body as body
from data_access.schema_master import calendar_year as calendar_year
from data_access.schema_master import category as category
from data_access.schema_master import channel as channel
from data_access.schema_master import city as city
from data_access.schema_master import person as person
from data_access.schema_master import policy as policy
from data_access.schema_master import scheme as scheme
from data_access.schema_matter import matter as matter
from data_access.schema_readings import air_index as air_index
from data_access.schema_readings import device_item as device_item
from data_access.schema_readings import episode as episode
from data_access.schema_readings import finding as finding
from data_access.schema_readings import finding_file as finding_file
from data_access.schema_readings import limit_value as limit_value
from data_access.schema_readings import reading as reading
from data_access.schema_readings import station as station
from data_access.schema_readings import station_factor as station_factor
from data_access.schema_readings import station_secret as station_secret
from data_access.schema_readings import station_state as station_state
from data_access.schema_readings import to_weigh as to_weigh
from data_access.schema_readings import unknown_device as unknown_device
from data_access.schema_seal import seal as seal
from data_access.schema_seal import sealed_head as sealed_head
from data_access.schema_tally import tally as tally
from data_access.schema_tally import tally_change as tally_change


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id; readers of the log use it to wait for transactions out of order."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in SQL."""
        return "xid8"


event = Table(
    "event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    moment("at", nullable=False),
    Column("role", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("body", Text),
    # json, not jsonb: the text is kept as it was hashed.
    Column("data", JSON, nullable=False),
    moment("recorded_at", nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("request", UUID(as_uuid=True)),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    UniqueConstraint("stream", "seq"),
    Index("event_at", "at"),
    Index("event_request", "request", postgresql_where=text("request IS NOT NULL")),
    Index("event_xid", "xid", "id"),
    # The days of recording: nearly in the order in which the rows lie.
    Index("event_recorded_at", "recorded_at", postgresql_using="brin"),
)

ticket = Table(  # CACHE of ticket/… streams
    "ticket",
    metadata,
    Column("number", Text, primary_key=True),
    Column("external_id", Text),
    Column("channel", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("urgency_as_written", Text),
    Column("category", Text),
    Column("area", Text),
    Column("township", Text),
    Column("address", Text, nullable=False),
    Column("lng", Float),
    Column("lat", Float),
    moment("received_at", nullable=False),
    Column("policy_family", Text, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("lead", Text),
    Column("assisting", ARRAY(Text), nullable=False),
    Column("node", Text),
    moment("node_due_at"),
    moment("node_yellow_at"),
    moment("yellow_at"),
    moment("red_at"),
    Column("paused", Boolean, nullable=False),
    Column("rectified", Boolean, nullable=False),
    Column("satisfied", Boolean),
    Column("bounces", SmallInteger, nullable=False),
    Column("merged_into", Text),
    moment("closed_at"),
    Column("version", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Index("ticket_received", "received_at", "number"),
    # What a list of open tickets sorts and filters by, and what a board has: both are read from it alone.
    Index(
        "ticket_open",
        "red_at",
        "number",
        postgresql_include=[
            "yellow_at",
            "paused",
            "rectified",
            "closed_at",
            "urgency",
            "category",
            "area",
            "lead",
            "channel",
            "received_at",
            "node",
            "node_due_at",
            "node_yellow_at",
            "lng",
            "lat",
        ],
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ticket_paused", "number", postgresql_where=text("paused AND closed_at IS NULL")),
    Index("ticket_closed", "closed_at", "number", postgresql_where=text("closed_at IS NOT NULL")),
    Index("ticket_lead", "lead", "number"),
    Index("ticket_area", "area", "number"),
    Index("ticket_category", "category", "number"),
    # A handler sees the tickets that its body leads or assists: row-level security asks for both.
    Index("ticket_assisting", "assisting", postgresql_using="gin"),
    Index("ticket_external", "channel", "external_id"),
    Index("ticket_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    # What may be the same matter: a square around a point, or the same address (any length: only its hash).
    Index("ticket_place", "lat", "lng", "received_at", postgresql_where=text("lat IS NOT NULL")),
    Index("ticket_address", "address", postgresql_using="hash", postgresql_where=text("address <> ''")),
)

node_state = Table(  # CACHE of the clocks
    "node_state",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("leg", SmallInteger, primary_key=True),
    Column("node", Text, primary_key=True),
    Column("part", SmallInteger, primary_key=True),
    Column("body", Text),
    Column("handler", Text),
    Column("person", Text),
    Column("category", Text),
    Column("area", Text),
    Column("allowed", Text),
    # When the ticket came in: how long it took is counted without a look at the ticket.
    moment("received_at", nullable=False),
    moment("started_at", nullable=False),
    moment("due_at"),
    Column("due_source", Text, nullable=False),
    moment("yellow_at"),
    moment("ended_at"),
    Column("ended", Text),
    Column("paused", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("passed", Boolean),
    # Whether the warning of its due time, or of its yellow time, has been raised: what is left to the sweep.
    Column("warned_late", Boolean, nullable=False),
    Column("warned_slow", Boolean, nullable=False),
    Index(
        "node_state_to_warn_late",
        "due_at",
        postgresql_where=text("ended_at IS NULL AND due_at IS NOT NULL AND NOT warned_late"),
    ),
    Index(
        "node_state_to_warn_slow",
        "yellow_at",
        postgresql_where=text("ended_at IS NULL AND yellow_at IS NOT NULL AND NOT warned_slow"),
    ),
    # What is open and next due: warnings are counted and listed from this index alone.
    Index(
        "node_state_next_due",
        "due_at",
        postgresql_include=[
            "ticket",
            "round",
            "leg",
            "node",
            "body",
            "area",
            "started_at",
            "yellow_at",
            "paused",
            "ended_at",
            "part",
        ],
        postgresql_where=text("ended_at IS NULL AND due_at IS NOT NULL"),
    ),
    # What waits for the platform office, in the order in which it is due.
    Index(
        "node_state_office",
        "node",
        "due_at",
        postgresql_include=["ticket", "paused", "ended_at"],
        postgresql_where=text(
            "ended_at IS NULL AND node IN ('accept', 'dispatch', 'revisit', 'post_check', 'close')"
        ),
    ),
    # What came of violations, month by month (Q19).
    Index(
        "node_state_case",
        "node",
        "ended_at",
        postgresql_include=["ticket", "body", "ended"],
        postgresql_where=text("node IN ('file', 'penalise')"),
    ),
    # What a body has to do, by what is due next: the queue of its handlers.
    Index(
        "node_state_own",
        "body",
        "due_at",
        postgresql_include=["ticket", "node", "part", "ended_at"],
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "node_state_next_yellow",
        "yellow_at",
        postgresql_where=text("ended_at IS NULL AND yellow_at IS NOT NULL"),
    ),
    # What fell due in a window, and what follow-ups found in it: rates and rankings read only the index.
    Index(
        "node_state_due",
        "node",
        "due_at",
        postgresql_include=["body", "category", "area", "ended_at", "ended", "person"],
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index(
        "node_state_done",
        "node",
        "ended_at",
        postgresql_include=["ticket", "handler", "category", "area", "received_at", "passed"],
        postgresql_where=text("part = 0 AND ended = 'done' AND node IN ('rectify', 'revisit', 'post_check')"),
    ),
    # What was ended late: the list behind a body's late nodes.
    Index(
        "node_state_late",
        "body",
        "due_at",
        postgresql_include=["node", "ended_at", "ticket", "person"],
        postgresql_where=text("ended_at > due_at"),
    ),
    # Which tickets a body had and another got: one row for each time.
    Index(
        "node_state_handed_over",
        "ended_at",
        postgresql_include=["body", "ticket"],
        postgresql_where=text("node = 'rectify' AND ended = 'handed_over' AND part = 0"),
    ),
    # What may have been rectified before: a ticket counts once in a window.
    Index(
        "node_state_again",
        "ended_at",
        postgresql_include=["ticket"],
        postgresql_where=text("part = 0 AND node = 'rectify' AND ended = 'done' AND (round > 1 OR leg > 1)"),
    ),
)

warning = Table(  # CACHE of warning events
    "warning",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("leg", SmallInteger, primary_key=True),
    Column("node", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("part", SmallInteger, primary_key=True),
    # "" but for a wrong step: there the rule's own in the policy, as several may be broken at one node.
    Column("rule_id", Text, primary_key=True),
    Column("body", Text),
    Column("rule", Text, nullable=False),
    Column("facts", ARRAY(Text), nullable=False),
    moment("raised_at", nullable=False),
    moment("cleared_at"),
    Column("acknowledged_by", Text),
    moment("acknowledged_at"),
    Column("note", Text),
    # How far it climbed while nobody acknowledged it: the step of the policy's ladder, and the role there.
    Column("escalated_step", SmallInteger),
    Column("escalated_to", Text),
    moment("escalated_at"),
    # When it climbs next if nobody takes note of it; None while it does not.
    moment("escalate_at"),
    # From when on the sweep has to look whether it still stands; None while nothing can end it.
    moment("clear_from"),
    Index(
        "warning_to_clear",
        "clear_from",
        postgresql_where=text("cleared_at IS NULL AND clear_from IS NOT NULL"),
    ),
    Index("warning_open", "raised_at", postgresql_where=text("cleared_at IS NULL")),
    # What was warned of in a window, by whom it is about and why.
    Index("warning_raised", "raised_at", postgresql_include=["body", "node", "kind", "rule_id"]),
    Index("warning_to_escalate", "escalate_at", postgresql_where=text("escalate_at IS NOT NULL")),
)

re_supervision = Table(  # CACHE of re_supervision/… streams
    "re_supervision",
    metadata,
    Column("number", Text, primary_key=True),
    Column("ticket", Text, nullable=False),
    Column("body", Text),
    Column("node", Text),
    Column("round", SmallInteger),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("drafted_at", nullable=False),
    moment("launched_at"),
    Column("officer", Text),
    Column("question", Text),
    moment("deadline"),
    Column("facts", Text),
    Column("facts_head", Text),
    Column("explanation", Text),
    Column("behaviour", Text),
    Column("finding", Text),
    Column("recommendation", Text),
    moment("closed_at"),
    Column("version", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Index("re_supervision_ticket", "ticket"),
    Index(
        "re_supervision_launched",
        "launched_at",
        postgresql_include=["body", "behaviour"],
        postgresql_where=text("launched_at IS NOT NULL"),
    ),
)

item = Table(  # CACHE of item/… streams
    "item",
    metadata,
    Column("number", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("area", Text),
    Column("lead_in_charge", Text, nullable=False),
    Column("goal", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("milestones", JSONB, nullable=False),
    moment("opened_at", nullable=False),
    moment("deadline", nullable=False),
    Column("percent", SmallInteger, nullable=False),
    Column("returned", Boolean, nullable=False),
    moment("closed_out_at"),
    moment("last_progress_at"),
    Column("note", Text, nullable=False),
    Column("ticket", Text),
    Column("version", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
)

delivery = Table(  # what a source last said of a ticket, so that the same file twice changes nothing
    "delivery",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("content_hash", LargeBinary, nullable=False),
)

complainant = Table(
    "complainant",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("secrecy", Boolean, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    Column("channel", Text, primary_key=True),
    moment("last_seen", nullable=False),
)

serial = Table(  # the last number given out, by kind and year
    "serial",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

CACHES = (ticket, node_state, warning, matter, directive, directive_receiver, re_supervision, item)
"""Tables that follow from the event log."""

__all__ = [table.name for table in metadata.sorted_tables] + ["CACHES", "metadata"]
