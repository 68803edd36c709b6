"""Writes the gate into a database: group roles, grants, functions, and which rows whom.

Everything here can be written again over itself. It is done after the migrations, by the owner, whenever what
the program knows differs from what was written last: by a fingerprint, so that an ordinary start asks once.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, insert, select, text

from data_access import schema
from data_access.errors import StoreError
from data_access.gate.facts import fact_fields, permissions
from data_access.gate.roles import ENGINE, GROUPS

HERE = Path(__file__).parent
PARTS = (
    "identity",
    "chain",
    "directives",
    "cases",
    "mergers",
    "findings",
    "files",
    "record",
    "complainants",
    "duty",
    "people",
    "rules",
    "server_log",
    "evidence",
    "sealed_heads",
    "rows",
    "limits",
    "hogs",
    "readings",
)
"""Files of SQL, in the order in which they are run."""

JUDGING_KEPT = ("judging", "to_judge", "evidence_use", "picture_mark")
"""What the rule engine keeps for itself (judging.py)."""
RECEIVED = (
    "station_state",
    "unknown_device",
    "reading",
    "to_weigh",
    "episode",
    "device_item",
    "air_index",
    "finding_file",
    "finding",
)
"""What the receiver and what weighs the readings keep."""
STATIONS = ("station", "station_factor", "station_secret", "limit_value")
"""The registry of devices, and what their values are judged by."""
SECRET = ("complainant", "delivery", "unchecked", "sealed_head", "to_weigh", "station_secret", *JUDGING_KEPT)
"""Tables that no person reads."""
CACHED = ("ticket", "node_state", "warning", "matter", "directive", "directive_receiver", "re_supervision")
"""Tables that a person's order writes, in the transaction that records it: see rows.sql."""
KEPT_BY_ENGINE = (
    *CACHED,
    "item",
    "delivery",
    "tally",
    "tally_change",
    "feed",
    "serial",
    "unchecked",
    *JUDGING_KEPT,
    *RECEIVED,
    *STATIONS,
)
NAMED_BY_IMPORTS = ("body", "category")
JUDGING = ("policy", "scheme", "calendar_year")
"""What the engine installs when an admin has submitted it (rule_files.py)."""
INNER = (
    "append_event(text, integer, text, text, uuid, person)",
    "holder_of(text)",
    "concerns(text, text)",
    "step_is_open(text, text)",
    "answer_is_open(text, text, text)",
    "directive_turn(text, text)",
    "evidence_is_kept(text, json)",
    "check_number(text, text, integer)",
    "check_course(text, text, json)",
    "assists(text, text)",
    "knows_assisting(text)",
    "nth_of_kind(text, text, integer)",
    "said_of(text, text, integer)",
    "is_closed(text)",
    "merged_into(text)",
    "is_my_matter(text)",
    "holds_merged(text)",
    "merger_is_written_here(text, text, text)",
    "check_merger(text, text, text, json)",
    "check_clue(text, integer, json)",
    "subjects_are_left(text)",
    "supervisors_left(text)",
    "is_rectified(text)",
    "knows_rectify(text)",
    "policy_text(text)",
    "check_duty_note(text, json)",
    "check_case(text, text, json, person, boolean)",
    "help_is_open(text, text, text)",
    "stands_still(text)",
    "may_see_complainant(text, boolean)",
    "lock_people(text)",
    "known_person(text)",
    "is_last_admin(person)",
    "end_sessions_of(text)",
)
"""Functions that only other functions and the policies call."""

DROP = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT p.polname, c.oid::regclass AS name FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
        WHERE c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('DROP POLICY %I ON %s', found.polname, found.name);
    END LOOP;
    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND obj_description(oid, 'pg_proc') = 'gate'
    LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', found.name);
    END LOOP;
END
$$
"""
MARK = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname = ANY ('{NAMES}')
    LOOP
        EXECUTE format('COMMENT ON FUNCTION %s IS %L', found.name, 'gate');
    END LOOP;
END
$$
"""


def install_gate(connection: Connection, *, anew: bool = False) -> bool:
    """Bring the gate to what this program knows; return whether anything was to be done. For the owner only.

    With `anew` it is written in any case: a migration has made tables that nobody has rights on yet.

    Raises:
        StoreError: the owner may not create the group roles.
    """
    gate = schema.gate
    wanted = fingerprint()
    if not anew and connection.execute(select(gate.c.fingerprint)).scalar() == wanted:
        return False
    _create_roles(connection)
    _put_table_of_rights(connection)
    # What an older program had put there goes first: a function's form may have changed, and one that is no
    # longer known must not stay.
    remove_gate(connection)
    for part in PARTS:
        _run(connection, (HERE / f"{part}.sql").read_text(encoding="utf-8"))
    _run(connection, MARK.replace("NAMES", ",".join(_functions())))
    _grant(connection)
    connection.execute(gate.delete())
    connection.execute(insert(gate).values(only=True, fingerprint=wanted))
    return True


def remove_gate(connection: Connection) -> None:
    """Take policies, functions and the triggers that call them away, so that the tables can be changed.

    Row-level security stays switched on: until the gate is installed again, nobody but the owner sees a row.
    """
    _run(connection, DROP)


@cache
def fingerprint() -> str:
    """Return what tells one version of the gate from another: SHA-256 in hex."""
    parts = [(HERE / f"{part}.sql").read_text(encoding="utf-8") for part in PARTS]
    code = [Path(__file__).read_text(encoding="utf-8")]
    known = json.dumps([permissions(), fact_fields(), [*GROUPS.values(), ENGINE]], ensure_ascii=False)
    return hashlib.sha256("\0".join([*parts, *code, known]).encode()).hexdigest()


def _functions() -> list[str]:
    declared = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)", re.MULTILINE)
    return [name for part in PARTS for name in declared.findall((HERE / f"{part}.sql").read_text("utf-8"))]


def _create_roles(connection: Connection) -> None:
    wanted = [*GROUPS.values(), ENGINE]
    found = connection.execute(
        text("SELECT rolname FROM pg_roles WHERE rolname = ANY (:names)"), {"names": wanted}
    ).scalars()
    missing = sorted(set(wanted) - set(found))
    if (
        missing
        and not connection.execute(
            text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
    ):
        raise StoreError(
            f"数据库中缺少角色 {'、'.join(missing)}，而当前用户不能创建角色",
            "请让数据库管理员授予所有者 CREATEROLE，或由其先创建这些角色（NOLOGIN）。",
        )
    for name in missing:
        # Roles belong to all databases of a server: another one may be at it just now.
        _run(
            connection,
            sql.SQL(
                "DO $$ BEGIN CREATE ROLE {} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation"
                " THEN NULL; END $$"
            ).format(sql.Identifier(name)),
        )


def _put_table_of_rights(connection: Connection) -> None:
    for table, rows in ((schema.permission, permissions()), (schema.fact_field, fact_fields())):
        connection.execute(table.delete())
        connection.execute(insert(table), rows)


def _grant(connection: Connection) -> None:
    persons = sql.SQL(", ").join(map(sql.Identifier, GROUPS.values()))
    engine = sql.Identifier(ENGINE)
    everyone = sql.SQL("{}, {}").format(persons, engine)
    database = sql.Identifier(str(connection.execute(text("SELECT current_database()")).scalar_one()))

    def run(statement: str, **parts: sql.Composable) -> None:
        _run(connection, sql.SQL(statement).format(**parts))

    def tables(names: tuple[str, ...]) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, names))

    every = tuple(table.name for table in schema.metadata.sorted_tables)
    run("REVOKE ALL ON DATABASE {database} FROM PUBLIC", database=database)
    run("GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {everyone}", database=database, everyone=everyone)
    run("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    run("GRANT USAGE ON SCHEMA public TO {everyone}", everyone=everyone)
    run("REVOKE ALL ON {all} FROM PUBLIC, {everyone}", all=tables(every), everyone=everyone)
    run("GRANT SELECT ON alembic_version TO {everyone}", everyone=everyone)
    seen = tuple(name for name in every if name not in SECRET)
    run("GRANT SELECT ON {seen} TO {everyone}", seen=tables(seen), everyone=everyone)
    writers = [GROUPS[role] for role in GROUPS if any(p["role"] == role.value for p in permissions())]
    run(
        "GRANT INSERT, DELETE ON {cached} TO {writers}",
        cached=tables(CACHED),
        writers=sql.SQL(", ").join(map(sql.Identifier, writers)),
    )
    run(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {kept} TO {engine}",
        kept=tables(KEPT_BY_ENGINE),
        engine=engine,
    )
    run("GRANT INSERT ON event, complainant TO {engine}", engine=engine)
    written = tables((*NAMED_BY_IMPORTS, *JUDGING))
    run("GRANT INSERT, UPDATE ON {written} TO {engine}", written=written, engine=engine)
    run("GRANT SELECT ON sealed_head TO {engine}", engine=engine)
    run("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")
    run("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {everyone}", everyone=everyone)
    for function in INNER:
        run(
            "REVOKE ALL ON FUNCTION {function} FROM {everyone}", function=sql.SQL(function), everyone=everyone
        )
    # Triggers fire without it; whoever has it may hang them on a temporary table of rows of one's own making.
    triggers = text(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype"
    )
    for function in connection.execute(triggers).scalars().all():
        run(
            "REVOKE ALL ON FUNCTION {function} FROM {everyone}", function=sql.SQL(function), everyone=everyone
        )
    # It keeps all writers waiting until its transaction ends.
    run("REVOKE ALL ON FUNCTION seal_days(text) FROM {persons}", persons=persons)
    run("REVOKE ALL ON FUNCTION end_hogs() FROM {persons}", persons=persons)
    # Tables and old readings are made and dropped by the receiver only.
    for function in ("make_reading_month(timestamptz)", "roll_up_readings(timestamptz, integer)"):
        run("REVOKE ALL ON FUNCTION {function} FROM {persons}", function=sql.SQL(function), persons=persons)
    for function in ("tally_gained()", "tally_lost()", "tally_emptied()"):
        # What they note of a person's order, that person may not write.
        run(
            "ALTER FUNCTION {function} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp",
            function=sql.SQL(function),
        )


def _run(connection: Connection, statement: str | sql.Composable) -> None:
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    with driver.cursor() as cursor:
        cursor.execute(statement)
