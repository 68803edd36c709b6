"""Feeds the duty log: the roster and its lines, and which bodies did not report today (T05, T19)."""

from datetime import datetime, time, timedelta

from PySide6.QtCore import QObject

from data_access.readers.duty_log import duty_log
from data_access.readers.silence import reporting
from data_access.rules import Rules
from data_access.store import Connection
from desktop.pages.desk import Desk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.day_report import Reporting
from domain.duty_log import DutyLog
from widgets.pages.duty_log_page import DutyLogPage


class DutyLogDesk(Desk):
    """The log is read when a line came, and with each minute; who reported with each minute only."""

    def __init__(self, page: DutyLogPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.log_page = page
        page.step_requested.connect(self.step_requested)
        page.tickets_requested.connect(self.tickets_requested)

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.administration)

    async def refresh(self) -> None:
        now = self.readings.now()
        self.log_page.show_log(await self.readings.read(_log), now)
        self.log_page.show_reporting(await self.readings.read(_reporting))

    async def update(self, touched: Touched) -> None:
        if touched.everything or touched.new_minute:
            await self.refresh()
        else:
            self.log_page.show_log(await self.readings.read(_log), self.readings.now())


def _log(connection: Connection, rules: Rules, now: datetime) -> DutyLog:
    return duty_log(connection, now, rules.calendar.zone)


def _reporting(connection: Connection, rules: Rules, now: datetime) -> Reporting:
    zone = rules.calendar.zone
    today = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return reporting(connection, today, min(now, today + timedelta(days=1)), now)
