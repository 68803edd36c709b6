"""The contracts between the packages (pyproject.toml, import-linter) hold."""

from pathlib import Path

from importlinter.cli import lint_imports
from importlinter.configuration import configure

ROOT = Path(__file__).parents[2]


def test_import_contracts_hold(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    configure()
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert broken == 0, capsys.readouterr().out
