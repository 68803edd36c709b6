"""Names of bodies, areas, categories and channels by key; an unknown key is its own name."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_access import schema


@dataclass(frozen=True, slots=True)
class CategoryName:
    name: str
    class_name: str
    class_code: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The master data's names. `short_bodies` are for warnings, lists and logs, `bodies` the full ones.

    Areas are in the city's order.
    """

    bodies: Mapping[str, str]
    short_bodies: Mapping[str, str]
    areas: Mapping[str, str]
    categories: Mapping[str, CategoryName]
    channels: Mapping[str, str]

    def body(self, key: str | None) -> str:
        """Return a body's full name, empty for none."""
        return self.bodies.get(key, key) if key else ""

    def short_body(self, key: str | None) -> str:
        """Return a body's short name, empty for none."""
        return self.short_bodies.get(key, key) if key else ""

    def area(self, code: str | None) -> str:
        """Return an area's name, empty for none."""
        return self.areas.get(code, code) if code else ""

    def category(self, code: str | None) -> CategoryName:
        """Return a category's name and that of its class, empty for none."""
        if not code:
            return CategoryName("", "")
        return self.categories.get(code, CategoryName(code, ""))

    def channel(self, key: str) -> str:
        """Return a channel's name."""
        return self.channels.get(key, key)


def read_names(connection: Connection) -> Names:
    """Return all names of the store's master data."""
    body, area, channel = schema.body.c, schema.area.c, schema.channel.c
    bodies = connection.execute(select(body.key, body.name, body.short_name)).all()
    categories = connection.execute(select(schema.category)).all()
    areas = connection.execute(select(area.code, area.name).order_by(area.position, area.code))
    return Names(
        {row.key: row.name for row in bodies},
        {row.key: row.short_name for row in bodies},
        {row.code: row.name for row in areas},
        {row.code: CategoryName(row.name, row.class_name, row.class_code) for row in categories},
        {row.key: row.name for row in connection.execute(select(channel.key, channel.name))},
    )
