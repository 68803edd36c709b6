"""The keys under which the store knows bodies, areas, categories and channels, by key and by name."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from data_access import schema


@dataclass(frozen=True)
class Keys:
    """Every name and key, pointing at its key. A key wins against a name that is written the same."""

    bodies: dict[str, str]
    areas: dict[str, str]
    categories: dict[str, str]
    channels: dict[str, str]


def read_keys(connection: Connection) -> Keys:
    """Return the keys of the store's master data."""
    body, area, category, channel = schema.body.c, schema.area.c, schema.category.c, schema.channel.c
    return Keys(
        bodies=_by_name(connection, body.key, body.short_name, body.name),
        areas=_by_name(connection, area.code, area.name),
        categories=_by_name(connection, category.code, category.name),
        channels=_by_name(connection, channel.key, channel.name),
    )


def _by_name(connection: Connection, key: ColumnElement[str], *names: ColumnElement[str]) -> dict[str, str]:
    rows = connection.execute(select(key, *names)).all()
    found: dict[str, str] = {}
    for position in range(len(names), -1, -1):
        found |= {row[position]: row[0] for row in rows}
    return found
