"""docs/functions.md says of every function of the source documents where it is done, or what lacks."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "functions.md"
IDS = {"Y": 31, "B": 28, "T": 29, "X": 20, "Q": 20}
"""How many functions the documents have, by their letter."""

PROCEDURE = {
    "Y": range(1, 32),
    "B": (*range(2, 7), *range(13, 17), *range(22, 26)),
    "T": (*range(2, 23), 28),
    "X": (*range(2, 9), 12, 13),
    "Q": range(9, 21),
}
"""The functions about handling (issue 5): each has its place on a screen and in the log, or says not."""

STATES = ("done", "partly", "not yet", "not planned")
_ROW = re.compile(r"^\| ([YBTXQ]\d\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_PATH = re.compile(r"`([\w/.-]+/[\w/.-]+\.\w+)`")


def rows() -> dict[str, tuple[str, str, str]]:
    """What is asked, how far it is done, and where, by ID."""
    found = _ROW.findall(PAGE.read_text("utf-8"))
    assert len({row[0] for row in found}) == len(found), "an ID stands twice"
    return {id_: (asked, state, where) for id_, asked, state, where in found}


def test_every_id_stands_there_once_and_in_order() -> None:
    expected = [f"{letter}{number:02}" for letter, count in IDS.items() for number in range(1, count + 1)]
    assert list(rows()) == expected


def test_every_file_that_is_named_exists() -> None:
    missing = {
        f"{id_}: {path}"
        for id_, (_, _, where) in rows().items()
        for path in _PATH.findall(where)
        if not (ROOT / path).is_file()
    }
    assert not missing


@pytest.mark.parametrize("state", STATES)
def test_what_is_done_names_its_place_and_what_is_not_says_so(state: str) -> None:
    for id_, (asked, found, where) in rows().items():
        assert found in STATES, id_
        assert len(asked) < 100, id_
        if found != state:
            continue
        paths = _PATH.findall(where)
        if state == "done":
            assert paths, id_
        elif state == "partly":
            assert paths, id_
            assert "not yet" in where, id_
        else:
            assert not paths, id_


def test_what_is_done_of_handling_has_a_test() -> None:
    found = rows()
    for letter, numbers in PROCEDURE.items():
        for number in numbers:
            _, state, where = found[f"{letter}{number:02}"]
            tested = any(path.startswith("tests/") for path in _PATH.findall(where))
            assert tested or state != "done", f"{letter}{number:02}"
            assert tested or "not yet" in f"{state} {where}", f"{letter}{number:02}"
