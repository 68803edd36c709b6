"""How far a ticket has come, as both sides may know it: who complained, and who is complained about (T15).

Nothing of what people wrote is in it but documents' numbers and what was published already: no complainant,
no officer, no address, no text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.case_events import RecordKind
from domain.dossier import Dossier
from domain.events import Filed, Penalised, Rectified
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import Node


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """A node of the procedure: whose, since when, and until when; `ended_at` None while it goes on."""

    round: int
    node: Node
    body: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Penalty:
    """What was imposed, by its document; `amount` in yuan."""

    document: str
    amount: int


@dataclass(frozen=True, slots=True)
class Publication:
    """Where the result was published, and when."""

    at: datetime
    title: str
    where: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A ticket for everybody's eyes as of a moment. `violation` None until somebody has looked."""

    number: str
    as_of: datetime
    category: str
    area: str
    received_at: datetime
    closed_at: datetime | None
    violation: bool | None
    steps: tuple[ProgressStep, ...]
    filed: tuple[str, ...]
    penalties: tuple[Penalty, ...]
    publications: tuple[Publication, ...]

    @property
    def is_published(self) -> bool:
        """Whether the result can be read somewhere."""
        return bool(self.publications)


def progress_of(shown: Dossier) -> Progress:
    """Return what both sides may know of a dossier."""
    trace = shown.clock.trace
    facts = [row.event.fact for row in shown.log]
    found = [fact.violation for fact in facts if isinstance(fact, Rectified)]
    return Progress(
        shown.number,
        shown.clock.as_of,
        shown.facts.category,
        shown.facts.area,
        trace.received_at,
        trace.closed_at,
        any(found) if found else None,
        tuple(_steps(trace.nodes, shown)),
        tuple(fact.document for fact in facts if isinstance(fact, Filed)),
        tuple(Penalty(fact.document, fact.amount) for fact in facts if isinstance(fact, Penalised)),
        tuple(
            Publication(record.noted.at, record.title, record.document)
            for record in shown.case.records
            if record.kind is RecordKind.PUBLICATION
        ),
    )


def _steps(nodes: Iterable[NodeClock], shown: Dossier) -> Iterator[ProgressStep]:
    for node in nodes:
        if node.end is not NodeEnd.SKIPPED:
            yield ProgressStep(
                node.round, node.node, shown.body_name(node.body), node.started_at, node.ended_at
            )
