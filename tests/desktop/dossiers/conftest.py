"""A dossier of a ticket with a sealed past, exported once; what is tried on it needs no store."""

import hashlib
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data_access import evidence, log
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from desktop.city import load_city
from desktop.dossiers import form
from desktop.dossiers.export import Exported, Exporting
from desktop.use_cases import directives, re_supervisions
from domain import drafts as d
from domain import events as e
from domain.events import Event
from domain.nodes import Node
from domain.people import Actor, Role
from tests.data_access.gate.test_evidence import PDF, png
from tests.data_access.sealed_days import at, last_finished_day, rebuild, record, sealed
from tests.data_access.streams import DUTY, HANDLER, OTHER, received
from tests.fresh_database import opened_copy

TICKET, FILE = "XZ-20261121-0001", "Z-2026-0001"
OFFICER = Actor(Role.DISCIPLINE, "孙静", "discipline")
LEADER = Actor(Role.LEADER, "李强")
PHOTO, REPORT = png(64, 10), PDF
NEVER_KEPT = "f" * 64


@dataclass
class Case:
    """The store with its ticket, and the moment as of which it is exported."""

    store: Store
    moment: datetime
    numbers: dict[str, str] = field(default_factory=dict)

    def export(
        self, path: Path, number: str = TICKET, moment: datetime | None = None, **how: Any
    ) -> Exported:
        work = Exporting(number, path, moment or self.moment, how.pop("paper", None), **how)
        return self.store.read(lambda c: work(c, load_rules(c), self.moment + timedelta(seconds=1)))


@pytest.fixture(scope="module")
def case(postgres: Path, template_database: str) -> Iterator[Case]:
    """Yesterday, sealed: reported, sent to the wrong body, dispatched again, signed, on site with a photo.
    Today: a directive, a re-supervision that was launched and explained with a document."""
    with opened_copy(postgres, template_database) as store:
        yield _filled(store)


def _filled(store: Store) -> Case:
    day = last_finished_day(store)
    store.write(lambda c: put_city(c, load_city(), at(day, 1)))
    photo = hashlib.sha256(PHOTO).hexdigest()
    facts = [
        (DUTY, received(text="夜间打桩，影响休息", address="金山桥街道荆山路")),
        (DUTY, e.Accepted()),
        (DUTY, e.Dispatched("ecology", rule="责任清单 3.1")),
        (OTHER, e.ReturnedAsWrong("属工地噪声，归住建")),
        (DUTY, e.Dispatched("housing", rule="责任清单 3.12")),
        (HANDLER, e.Signed()),
        (HANDLER, e.Arrived(38.5, (photo, NEVER_KEPT), "噪声 71 dB(A)")),
    ]
    happened = [
        Event(at(day, 9) + timedelta(minutes=9 * n), who, fact) for n, (who, fact) in enumerate(facts)
    ]
    record(store, at(day, 12), **{TICKET: happened, "XZ-OTHER": happened[:2]})
    rebuild(store)
    assert sealed(store) == 1
    store.write(lambda c: evidence.keep(c, TICKET, "CON.png", PHOTO))
    now = store.read(log.transaction_time)
    directive = directives.issue_directive(
        store,
        d.DirectiveDraft(_request(), "今晚停工", ("housing",), now + timedelta(days=1), tickets=(TICKET,)),
        LEADER,
        now,
    )
    launch = d.ReSupervisionDraft(
        _request(), TICKET, "housing", "到场超时", "为何超时？", now + timedelta(days=1), Node.ARRIVE, 1
    )
    number = re_supervisions.launch_re_supervision(store, launch, OFFICER, now)
    matter = f"re_supervision/{number}"
    total = store.write(lambda c: evidence.keep(c, matter, "../值班表.pdf", REPORT))
    later = store.read(log.transaction_time)
    explained = Event(later, HANDLER, e.ReSupervisionExplained("车辆外出", (total,)))
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition(matter, [explained])]))
    moment = (later + timedelta(seconds=1)).replace(microsecond=0)
    return Case(store, moment, {"file": number, "directive": directive, "day": str(day)})


def _request() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="module")
def packed(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported dossier of the file."""
    path = tmp_path_factory.mktemp("dossier") / "卷宗.zip"
    case.export(path, case.numbers["file"])
    return path


@dataclass
class Parts:
    """A dossier's files in memory, to change and to pack again."""

    files: dict[str, bytes]

    def find(self, part: str) -> str:
        """The one file whose path has this in it."""
        (found,) = [name for name in self.files if part in name]
        return found

    def change_json(self, part: str, change: Callable[[Any], None]) -> None:
        name = self.find(part)
        values = json.loads(self.files[name])
        change(values)
        self.files[name] = form.json_bytes(values)

    def list_anew(self, change: Callable[[Any], None] | None = None) -> None:
        """Write the manifest and its sum again, as whoever covers tracks would."""
        manifest = json.loads(self.files[form.MANIFEST])
        if change is not None:
            change(manifest)
        manifest["files"] = [
            {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in self.files.items()
            if name not in (form.MANIFEST, form.SUM)
        ]
        content = form.json_bytes(manifest)
        self.files[form.MANIFEST] = content
        self.files[form.SUM] = f"{hashlib.sha256(content).hexdigest()}  {form.MANIFEST}\n".encode()

    def pack(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                archive.writestr(name, content)
        return path

    def unpack(self, folder: Path) -> Path:
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder


@pytest.fixture
def parts(packed: Path) -> Parts:
    with zipfile.ZipFile(packed) as archive:
        return Parts({name: archive.read(name) for name in archive.namelist()})
