"""Tries a policy's file on the store as the admin who asks, in a worker thread, and shows what came of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from data_access.errors import StoreError
from data_access.policy_trial import count_tickets, try_policy
from data_access.readers.names import read_names
from data_access.readers.stop import Stop
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.readings import Readings
from domain.policy import Policy
from domain.policy_trial import Trial, TrialSpan
from widgets.forms.policy_trial_form import PolicyTrialForm
from widgets.scale import Scale

PROGRESS_MS = 250
"""How often the form says how far it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a trial, with the words that a screen needs: short names of bodies, sentences of rules."""

    trial: Trial
    names: Mapping[str, str]
    sentences: Mapping[str, str]


class PolicyTrials(QObject):
    """One trial at a time, in a form over the page."""

    def __init__(self, readings: Readings, scale: Scale, parent: QObject) -> None:
        super().__init__(parent)
        self._readings = readings
        self._scale = scale
        self._policy: Policy | None = None
        self._running: _Running | None = None
        self.form: PolicyTrialForm | None = None
        self._progress = QTimer(self)
        self._progress.setObjectName("policy trial progress")
        self._progress.setInterval(PROGRESS_MS)
        self._progress.timeout.connect(self._tell_progress)

    def open(self, policy: Policy, file: str, page: QWidget) -> None:
        """Open the form for a policy that was read from a file; it goes with its page."""
        if self.form is not None:
            return
        self._policy = policy
        today = time.now().astimezone(policy.zone).date()
        self.form = PolicyTrialForm(policy, file, today, self._scale, page)
        self.form.submitted.connect(self._try)
        self.form.stopped.connect(self._stop)
        self.form.finished.connect(self._closed)
        self.form.open()

    def _try(self, span: TrialSpan) -> None:
        if self._policy is not None and self._running is None:
            self._running = _Running(self._policy, span)
            self._progress.start()
            runtime.spawn(self._tried(self._running), "policy trial")

    async def _tried(self, running: "_Running") -> None:
        try:
            found = await self._readings.read_present(running)
        except StoreError as error:
            self._ended()
            if self.form is not None and running.stop.stopped:
                self.form.show_stopped()
            elif self.form is not None:
                self.form.show_refusal(error.message)
        except asyncio.CancelledError:
            # Whoever asked has left the seat, and the form with them.
            running.stop.stopped = True
            raise
        except Exception as error:  # noqa: BLE001 - the form must not wait for ever
            runtime.report(error, "policy trial")
            self._ended()
            if self.form is not None:
                self.form.show_refusal(self.tr("试算失败，故障已记入日志。"))
        else:
            self._ended()
            if self.form is not None:
                self.form.show_found(found.trial, found.names, found.sentences)

    def _ended(self) -> None:
        self._running = None
        self._progress.stop()

    def _stop(self) -> None:
        if self._running is not None:
            # At once for what has not begun; the server is told of a statement that runs.
            self._running.stop.stopped = True
            runtime.spawn(runtime.in_thread(self._running.stop.stop), "policy trial stopped")

    def _tell_progress(self) -> None:
        if self.form is not None and self._running is not None and self.form.busy:
            self.form.show_progress(self._running.done, self._running.total)

    def _closed(self, _result: int) -> None:
        self.form = None


class _Running:
    """A trial under way. `done` of `total` tickets are tried; written by the worker, read by the window."""

    def __init__(self, policy: Policy, span: TrialSpan) -> None:
        self._policy = policy
        self._span = span
        self.stop = Stop()
        self.done = 0
        self.total = 0

    def __call__(self, connection: Connection, rules: Rules, now: datetime) -> Found:
        since, until = self._span.since, self._span.until
        with self.stop.can_end(connection):
            self.total = count_tickets(connection, self._policy.family, since, until)
            names = read_names(connection)
            tried = try_policy(connection, rules, self._policy, now, since, until, progress=self._go_on)
        judges = [policy for policy in rules.policies.policies if policy.family == self._policy.family]
        sentences = {rule.id: rule.sentence for judge in (*judges, self._policy) for rule in judge.wrong}
        return Found(tried, names.short_bodies, sentences)

    def _go_on(self, done: int) -> None:
        self.done = done
        self.stop.raise_if_stopped()
