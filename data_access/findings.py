"""Findings brought by files: each file once, by its checksum (T24)."""

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
    """Write a file's findings in the caller's transaction; return False when that file was there before."""
    table = schema.finding_file
    if connection.execute(select(table.c.number).where(table.c.sha256 == file.sha256)).first() is not None:
        return False
    number = connection.execute(
        insert(table)
        .values(
            source=file.source.value,
            name=file.name,
            sha256=file.sha256,
            crs=file.crs,
            findings=len(findings),
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
            for found in findings
        ],
    )
    return True
