"""Addresses become servers, and what a server says becomes a sentence with a way out."""

import psycopg
import pytest

from data_access.credentials import Secret, protected, server_of
from data_access.errors import StoreError
from data_access.letting_in import Refusal, refused, told
from domain.servers import Server, Tls


def test_an_address_names_server_and_user() -> None:
    server, user = server_of("postgresql://wang.lei@db.city.gov.cn:5433/city?sslrootcert=/etc/root.crt")
    assert user == "wang.lei"
    assert (server.host, server.port, server.database) == ("db.city.gov.cn", "5433", "city")
    assert (server.tls, server.root_certificate) == (None, "/etc/root.crt")
    assert server_of("postgresql://db.city.gov.cn/city")[1] is None


def test_several_hosts_and_a_weaker_mode_are_kept() -> None:
    server, _ = server_of("postgresql:///city?host=db1.city,db2.city&port=5432,5433&sslmode=require")
    assert (server.host, server.port, server.tls) == ("db1.city,db2.city", "5432,5433", Tls.REQUIRE)


def test_a_strange_mode_is_refused() -> None:
    with pytest.raises(StoreError, match="sslmode"):
        server_of("postgresql://db.city/city?sslmode=whatever")


def test_an_address_that_says_nothing_of_tls_is_verified_in_full() -> None:
    made = protected("postgresql://engine:secret@db.city.gov.cn/city")
    assert "sslmode=verify-full" in made
    assert "sslrootcert=system" in made
    assert "engine:secret@" in made
    weaker = "postgresql://engine@db.city.gov.cn/city?sslmode=require"
    assert "sslmode=require" in protected(weaker)
    assert "verify-full" not in protected(weaker)
    local = "postgresql://postgres@/city?host=/run/postgresql"
    assert protected(local) == local


def test_a_secret_is_shown_to_the_driver_only() -> None:
    secret = Secret("geheim")
    assert "geheim" not in f"{secret!r}{secret}"
    assert secret.reveal() == "geheim"
    secret.become("neu")
    assert secret.reveal() == "neu"
    secret.forget()
    assert secret.reveal() is None
    assert Secret("").reveal() is None


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ('FATAL:  password authentication failed for user "wang.lei"', Refusal.WRONG),
        ('致命错误:  用户 "wang.lei" Password 认证失败', Refusal.WRONG),
        ('FATAL:  LDAP authentication failed for user "wang.lei"', Refusal.WRONG),
        ('FATAL:  role "nobody" does not exist', Refusal.WRONG),
        ("fe_sendauth: no password supplied", Refusal.NO_PASSWORD),
        ('FATAL:  role "wang.lei" is not permitted to log in', Refusal.REVOKED),
        ('致命错误:  不允许角色"wang.lei" 进行登录', Refusal.REVOKED),
        ('FATAL:  permission denied for database "city"', Refusal.NOT_ALLOWED),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "a", database "b", SSL encryption',
            Refusal.NOT_ALLOWED,
        ),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "a", database "b", no encryption',
            Refusal.NO_TLS,
        ),
        ('FATAL:  database "city" does not exist', Refusal.NO_DATABASE),
        ("FATAL:  sorry, too many clients already", Refusal.TOO_MANY),
        (
            "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
            Refusal.TOO_MANY,
        ),
        ("SSL error: certificate verify failed", Refusal.CERTIFICATE),
        ('server certificate for "db" does not match host name "db.city"', Refusal.CERTIFICATE),
        ('root certificate file "/etc/root.crt" does not exist', Refusal.CERTIFICATE),
        ("server does not support SSL, but SSL was required", Refusal.NO_TLS),
        ("Connection refused", Refusal.UNREACHABLE),
        ("timeout expired", Refusal.UNREACHABLE),
        ('could not translate host name "db.city" to address', Refusal.UNREACHABLE),
    ],
)
def test_what_the_server_says_is_understood(said: str, refusal: Refusal) -> None:
    error = told(psycopg.OperationalError(f'connection to server at "db.city", port 5432 failed: {said}'))
    assert error.refusal is refusal
    assert error.message
    assert error.way_out
    assert error.final is (
        refusal in (Refusal.WRONG, Refusal.NO_PASSWORD, Refusal.REVOKED, Refusal.NOT_ALLOWED)
    )


def test_a_code_is_believed_before_the_words() -> None:
    assert told(psycopg.errors.TooManyConnections("whatever")).refusal is Refusal.TOO_MANY
    assert told(psycopg.errors.InvalidPassword("whatever")).refusal is Refusal.WRONG


def test_servers_of_an_address_are_equal_again() -> None:
    url = "postgresql://db.city.gov.cn/city"
    assert server_of(url)[0] == server_of(url)[0] == Server("db.city.gov.cn", "db.city.gov.cn", "", "city")


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (
            psycopg.OperationalError(
                'connection failed: connection to server at "10.0.0.1", port 5432 failed:'
                ' FATAL:  password authentication failed for user "a"'
            ),
            Refusal.WRONG,
        ),
        (psycopg.errors.InvalidCatalogName('database "b" does not exist'), Refusal.NO_DATABASE),
        (psycopg.errors.InsufficientPrivilege("permission denied for table event"), None),
        (psycopg.OperationalError("consuming input failed: SSL error: unexpected eof while reading"), None),
        (
            psycopg.OperationalError(
                'connection failed: connection to server at "10.0.0.1", port 5432 failed: Connection refused'
            ),
            None,
        ),
    ],
)
def test_only_what_was_refused_at_the_door_is_told_as_a_refusal(
    error: psycopg.Error, refusal: Refusal | None
) -> None:
    found = refused(error)
    assert (found and found.refusal) == refusal
