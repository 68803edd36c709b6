"""Master data: the bodies, areas, categories, channels and people that events name by key."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from data_access import schema
from data_access.gate.demo_people import give_demo_logins
from domain.city import BodyKind, City
from domain.intake import NewBody, NewCategory


def put_city(connection: Connection, city: City, created_at: datetime) -> None:
    """Put a city's master data into the store; what is there under the same key is brought up to date."""
    _put(
        connection,
        schema.city,
        [{"only": True, "name": city.name, "sample": city.sample, "created_at": created_at}],
    )
    _put(
        connection,
        schema.body,
        [
            {"key": b.key, "name": b.name, "short_name": b.short, "kind": b.kind.value, "position": position}
            for position, b in enumerate(city.bodies)
        ],
    )
    _put(
        connection,
        schema.area,
        [
            {"code": a.adcode, "name": a.name, "lng": a.lng, "lat": a.lat, "position": position}
            for position, a in enumerate(city.areas)
        ],
    )
    _put(
        connection,
        schema.category,
        [
            {
                "code": c.code,
                "name": c.name,
                "class_code": c.class_code,
                "class_name": c.class_name,
                "main_body": c.lead,
                "assisting": list(c.assisting),
                "fast_lane": c.fast_lane is not None,
                "position": position,
            }
            for position, c in enumerate(city.categories)
        ],
    )
    _put(
        connection,
        schema.channel,
        [
            {
                "key": c.key,
                "name": c.name,
                "expected_seconds": c.heartbeat_seconds,
                "proactive": c.proactive,
                "position": position,
            }
            for position, c in enumerate(city.channels)
        ],
    )
    _put(
        connection,
        schema.person,
        [
            {
                "key": f"{p.role}/{p.body or ''}/{p.name}",
                "name": p.name,
                "role": p.role.value,
                "body": p.body,
                "title": p.title,
                "position": position,
            }
            for position, p in enumerate(city.people)
        ],
    )
    give_demo_logins(connection)


def add_bodies(connection: Connection, bodies: Iterable[NewBody]) -> None:
    """Add bodies that a source named; a body that is known keeps its name."""
    after = connection.execute(select(func.coalesce(func.max(schema.body.c.position), 0))).scalar_one()
    rows = [
        {
            "key": body.key,
            "name": body.name,
            "short_name": body.name,
            "kind": BodyKind.RESPONSIBLE.value,
            "position": after + position,
        }
        for position, body in enumerate(bodies, start=1)
    ]
    if rows:
        connection.execute(insert(schema.body).values(rows).on_conflict_do_nothing())


def add_categories(connection: Connection, categories: Iterable[NewCategory]) -> None:
    """Add categories that a source named; a category that is known keeps its name."""
    after = connection.execute(select(func.coalesce(func.max(schema.category.c.position), 0))).scalar_one()
    rows = [
        {
            "code": category.key,
            "name": category.name,
            "class_code": "",
            "class_name": "来源自带",
            "main_body": None,
            "assisting": [],
            "fast_lane": False,
            "position": after + position,
        }
        for position, category in enumerate(categories, start=1)
    ]
    if rows:
        connection.execute(insert(schema.category).values(rows).on_conflict_do_nothing())


def put_feeds(connection: Connection, last_seen: dict[str, datetime]) -> None:
    """Note when sources last spoke; an earlier time than the one known changes nothing."""
    for channel, moment in last_seen.items():
        statement = insert(schema.feed).values(channel=channel, last_seen=moment)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[schema.feed.c.channel],
                set_={"last_seen": func.greatest(schema.feed.c.last_seen, statement.excluded.last_seen)},
            )
        )


def is_empty(connection: Connection) -> bool:
    """Whether the store has no city yet and no event."""
    city = connection.execute(select(func.count()).select_from(schema.city)).scalar_one()
    return not city and connection.execute(select(schema.event.c.id).limit(1)).scalar() is None


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = insert(table).values(rows)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
