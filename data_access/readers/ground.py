"""What judges and names the tickets, as one number: it changes without an event of any ticket."""

from sqlalchemy import Connection, Text, cast, func, literal_column, select, union_all

from data_access import schema

# Rules, calendar, master data and the city. A row's place and the transaction that wrote it tell whether it
# is the same row as before; a table that is vacuumed in full costs a wall one reading too many.
_TABLES = (
    schema.policy,
    schema.scheme,
    schema.calendar_year,
    schema.body,
    schema.area,
    schema.category,
    schema.channel,
    schema.city,
)
_ROW = func.concat(*(literal_column(f"{name}::text", Text) for name in ("tableoid", "'|'", "ctid", "xmin")))
_ROWS = union_all(*(select(func.hashtextextended(_ROW, 0).label("mark")).select_from(t) for t in _TABLES))
_GROUND = select(cast(func.coalesce(func.sum(_ROWS.subquery().c.mark), 0), Text))


def ground(connection: Connection) -> str:
    """Return what rules and names stand on; another answer means: read everything anew."""
    return connection.execute(_GROUND).scalar_one()
