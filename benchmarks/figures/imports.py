"""Figure 8: rows of a spreadsheet a second, from opening the file to the commit."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.bench import Bench
from benchmarks.machine import ROOT
from benchmarks.measure import Figure, Result
from data_access.log import transaction_time
from data_access.store import Store
from desktop.imports.mapping import read_mapping
from desktop.imports.run import import_tickets

MAPPING = ROOT / "tests" / "acceptance" / "boston311.toml"
REAL = ROOT.parent / "shared" / "data" / "boston311" / "boston311_2011H2.csv.gz"
ROWS = 20_000
QUICK_ROWS = 4_000
BOSTON = ZoneInfo("America/New_York")
TIME = "%Y-%m-%d %H:%M:%S"
DEPARTMENTS = ("PWDx", "ISD", "BTDT", "PARK", "PROP", "BWSC", "INFO")
TYPES = (
    "Pick up Dead Animal", "Request for Pothole Repair", "Missed Trash/Recycling/Yard Waste",
    "Street Light Outages", "Graffiti Removal", "Sidewalk Repair", "Abandoned Vehicles", "Rodent Activity",
)  # fmt: skip
PLACES = ("Dorchester", "Roxbury", "South Boston", "Allston / Brighton", "Jamaica Plain", "Back Bay")


class ImportBenchmark:
    """Writes into the copy. The file is made like Boston's 311 cases; theirs too where it is at hand."""

    name = "import"
    sizes = ()
    figures = (
        Figure("import", 8, "Import of new rows like Boston 311's", unit="rows/s", more_is_better=True),
        Figure("import_real", 8, "Import of Boston 311, second half of 2011", "rows/s", more_is_better=True),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        rates = []
        rows = QUICK_ROWS if bench.quick else ROWS
        with tempfile.TemporaryDirectory(prefix="qingshao-bench-") as folder:
            for turn in range(bench.runs(3, 1)):
                file = Path(folder) / f"like-boston-{turn}.csv"
                write_cases(file, rows, 700_000_000_000 + turn * rows, bench.copy.read(transaction_time))
                rates.append(_rate(bench.copy, file, Path(folder)))
            yield bench.result(self.figures[0], rates, rows=rows)
            if REAL.is_file() and not bench.quick:
                yield bench.result(self.figures[1], [_rate(bench.copy, REAL, Path(folder))])


def write_cases(file: Path, rows: int, first: int, now: datetime) -> None:
    """Write cases like those of Boston's 311 of the 90 days before `now`; numbers from `first` on."""
    random = Random(f"boston/{first}")  # noqa: S311 - a benchmark wants the same file every time
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ("case_enquiry_id", "open_dt", "target_dt", "closed_dt", "case_status", "closure_reason",
             "case_title", "type", "queue", "department", "location", "neighborhood", "latitude",
             "longitude", "source")
        )  # fmt: skip
        for number in range(first, first + rows):
            opened = (now - timedelta(days=90) * random.random()).astimezone(BOSTON)
            target = (
                opened + timedelta(days=random.choice((1, 2, 5, 10, 30))) if random.random() < 0.86 else None
            )
            closed = opened + timedelta(days=random.expovariate(0.2))
            done = closed < now
            kind, department = random.choice(TYPES), random.choice(DEPARTMENTS)
            writer.writerow(
                (number, opened.strftime(TIME), target.strftime(TIME) if target else "",
                 closed.strftime(TIME) if done else "", "Closed" if done else "Open",
                 "Case Closed Case Resolved" if done else "", kind, kind, f"{department}_{kind}"[:40],
                 department, f"{random.randint(1, 900)} Washington St", random.choice(PLACES),
                 round(random.uniform(42.24, 42.39), 5), round(random.uniform(-71.18, -71.0), 5),
                 random.choice(("Constituent Call", "Citizens Connect App", "Self Service")))
            )  # fmt: skip


def _rate(store: Store, file: Path, spare: Path) -> float:
    now = store.read(transaction_time)
    report = import_tickets(store, file, read_mapping(MAPPING), now, spare)
    if report.added + report.unchanged + report.updated == 0:
        raise RuntimeError(f"nothing of {file.name} went in: {report.reasons}")
    return report.rows / report.seconds
