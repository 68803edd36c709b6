"""What both sides may know of a ticket, and nothing beyond it (T14, T15)."""

from dataclasses import asdict, replace
from datetime import timedelta

from PySide6.QtCore import QBuffer
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QApplication

from data_access.readers.dossier import dossier
from data_access.rules import load_rules
from desktop.dossiers.progress import progress_sheet
from desktop.reports.values import json_text
from domain.case import CaseRecord, Said
from domain.case_events import RecordKind
from domain.dossier import Dossier, LogRow
from domain.events import Event, Filed, Penalised, Rectified
from domain.progress import Penalty, Publication, progress_of
from tests.data_access.streams import HANDLER
from tests.desktop.dossiers.conftest import TICKET, Case

MEASURES = "已责令停工，工地负责人赵某到场"


def shown_of(case: Case) -> Dossier:
    found = case.store.read(lambda c: dossier(c, load_rules(c), TICKET, case.moment, case.moment))
    assert found is not None
    return found


def punished(case: Case) -> Dossier:
    """The case's dossier, as if it had been rectified, punished and published since."""
    shown, at = shown_of(case), case.moment
    facts = (Rectified(MEASURES, True), Filed("苏环立〔2026〕7号"), Penalised("苏环罚〔2026〕9号", 50_000))
    rows = tuple(LogRow(Event(at, HANDLER, fact), "0" * 64) for fact in facts)
    said = Said(at + timedelta(hours=1), HANDLER, "内部说明")
    told = CaseRecord(1, RecordKind.PUBLICATION, "处罚决定", said, "https://example.gov.cn/9")
    talk = CaseRecord(2, RecordKind.VISIT, "座谈", said, "内部")
    return replace(shown, log=(*shown.log, *rows), case=replace(shown.case, records=(told, talk)))


def test_documents_and_what_was_published_are_told(case: Case) -> None:
    found = progress_of(punished(case))
    assert found.violation is True
    assert found.filed == ("苏环立〔2026〕7号",)
    assert found.penalties == (Penalty("苏环罚〔2026〕9号", 50_000),)
    moment = case.moment + timedelta(hours=1)
    assert found.publications == (Publication(moment, "处罚决定", "https://example.gov.cn/9"),)
    assert found.is_published
    assert {step.body for step in found.steps} >= {"平台办"}


def test_before_anybody_has_looked_nothing_is_said_of_a_violation(case: Case) -> None:
    found = progress_of(shown_of(case))
    assert found.violation is None
    assert not found.is_published


def test_no_name_address_or_text_is_in_it(case: Case) -> None:
    shown = punished(case)
    told = json_text(asdict(progress_of(shown)))
    names = {row.event.actor.name for row in shown.log} - {"系统"}
    for word in (*names, MEASURES, "内部", shown.facts.text, shown.facts.address, shown.title):
        assert not word or word not in told, word


def test_it_can_be_printed(case: Case, qapp: QApplication) -> None:
    sheet = progress_sheet(progress_of(punished(case)))
    buffer = QBuffer()
    buffer.setData(sheet)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    pdf = QPdfDocument()
    pdf.load(buffer)
    text = "".join(pdf.getAllText(page).text() for page in range(pdf.pageCount()))
    assert "苏环罚〔2026〕9号" in text
    assert "50,000" in text
    assert "赵某" not in text
    pdf.close()
