"""The four colours of the default scheme and their boundaries (product.md, Four-colour ledger; Q17, Q18)."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.events import Event, Fact
from domain.item_events import ItemClosedOut, ItemOpened, ItemProgressed, ItemReturned
from domain.ledger import Colour, ColourReason, Item, colour, fold_item, parse_scheme, planned_percent
from tests.domain.city import CITY, DUTY, RESOURCES, at

(FILE,) = (RESOURCES / "schemes").glob("*.toml")
VALUES = tomllib.loads(FILE.read_text("utf-8"))
SCHEME = parse_scheme(VALUES)

OPENED, DEADLINE = "2026-01-01 00:00", "2026-04-11 00:00"
"""One hundred days."""


def day(days: float) -> datetime:
    """The moment so many days after the opening, in the city's zone, as readers ask."""
    return (at(OPENED) + timedelta(days=days)).astimezone(CITY)


def item(*steps: tuple[float, Fact], milestones: tuple[tuple[str, int, str], ...] = ()) -> Item:
    opened = ItemOpened("中央督察", "第三轮", "扬尘", "housing", at(DEADLINE), milestones=milestones)
    events = [Event(at(OPENED), DUTY, opened)]
    events += [Event(at(OPENED) + timedelta(days=days), DUTY, fact) for days, fact in steps]
    return fold_item("X3JS-001", events)


def seen(now: float | datetime, *steps: tuple[float, Fact], **more: Any) -> tuple[Colour, ColourReason]:
    found = colour(item(*steps, **more), SCHEME, now if isinstance(now, datetime) else day(now))
    return found.colour, found.reason


BLUE = (Colour.BLUE, ColourReason.ON_PLAN)
TICK = timedelta(microseconds=1)


def test_the_shipped_scheme_is_the_products() -> None:
    assert (SCHEME.near_share, SCHEME.behind_yellow, SCHEME.behind_red) == (0.10, 10, 30)
    assert SCHEME.legend[Colour.GREEN] == "已销号"
    assert SCHEME.legend[Colour.BLUE] == "按序时推进"
    assert SCHEME.legend[Colour.YELLOW] == "临期或滞后"
    assert "逾期" in SCHEME.legend[Colour.RED]


def test_closed_out_is_green_even_after_the_deadline() -> None:
    green = (Colour.GREEN, ColourReason.CLOSED_OUT)
    assert seen(200, (50, ItemClosedOut("销〔2026〕1号", "市局"))) == green
    assert seen(200, (150, ItemClosedOut("销〔2026〕1号", "市局"))) == green


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (50, BLUE),
        (41, BLUE),  # nine points behind
        (40, (Colour.YELLOW, ColourReason.BEHIND)),
        (21, (Colour.YELLOW, ColourReason.BEHIND)),
        (20, (Colour.RED, ColourReason.FAR_BEHIND)),
        (90, BLUE),
    ],
)
def test_points_behind_plan(percent: int, expected: tuple[Colour, ColourReason]) -> None:
    assert seen(50, (40, ItemProgressed(percent))) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (day(90) - TICK, BLUE),
        (day(90), (Colour.YELLOW, ColourReason.NEAR_DUE)),  # ten days of a hundred are left
        (day(100), (Colour.YELLOW, ColourReason.NEAR_DUE)),
        (day(100) + TICK, (Colour.RED, ColourReason.OVERDUE)),
    ],
)
def test_the_last_tenth_of_the_time(now: datetime, expected: tuple[Colour, ColourReason]) -> None:
    assert seen(now, (80, ItemProgressed(99))) == expected


def test_returned_is_red_until_there_is_progress_again() -> None:
    returned = ((10, ItemProgressed(30)), (20, ItemReturned("整改不实")))
    assert seen(25, *returned) == (Colour.RED, ColourReason.RETURNED)
    assert seen(25, *returned, (24, ItemProgressed(40))) == BLUE
    # A close-out that is taken back is red too, and its reason stands in the note.
    undone = ((50, ItemClosedOut("销〔2026〕1号", "市局")), (60, ItemReturned("反弹")))
    assert seen(65, *undone) == (Colour.RED, ColourReason.RETURNED)
    assert item(*undone).closed_out_at is None
    assert item(*undone).note == "反弹"


def test_a_past_day_has_its_own_colour() -> None:
    closed = item((50, ItemClosedOut("销〔2026〕1号", "市局")))
    assert colour(closed, SCHEME, day(50)).colour is Colour.GREEN
    assert colour(closed, SCHEME, day(50) - TICK).colour is not Colour.GREEN


MILESTONES = (("方案", 20, "2026-02-01"), ("施工", 50, "2026-03-01"), ("验收", 30, "2026-04-11"))


@pytest.mark.parametrize(
    ("now", "planned"),
    [
        ("2026-02-01 23:59:59", 0),  # the day of a milestone is its own
        ("2026-02-02 00:00", 20),  # in UTC it is still the 1st
        ("2026-02-28 12:00", 20),
        ("2026-03-02 00:00", 70),
        ("2026-04-12 00:00", 100),
    ],
)
def test_milestones_are_due_at_the_end_of_their_day_in_the_city(now: str, planned: int) -> None:
    assert planned_percent(item(milestones=MILESTONES), at(now).astimezone(CITY)) == planned


def test_weights_that_are_no_percents_are_shares_of_their_sum() -> None:
    doubled = tuple((title, 2 * weight, due) for title, weight, due in MILESTONES)
    assert planned_percent(item(milestones=doubled), at("2026-02-15 12:00").astimezone(CITY)) == 20


@pytest.mark.parametrize(("days", "planned"), [(-1, 0), (0, 0), (25, 25), (100, 100), (200, 100)])
def test_without_milestones_the_plan_is_the_time(days: float, planned: int) -> None:
    assert planned_percent(item(), day(days)) == planned


def test_an_item_begins_with_its_opening() -> None:
    opening = Event(at(OPENED), DUTY, ItemOpened("省督察", "", "扬尘", "housing", at(DEADLINE)))
    for events in ([], [Event(at(OPENED), DUTY, ItemProgressed(5)), opening]):
        with pytest.raises(ValueError, match="X3JS-001"):
            fold_item("X3JS-001", events)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        *[({name: None}, name) for name in VALUES],
        ({"near_share": 1.0}, "near_share"),
        ({"near_share": float("nan")}, "near_share"),
        ({"near_share": "a tenth"}, "near_share"),
        ({"behind_yellow": 0}, "behind_yellow"),
        ({"behind_red": 5}, "behind_red"),
        ({"behind_red": "far"}, "behind_red"),
        ({"version": "three"}, "version"),
        ({"effective_from": "2026-07-01"}, "effective_from"),
        ({"effective_from": datetime(2026, 7, 1, tzinfo=UTC)}, "effective_from"),
        ({"legend": {"green": "已销号"}}, "legend"),
        ({"legend": VALUES["legend"] | {"orange": "橙"}}, "legend"),
        ({"legend": ["绿"]}, "legend"),
    ],
)
def test_a_faulty_scheme_names_the_field(change: dict[str, Any], named: str) -> None:
    faulty = {name: value for name, value in (VALUES | change).items() if value is not None}
    with pytest.raises(ValueError, match=named):
        parse_scheme(faulty)
