"""Foreign text is never taken for markup: labels and tool tips are made by `widgets/plain.py`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWING = ("widgets", "desktop")
HOME = "widgets/plain.py"

RICH = {"QTextBrowser", "QTextEdit", "QTextDocument", "QMessageBox", "QDesktopServices", "QErrorMessage"}
"""They take text for markup, or hand an address to another program."""

RICH_CALLS = {"setHtml", "appendHtml", "insertHtml", "setMarkdown", "setOpenExternalLinks", "openUrl"}

PAPER = {"desktop/dossiers/paper.py": "QTextDocument"}
"""A page for the printer: text goes in by a cursor, as it is, and its pictures are made here."""

RICH_LABELS = {"widgets/pages/ledger_page.py": "the legend's shapes in their colours; its words are escaped"}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for package in SHOWING:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


TREES = dict(_trees())


def rich_places(name: str, tree: ast.Module) -> list[str]:
    """Return where a module makes a label or a tool tip of its own, or something that shows markup."""
    return [f"{name}:{node.lineno}: {ast.unparse(node)[:80]}" for node in ast.walk(tree) if _is_rich(node)]


def _is_rich(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="QLabel")):
            return True
        case ast.ClassDef(bases=bases):
            return any(isinstance(base, ast.Name) and base.id in RICH | {"QLabel"} for base in bases)
        case ast.Call(func=ast.Name(id=name)):
            return name in RICH
        case ast.Call(func=ast.Attribute(attr="setToolTip", value=_), args=[text]):
            return not _is_plain(text)
        case ast.Call(func=ast.Attribute(attr="showText"), args=[_, text, *_]):
            return not _is_plain(text)
        case ast.Call(func=ast.Attribute(attr=name, value=value)):
            return name in RICH_CALLS or (isinstance(value, ast.Name) and value.id in RICH)
        case _:
            return False


def _is_plain(text: ast.expr) -> bool:
    """Whether a tool tip is a text of our own, or passes through `tip`."""
    match text:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id="tip")):
            return True
        case ast.Call(func=ast.Attribute(attr="tr")):
            return True
        case ast.Call(func=ast.Attribute(attr="format", value=base), args=[ast.Call(func=ast.Name(id=to))]):
            return _is_plain(base) and to.endswith("_text")
        case ast.IfExp(body=one, orelse=other):
            return _is_plain(one) and _is_plain(other)
        case _:
            return False


def test_labels_and_tool_tips_are_plain() -> None:
    found = [
        place
        for name, tree in TREES.items()
        if name != HOME
        for place in rich_places(name, tree)
        if PAPER.get(name, "nothing") not in place
    ]
    assert found == [], "use PlainLabel and tip of widgets/plain.py"


def test_only_labels_that_escape_their_words_are_rich() -> None:
    rich = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"RichText", "AutoText", "MarkdownText"}
    }
    assert rich == set(RICH_LABELS)


@pytest.mark.parametrize(
    "source",
    [
        "QLabel(self)",
        "class Shown(QLabel):\n    pass",
        "self.setToolTip(row.text)",
        'self.setToolTip(self.tr("{0}").format(row.text))',
        "QToolTip.showText(position, row.text, self)",
        "QMessageBox.information(self, title, text)",
        "QDesktopServices.openUrl(url)",
        "view.setHtml(text)",
    ],
)
def test_the_test_finds_what_it_looks_for(source: str) -> None:
    assert rich_places("here", ast.parse(source)) != []
