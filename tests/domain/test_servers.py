"""What is right for a server's connections follows from where it is."""

import pytest

from domain.servers import NewPassword, Protection, Server, SignIn, Tls


@pytest.mark.parametrize(
    "host", ["", "localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "/run/postgresql"]
)
def test_what_does_not_leave_the_machine_needs_no_certificate(host: str) -> None:
    server = Server("本机", host)
    assert server.local
    assert server.mode is Tls.PREFER
    assert server.protection is Protection.LOCAL


@pytest.mark.parametrize(
    "host",
    ["db.city.gov.cn", "10.0.0.8", "::2", "localhost,10.0.0.8", "localhost.evil.example", "127.evil.example"],
)
def test_any_other_server_is_verified_in_full(host: str) -> None:
    server = Server("市", host)
    assert not server.local
    assert server.mode is Tls.VERIFY_FULL
    assert server.protection is Protection.VERIFIED


@pytest.mark.parametrize(
    ("tls", "protection"),
    [
        (Tls.VERIFY_CA, Protection.UNVERIFIED),
        (Tls.REQUIRE, Protection.UNVERIFIED),
        (Tls.PREFER, Protection.UNENCRYPTED),
        (Tls.ALLOW, Protection.UNENCRYPTED),
        (Tls.DISABLE, Protection.UNENCRYPTED),
    ],
)
def test_a_weaker_mode_is_told(tls: Tls, protection: Protection) -> None:
    assert Server("市", "db.city.gov.cn", tls=tls).protection is protection


def test_passwords_are_not_shown() -> None:
    assert "geheim" not in repr(SignIn("wang.lei", "geheim"))
    assert "geheim" not in repr(NewPassword("geheim", "geheim2"))
