"""Findings brought by files: each file once, by its checksum, and each finding once (T24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, insert, select

from data_access import schema
from data_access.copying import copy_rows
from domain.findings import FindingSource, NewFinding


@dataclass(frozen=True, slots=True)
class FindingFile:
    """A file of findings: `sha256` in hex of its bytes, `crs` the datum that its degrees were in."""

    source: FindingSource
    name: str
    sha256: str
    crs: str


def put_findings(
    connection: Connection, file: FindingFile, findings: Sequence[NewFinding], imported_at: datetime
) -> bool:
    """Write a file's findings in the caller's transaction; return False when that file was there before.

    A file that grows by the day brings its earlier findings again: those are left out.
    """
    table = schema.finding_file
    if connection.execute(select(table.c.number).where(table.c.sha256 == file.sha256)).first() is not None:
        return False
    new = _not_yet_there(connection, file.source, findings)
    number = connection.execute(
        insert(table)
        .values(
            source=file.source.value,
            name=file.name,
            sha256=file.sha256,
            crs=file.crs,
            findings=len(new),
            imported_at=imported_at,
        )
        .returning(table.c.number)
    ).scalar_one()
    copy_rows(
        connection,
        schema.finding,
        [
            {
                "file": number,
                "source": found.source.value,
                "at": found.at,
                "until": found.until,
                "lng": found.lng,
                "lat": found.lat,
                "track": Jsonb([list(place) for place in found.track]) if found.track else None,
                "what": found.what,
                "value": found.value,
                "unit": found.unit,
                "area": found.area,
                "is_clue": found.is_suspect,
            }
            for found in new
        ],
    )
    return True


def _not_yet_there(
    connection: Connection, source: FindingSource, findings: Sequence[NewFinding]
) -> list[NewFinding]:
    if not findings:
        return []
    column, moments = schema.finding.c, [found.at for found in findings]
    seen = {
        tuple(row)
        for row in connection.execute(
            select(column.at, column.lng, column.lat, column.what).where(
                column.source == source.value, column.at.between(min(moments), max(moments))
            )
        )
    }
    # Two rows of one file are two findings, however alike.
    return [found for found in findings if (found.at, found.lng, found.lat, found.what) not in seen]
