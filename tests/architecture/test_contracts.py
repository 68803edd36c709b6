"""The contracts between the packages (pyproject.toml, import-linter) hold."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_import_contracts_hold():
    # In a process of its own: import-linter switches off every logger that it finds.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as lint; lint()",
            "--no-cache",
        ],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "110"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert "Contracts: " in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout[done.stdout.index("Contracts") :]
