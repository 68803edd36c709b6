"""Findings of radar, van, drone and satellite: imported once, shown, and made clues by a person (T24)."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from data_access.gate.session import record
from data_access.readers.findings import coverage, finding_by_number, findings_between
from data_access.store import Store
from desktop.imports.findings import FindingOptions, FindingReport, import_findings
from desktop.use_cases.by_draft import carry_out
from domain.events import Event, Received
from domain.findings import ClueDraft, Finding, FindingSource, clue_number
from domain.people import Role
from domain.rights import Reason, RefusedError
from domain.urgency import Urgency
from tests.desktop.orders.conftest import Seats, events, flaw, now

MORNING = now().replace(microsecond=0) - timedelta(hours=3)
TONGSHAN = "320312"


def at(minutes: float) -> str:
    return (MORNING + timedelta(minutes=minutes)).isoformat()


def drone_file(folder: Path) -> Path:
    """Two photo points in the city, one outside of it, one that cannot be read, and a flight."""
    features = [
        _feature("Point", [117.20, 34.10], time=at(0), what="露天堆场未苫盖", suspect=True),
        _feature("Point", [117.21, 34.11], time=at(1), what="工地出入口", value=12.5, unit="m"),
        _feature("Point", [119.90, 33.00], time=at(2), what="境外热点"),
        _feature("Point", [117.2, 34.1], time="昨天"),
        _feature(
            "LineString",
            [[117.20, 34.10], [117.22, 34.12], [117.24, 34.12]],
            times=[at(0), at(2), at(4)],
            values=[40, 160, 80],
            what="航线",
            unit="µg/m³",
        ),
    ]
    path = folder / "flight.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def _feature(kind: str, coordinates: list[object], **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def imported(store: Store, folder: Path) -> FindingReport:
    return import_findings(
        store, drone_file(folder), FindingOptions(FindingSource.DRONE, threshold=150), now()
    )


def listed(store: Store) -> list[Finding]:
    return list(store.read(lambda c: findings_between(c, MORNING - timedelta(days=1), now())))


def suspect_of(store: Store) -> Finding:
    return next(one for one in listed(store) if one.new.what == "露天堆场未苫盖")


def draft_of(finding: Finding, title: str = "铜山区露天堆场未苫盖") -> ClueDraft:
    return ClueDraft(str(uuid.uuid4()), finding.number, title, "无人机发现", "C12", Urgency.FIRST)


def test_a_file_is_imported_once_and_says_what_it_left_out(city: Store, tmp_path: Path) -> None:
    report = imported(city, tmp_path)
    assert (report.points, report.tracks, report.suspects, report.outside) == (3, 1, 2, 1)
    assert report.rejected == 1
    assert "第 4 个要素" in report.reasons[0]
    assert not imported(city, tmp_path).new
    found = {one.new.what: one for one in listed(city)}
    assert len(found) == 4
    flight = found["航线"].new
    # It stands where its value was highest, and lasted from the first place to the last.
    assert (flight.lng, flight.lat, flight.value) == (117.22, 34.12, 160.0)
    assert (flight.at, flight.until) == (MORNING, MORNING + timedelta(minutes=4))
    assert flight.track == ((117.2, 34.1, 40.0), (117.22, 34.12, 160.0), (117.24, 34.12, 80.0))
    assert flight.is_suspect
    assert found["境外热点"].new.area is None
    assert found["露天堆场未苫盖"].file == "flight.geojson"


def test_a_file_that_grows_brings_only_what_is_new(city: Store, tmp_path: Path) -> None:
    """T24: a day's file is fetched every hour; what it had before is there already, and may be a clue."""
    path = tmp_path / "day.geojson"
    features = [
        _feature("Point", [117.2, 34.1], time=at(0), what="热点", suspect=True),
        _feature("Point", [117.2, 34.1], time=at(60), what="热点", suspect=True),
    ]
    for count in (1, 2):
        path.write_text(
            json.dumps({"type": "FeatureCollection", "features": features[:count]}), encoding="utf-8"
        )
        assert import_findings(city, path, FindingOptions(FindingSource.SATELLITE), now()).new
    assert sorted(one.new.at for one in listed(city)) == [MORNING, MORNING + timedelta(hours=1)]


def test_a_duty_officer_makes_a_clue_of_a_finding_once(city: Store, seat: Seats, tmp_path: Path) -> None:
    imported(city, tmp_path)
    finding = suspect_of(city)
    store, officer = seat(Role.DUTY)
    number = carry_out(store, draft_of(finding), officer, now())
    assert number == clue_number(finding.number)
    (event,) = events(city, f"ticket/{number}")
    assert isinstance(event.fact, Received)
    assert (event.actor.role, event.actor.name) == (officer.role, officer.name)
    assert (event.fact.channel, event.fact.external_id) == ("tracing", f"finding/{finding.number}")
    assert (event.fact.area, event.fact.lng, event.fact.lat) == (TONGSHAN, 117.2, 34.1)
    assert suspect_of(city).ticket == number
    with pytest.raises(RefusedError) as refused:
        carry_out(store, draft_of(finding), officer, now())
    assert (refused.value.reason, refused.value.detail) == (Reason.ALREADY_A_CLUE, number)
    figure = city.read(lambda c: coverage(c, MORNING - timedelta(days=1), now() + timedelta(minutes=1)))
    assert (figure.findings, figure.suspects, figure.followed, figure.rate) == (4, 2, 1, 0.5)
    assert (figure.own, figure.received, figure.own_share) == (1, 1, 1.0)
    assert flaw(city) is None


def test_nobody_else_does_and_the_finding_must_be_there(city: Store, seat: Seats, tmp_path: Path) -> None:
    imported(city, tmp_path)
    finding = suspect_of(city)
    for role in (Role.LEADER, Role.WALL, Role.DISCIPLINE):
        with pytest.raises(RefusedError) as refused:
            carry_out(*_by(seat, role, draft_of(finding)))
        assert (refused.value.reason, refused.value.allowed) == (Reason.ROLE, (Role.DUTY,))
    missing = replace(draft_of(finding), finding=10**9)
    with pytest.raises(RefusedError) as refused:
        carry_out(*_by(seat, Role.DUTY, missing))
    assert refused.value.reason is Reason.UNKNOWN_FINDING
    with pytest.raises(RefusedError) as refused:
        carry_out(*_by(seat, Role.DUTY, replace(draft_of(finding), title=" ")))
    assert refused.value.reason is Reason.NO_TEXT
    assert city.read(lambda c: finding_by_number(c, finding.number)).ticket is None


def _by(seat: Seats, role: Role, draft: ClueDraft) -> tuple[object, ...]:
    store, actor = seat(role)
    return store, draft, actor, now()


@pytest.mark.parametrize("seat", ["signed in"], indirect=True)
def test_the_database_lets_no_clue_in_but_the_finding_s_own(city: Store, seat: Seats, tmp_path: Path) -> None:
    """By plain SQL: another place, another channel, another number, or no finding at all."""
    imported(city, tmp_path)
    finding = suspect_of(city)
    store, officer = seat(Role.DUTY)
    new, stream = finding.new, f"ticket/{clue_number(finding.number)}"
    right = Received(
        "tracing", "堆场", area=new.area, lng=new.lng, lat=new.lat, external_id=f"finding/{finding.number}"
    )
    forged = {
        "another place": (stream, replace(right, lng=117.5)),
        "another channel": (stream, replace(right, channel="12345")),
        "another county": (stream, replace(right, area="320311")),
        "another policy": (stream, replace(right, policy="reply")),
        "an unknown kind": (stream, replace(right, category="Z99")),
        "another's number": ("ticket/KJ-0" + stream[-6:], right),
        "no finding": ("ticket/XZ-20261122-0001", right),
    }
    for what, (aim, fact) in forged.items():
        with pytest.raises(RefusedError) as refused:
            store.write(lambda c, aim=aim, fact=fact: record(c, aim, 0, Event(now(), officer, fact), None))
        assert refused.value.reason in (Reason.BAD_DATA, Reason.UNKNOWN_FINDING), what
    store.write(lambda c: record(c, stream, 0, Event(now(), officer, right), None))
