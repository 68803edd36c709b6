"""What a handler with a password and psql can try: refused, or found and repaired within one sweep."""

from collections.abc import Sequence

import psycopg
import pytest

from data_access import log
from data_access.rules import load_rules
from data_access.store import open_url
from data_access.sweeper import Sweeper
from domain import events as e
from domain.people import Role
from domain.rights import COMMAND_OF, RIGHTS
from tests.servers.matrix import REFUSED_BY_PSQL, Matrix
from tests.servers.matters import MATTERS, PERSONS, recorded

DENIED = "permission denied"
NOT_OWNER = "must be owner"
NOBODYS = "SELECT record_event('ticket/{other}', NULL, 'Signed', '{{}}')"
OWN_STEP = "SELECT record_event('ticket/{own}', NULL, 'Signed', '{{}}');"

READING = (
    ("SELECT * FROM complainant", DENIED),
    ("TABLE complainant", DENIED),
    ("\\copy complainant TO STDOUT", DENIED),
    ("COPY complainant TO STDOUT", DENIED),
    ("COPY (SELECT * FROM complainant) TO STDOUT", DENIED),
    ("BEGIN; DECLARE c CURSOR FOR SELECT * FROM complainant; FETCH ALL FROM c", DENIED),
    ("PREPARE p AS SELECT * FROM complainant; EXECUTE p", DENIED),
    ("DO $$ BEGIN PERFORM name FROM complainant; END $$", DENIED),
    ("CREATE TEMP VIEW v AS SELECT * FROM complainant; SELECT * FROM v", DENIED),
    ("CREATE TEMP TABLE t AS SELECT * FROM complainant", DENIED),
    (
        "CREATE FUNCTION pg_temp.f() RETURNS SETOF complainant LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT * FROM public.complainant'; SELECT * FROM pg_temp.f()",
        DENIED,
    ),
    ("EXPLAIN ANALYZE SELECT * FROM complainant", DENIED),
    ("SELECT see_complainant('{other}', '核实')", "DETAIL:  other_body"),
    ("SELECT see_complainant('{own}', ' ')", "DETAIL:  no_text"),
    ("SELECT * FROM pg_statistic", DENIED),
    ("SELECT * FROM unchecked", DENIED),
    ("SELECT * FROM delivery", DENIED),
    ("SELECT rolpassword FROM pg_authid", DENIED),
    ("SELECT * FROM sign_in_lines(now() - interval '1 hour')", "DETAIL:  role administer"),
    ("SET row_security = off; SELECT * FROM ticket", "affected by row-level security"),
    ("SET row_security = off; \\copy ticket TO STDOUT", "affected by row-level security"),
    ("SELECT pg_read_file('postgresql.conf')", DENIED),
    ("COPY ticket TO PROGRAM 'cat'", DENIED),
    ("CREATE TEMP TABLE t (x text); COPY t FROM '/etc/passwd'", DENIED),
    ("SELECT lo_import('/etc/passwd')", DENIED),
)

ACTING_AS_SOMEBODY_ELSE = (
    ('SET SESSION AUTHORIZATION "{colleague}"', DENIED),
    ('SET ROLE "{colleague}"', DENIED),
    ("SET ROLE qingshao_duty", DENIED),
    ("SET ROLE qingshao_engine", DENIED),
    ("SET ROLE qingshao_owner", DENIED),
    ("SELECT set_config('role', 'qingshao_owner', false)", DENIED),
    ("SELECT set_config('session_authorization', '{colleague}', false)", DENIED),
    ('GRANT qingshao_duty TO "{login}"', "ermission denied to grant|admin option"),
    ("ALTER ROLE \"{colleague}\" PASSWORD 'guessed-by-me'", DENIED),
    ('ALTER ROLE "{login}" SUPERUSER', "ermission denied to alter role|must be superuser"),
    ("CREATE ROLE matrix_stranger LOGIN", DENIED),
    ("\\connect - {colleague}", "password authentication failed"),
    ("UPDATE person SET role = 'duty' WHERE login = '{login}'", DENIED),
    ("SELECT change_person('{login}', '某人', 'duty')", "DETAIL:  role administer"),
    ("SELECT reset_password('{colleague}', 'x')", "DETAIL:  role administer"),
    ("SELECT end_sessions_of('{colleague}')", DENIED),
    (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'qingshao_owner'",
        "ermission denied|must be a member",
    ),
    (
        "SELECT append_event('ticket/{own}', NULL, 'Closed', '{{}}', NULL,"
        " (SELECT p FROM person AS p WHERE login = '{colleague}'))",
        DENIED,
    ),
    (
        "INSERT INTO event (stream, seq, kind, at, role, person, data, recorded_at, previous, hash)"
        " VALUES ('ticket/{own}', 99, 'Closed', now(), 'duty', '王磊', '{{}}', now(), '', '')",
        DENIED,
    ),
)

WRITING = (
    (NOBODYS, "DETAIL:  other_body"),
    (
        "DO $$ BEGIN PERFORM record_event('ticket/{other}', NULL, 'Signed', '{{}}'); END $$",
        "DETAIL:  other_body",
    ),
    ("PREPARE p AS " + NOBODYS + "; EXECUTE p", "DETAIL:  other_body"),
    ("BEGIN; DECLARE c CURSOR FOR " + NOBODYS + "; FETCH ALL FROM c", "DETAIL:  other_body"),
    ("SELECT record_event('ticket/{own}', NULL, 'Accepted', '{{}}')", "DETAIL:  role Accepted"),
    ("SELECT record_event('ticket/{own}', NULL, 'Closed', '{{}}')", "DETAIL:  role Closed"),
    ("SELECT record_event('ticket/{own}', NULL, 'FedBack', '{{\"by\":\"电话\"}}')", "DETAIL:  not_to_do"),
    ("SELECT record_event('ticket/{own}', NULL, 'Filed', '{{\"document\":\"1\"}}')", "DETAIL:  not_to_do"),
    ("SELECT record_event('ticket/{paused}', NULL, 'Signed', '{{}}')", "DETAIL:  not_to_do"),
    (
        "SELECT record_event('ticket/{own}', NULL, 'Signed', '{{\"at\":\"2020-01-01T00:00:00Z\"}}')",
        "DETAIL:  bad_data",
    ),
    ("SELECT record_event('ticket/{own}', NULL, 'Signed', '{{\"person\":\"王磊\"}}')", "DETAIL:  bad_data"),
    ("SELECT record_event('ticket/{own}', 99, 'Signed', '{{}}')", "somebody else wrote"),
    ("SELECT record_event('ticket/{own}', NULL, 'WarningCleared', '{{}}')", "DETAIL:  role WarningCleared"),
    ("SELECT record_event('ticket/{own}', NULL, 'DueSupplied', '{{}}')", "DETAIL:  role DueSupplied"),
    (
        "SELECT record_event('re_supervision/{file}', NULL, 'ReSupervisionClosed',"
        ' \'{{"recommendation":"结案"}}\')',
        "DETAIL:  role ReSupervisionClosed",
    ),
    (
        "SELECT record_event('re_supervision/{explained}', NULL, 'ReSupervisionExplained',"
        ' \'{{"text":"另一说法"}}\')',
        "DETAIL:  not_to_do",
    ),
    (
        "SELECT record_event('directive/{answered}', NULL, 'DirectiveFedBack',"
        ' \'{{"body":"{body}","text":"另一说法"}}\')',
        "DETAIL:  not_to_do",
    ),
    ("UPDATE re_supervision SET state = 'closed'", DENIED),
    ("UPDATE node_state SET due_at = due_at + interval '1 year'", DENIED),
    ("UPDATE ticket SET red_at = NULL", DENIED),
    ("UPDATE warning SET cleared_at = now()", DENIED),
    ("INSERT INTO node_state SELECT * FROM node_state", "row-level security"),
    ("INSERT INTO ticket SELECT * FROM ticket", "row-level security"),
    ("UPDATE event SET person = '王磊'", DENIED),
    ("DELETE FROM event", DENIED),
    ("TRUNCATE event", DENIED),
    ("WITH gone AS (DELETE FROM event RETURNING *) SELECT * FROM gone", DENIED),
    ("MERGE INTO event USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE", DENIED),
    ("COPY event FROM STDIN;\n\\.", DENIED),
    ("ALTER TABLE event DISABLE TRIGGER ALL", NOT_OWNER),
    ("ALTER TABLE ticket DISABLE ROW LEVEL SECURITY", NOT_OWNER),
    ("DROP POLICY seen_by_own ON ticket", NOT_OWNER),
    ("CREATE POLICY mine ON ticket USING (true)", NOT_OWNER),
    ("CREATE RULE r AS ON INSERT TO event DO INSTEAD NOTHING", NOT_OWNER),
    ("CREATE TRIGGER t BEFORE INSERT ON event EXECUTE FUNCTION tally_gained()", DENIED),
    ("SET session_replication_role = replica", DENIED),
    # Functions of triggers, hung on tables of one's own.
    (
        "CREATE TEMP TABLE t (x int); CREATE TRIGGER t AFTER TRUNCATE ON t"
        " EXECUTE FUNCTION public.tally_emptied(); TRUNCATE t",
        DENIED,
    ),
    (
        "CREATE TEMP TABLE t AS SELECT * FROM node_state; CREATE TRIGGER t AFTER DELETE ON t"
        " REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.tally_lost();"
        " DELETE FROM t",
        DENIED,
    ),
    ("SELECT keep_evidence('{other}', 'x.jpg', 'image/jpeg', 'x')", "DETAIL:  other_body"),
    ("UPDATE evidence SET name = 'x'", DENIED),
    ("DELETE FROM evidence", DENIED),
    ("INSERT INTO evidence SELECT * FROM evidence", DENIED),
    ("SELECT seal_days('x')", DENIED),
    ("DELETE FROM seal", DENIED),
    ("CREATE OR REPLACE FUNCTION my_body() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'", DENIED),
    ("CREATE FUNCTION public.refuse(text) RETURNS void LANGUAGE sql AS ''", DENIED),
    ("CREATE SCHEMA mine", DENIED),
    ("CREATE EXTENSION plpython3u", "ermission denied|not available"),
    ("SELECT next_serial('directive', 2026, 100000)", "DETAIL:  role DirectiveIssued"),
    ("SELECT setval('event_id_seq', 1)", DENIED),
    ("SELECT submit_rule('scheme', 'x', 'x', 1, '2030-01-01')", "DETAIL:  role administer"),
)

TRICKS = (
    # Tables of one's own by the names that the functions use.
    "CREATE TEMP TABLE permission AS"
    " SELECT kind, 'handler'::text AS role, 'all'::text AS scope, command FROM public.permission;",
    "CREATE TEMP TABLE person AS SELECT * FROM public.person; UPDATE pg_temp.person SET role = 'duty';",
    "CREATE TEMP TABLE fact_field AS SELECT * FROM public.fact_field;",
    # Functions, operators and types of one's own.
    "CREATE FUNCTION pg_temp.refuse(text, text DEFAULT '') RETURNS void LANGUAGE sql AS '';",
    "CREATE FUNCTION pg_temp.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
    " CREATE OPERATOR pg_temp.= (leftarg = text, rightarg = text, function = pg_temp.same);",
    "CREATE DOMAIN pg_temp.text AS pg_catalog.text DEFAULT 'duty';",
)


def named(attacks: Sequence[tuple[str, str]]) -> list[object]:
    return [pytest.param(*attack, id=attack[0][:60]) for attack in attacks]


def names(matrix: Matrix) -> dict[str, str]:
    """Return what the attacks aim at."""
    own = matrix.of_handler(e.Signed)
    paused = matrix.of_handler(e.ReturnedAsWrong)
    return {
        "own": own.ticket,
        "other": matrix.of_handler(e.Signed, own=False).ticket,
        "paused": paused.ticket,
        "file": matrix.of_handler(e.ReSupervisionExplained).file,
        "explained": matrix.of_handler(e.ReSupervisionFound).file,
        "answered": matrix.of_handler(e.DirectiveJudged).directive,
        "body": own.body,
        "login": matrix.login[Role.HANDLER],
        "colleague": matrix.login[Role.DUTY],
    }


@pytest.fixture(scope="module")
def aims(whole_matrix: Matrix) -> dict[str, str]:
    """One ticket is paused besides."""
    matrix = whole_matrix
    found = names(matrix)
    scene = matrix.of_handler(e.ReturnedAsWrong)
    paused = recorded(f"ticket/{found['paused']}", e.Paused("等待鉴定", matrix.actor(Role.DUTY).name))
    assert matrix.city.psql(found["colleague"], paused)[0] == 0
    assert scene.body == found["body"]
    return found


@pytest.mark.parametrize(("attack", "refusal"), named([*READING, *ACTING_AS_SOMEBODY_ELSE, *WRITING]))
def test_refused(matrix: Matrix, aims: dict[str, str], attack: str, refusal: str) -> None:
    before = matrix.whole_state()
    code, said, complaint = matrix.city.psql(aims["login"], attack.format(**aims) + ";\n")
    assert code == REFUSED_BY_PSQL, (said, complaint)
    assert any(part in complaint for part in refusal.split("|")), complaint
    assert "孟庆云" not in said + complaint
    assert matrix.whole_state() == before


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("kind", ["Closed", "ReSupervisionClosed"])
def test_no_function_is_tricked_by_the_search_path(
    matrix: Matrix, aims: dict[str, str], trick: str, kind: str
) -> None:
    before = matrix.whole_state()
    stream = f"re_supervision/{aims['file']}" if kind == "ReSupervisionClosed" else f"ticket/{aims['own']}"
    data = '{"recommendation":"结案"}' if kind == "ReSupervisionClosed" else "{}"
    code, said, complaint = matrix.city.psql(
        aims["login"],
        f"{trick}\nSET search_path = pg_temp, public, pg_catalog;\n\\echo ready\n"
        f"SELECT count(*) FROM public.ticket WHERE number LIKE '{aims['other']}';\n"
        f"SELECT public.record_event('{stream}', NULL, '{kind}', '{data}');\n",
    )
    assert code == REFUSED_BY_PSQL
    assert said.splitlines() == ["ready", "0"], complaint
    assert f"DETAIL:  role {kind}" in complaint
    assert matrix.whole_state() == before


def test_rows_of_another_body_are_shown_to_no_function_of_ones_own(
    matrix: Matrix, aims: dict[str, str]
) -> None:
    """A cheap condition is not asked before it is known that the row is one's own."""
    statements = (
        "CREATE FUNCTION pg_temp.peep(x text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS"
        " $$ BEGIN RAISE NOTICE '<%>', x; RETURN true; END $$;\n"
        + "".join(
            f"SELECT count(*) FROM {table} AS t WHERE pg_temp.peep(t.{column}) AND t.{column} LIKE '%M-%';\n"
            for table, column in (
                ("ticket", "number"),
                ("event", "stream"),
                ("node_state", "ticket"),
                ("warning", "ticket"),
                ("re_supervision", "number"),
                ("directive", "number"),
            )
        )
    )
    code, _, complaint = matrix.city.psql(aims["login"], statements)
    assert code == 0, complaint
    shown = {line.partition("<")[2].rstrip(">").rpartition("/")[2] for line in complaint.splitlines()}
    assert aims["own"] in shown
    other = matrix.of_handler(e.ReSupervisionExplained, own=False)
    assert not shown & {aims["other"], other.ticket, other.file}


def test_nobody_looks_at_a_complainant_and_undoes_the_look(matrix: Matrix, aims: dict[str, str]) -> None:
    before = matrix.whole_state()
    asked = (
        f"SELECT see_complainant('{aims['own']}', '核实') AS look \\gset\nSELECT complainant_of(:'look');\n"
    )
    for attempt in (
        f"BEGIN;\n{asked}ROLLBACK;\n",
        f"BEGIN;\nSAVEPOINT s;\n{asked}ROLLBACK TO s;\nCOMMIT;\n",
    ):
        assert matrix.city.psql(aims["login"], attempt) == (0, "", "")
        assert matrix.whole_state() == before


def test_another_bodys_rows_are_not_there(matrix: Matrix, aims: dict[str, str]) -> None:
    matrix.owner.execute("ANALYZE")
    other = aims["other"]
    asked = [
        f"SELECT FROM ticket WHERE number = '{other}'",
        f"SELECT FROM event WHERE stream = 'ticket/{other}'",
        f"SELECT FROM node_state WHERE ticket = '{other}'",
        f"SELECT FROM masked_complainant('{other}')",
        f"SELECT FROM evidence WHERE ticket = '{other}'",
        "SELECT FROM pg_stats WHERE tablename IN ('complainant', 'ticket', 'event')",
        "SELECT FROM pg_stat_activity WHERE usename <> current_user AND query NOT LIKE '<insufficient%'"
        " AND query <> ''",
        "SELECT FROM event WHERE stream LIKE 'person/%' OR stream LIKE 'rules/%'",
    ]
    counted = "".join(f"SELECT count(*) FROM ({statement}) AS t;\n" for statement in asked)
    assert matrix.city.psql(aims["login"], counted) == (0, "0\n" * len(asked), "")
    gone = "".join(
        f"WITH gone AS (DELETE FROM {table} WHERE {column} = '{other}' RETURNING 1)"
        " SELECT count(*) FROM gone;\n"
        for table, column in (("ticket", "number"), ("node_state", "ticket"), ("warning", "ticket"))
    )
    before = matrix.whole_state()
    assert matrix.city.psql(aims["login"], gone) == (0, "0\n" * 3, "")
    assert matrix.whole_state() == before


@pytest.mark.parametrize("role", PERSONS)
def test_a_fact_goes_into_no_other_kind_of_stream(matrix: Matrix, role: Role) -> None:
    """Not even one that the person may record, where it belongs."""
    before = matrix.state()
    scene = matrix.of_handler(e.ReSupervisionExplained)
    streams = {
        "ticket": f"ticket/{scene.ticket}",
        "re_supervision": f"re_supervision/{scene.file}",
        "directive": f"directive/{matrix.of_handler(e.DirectiveSigned).directive}",
        "access": f"access/{scene.ticket}",
        "person": f"person/{matrix.login[role]}",
        "rules": "rules/scheme-default",
        "body": f"body/{scene.body}",
        "item": "item/1",
        "": "",
    }
    with matrix.city.connect(matrix.login[role]) as connection:
        for kind, command in COMMAND_OF.items():
            if role not in RIGHTS[command]:
                continue
            for family, stream in streams.items():
                if family == MATTERS[kind].family and family in ("ticket", "re_supervision", "directive"):
                    continue
                typed = recorded(stream, MATTERS[kind].fact(scene))
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(typed)  # type: ignore[call-overload]
    assert matrix.state() == before


FORGERIES = (
    ("node_state", "ticket", "UPDATE mine SET due_at = due_at + interval '9 years'"),
    ("node_state", "ticket", "DELETE FROM mine"),
    ("ticket", "number", "UPDATE mine SET red_at = NULL, node_due_at = NULL"),
    ("warning", "ticket", "UPDATE mine SET cleared_at = now()"),
)


@pytest.mark.faults_expected
def test_a_cache_that_a_person_has_coloured_is_repaired_within_one_sweep(matrix: Matrix) -> None:
    """Of a ticket whose sign node is red, and of a file: in the transaction of a step of one's own."""
    scene = matrix.of_handler(e.WarningAcknowledged)
    file = matrix.of_handler(e.ReSupervisionExplained)
    store = open_url(matrix.city.url())
    sweeper = Sweeper(store)
    while (found := sweeper.round()).done.raised or found.next_in == 0.0:
        pass
    forged = [f"BEGIN;\n{OWN_STEP.format(own=scene.ticket)}\n"]
    for n, (table, key, change) in enumerate(FORGERIES):
        forged.append(
            f"CREATE TEMP TABLE mine{n} AS SELECT * FROM {table} WHERE {key} = '{scene.ticket}';\n"
            f"DELETE FROM {table} WHERE {key} = '{scene.ticket}';\n"
            f"{change.replace('mine', f'mine{n}')};\n"
            + (f"INSERT INTO {table} SELECT * FROM mine{n};\n" if table != "node_state" or n == 0 else "")
        )
    explained = recorded(f"re_supervision/{file.file}", e.ReSupervisionExplained("车辆外出"))
    forged.append(
        f"COMMIT;\nBEGIN;\n{explained}CREATE TEMP TABLE closed AS SELECT * FROM re_supervision"
        f" WHERE number = '{file.file}';\nDELETE FROM re_supervision WHERE number = '{file.file}';\n"
        "UPDATE closed SET state = 'closed', closed_at = now();\n"
        "INSERT INTO re_supervision SELECT * FROM closed;\nCOMMIT;\n"
    )
    code, _, complaint = matrix.city.psql(matrix.login[Role.HANDLER], "".join(forged))
    assert (code, complaint) == (0, "")
    try:
        sweeper.round()
        for stream in (f"ticket/{scene.ticket}", f"re_supervision/{file.file}"):
            # What follows from the events stands there again: there is nothing left to repair.
            assert not store.write(lambda c, s=stream: log.repair(c, load_rules(c), s)), stream  # type: ignore[misc]
    finally:
        sweeper.close()
        store.close()
    state = matrix.owner.execute("SELECT state FROM re_supervision WHERE number = %s", (file.file,))
    assert state.fetchone() == ("explained",)
