"""Passwords go into a keyring that is one, and nowhere else; without the optional library, not at all."""

import importlib.util
from collections.abc import Iterator

import pytest

from desktop.signing_in import keyring_store
from domain.servers import Server

CITY = Server("市局", "db.city.gov.cn")
needs_library = pytest.mark.skipif(
    importlib.util.find_spec("keyring") is None, reason="the extra `keyring` is not installed"
)


@pytest.fixture
def backend() -> Iterator[dict[tuple[str, str], str]]:
    """A keyring of the library's own kind, in memory; yields what it holds."""
    import keyring
    from keyring.backend import KeyringBackend

    held: dict[tuple[str, str], str] = {}

    class InMemory(KeyringBackend):
        priority = 5

        def get_password(self, service: str, username: str) -> str | None:
            return held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            held[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del held[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield held
    keyring.set_keyring(before)


@needs_library
def test_what_is_remembered_is_recalled_and_can_be_taken_out(backend: dict[tuple[str, str], str]) -> None:
    keyring_store.remember(CITY, "wang.lei", "geheim")
    assert backend == {("qingshao db.city.gov.cn/qingshao", "wang.lei"): "geheim"}
    assert keyring_store.recall(CITY, "wang.lei") == "geheim"
    assert keyring_store.recall(CITY, "chen.li") == ""
    keyring_store.remember(CITY, "wang.lei", "")
    assert backend == {}


@needs_library
def test_a_library_that_keeps_nothing_is_not_offered() -> None:
    import keyring
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    assert keyring_store.keyring_here() is None
    assert keyring_store.recall(CITY, "wang.lei") == ""
    keyring_store.remember(CITY, "wang.lei", "geheim")
    keyring.set_keyring(before)


@pytest.mark.skipif(importlib.util.find_spec("keyring") is not None, reason="the extra is installed")
def test_without_the_library_nothing_is_kept() -> None:
    assert keyring_store.keyring_here() is None
    keyring_store.remember(CITY, "wang.lei", "geheim")
    assert keyring_store.recall(CITY, "wang.lei") == ""
