"""The house keeps its shape: sizes of rooms, colours in one place, names and habits that bite."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "data_access", "widgets", "desktop")
LONGEST = 450
HEX_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}

SOURCES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "versions" not in path.parts
)
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in SOURCES}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _calls(package: str | None = None) -> Iterator[tuple[str, ast.Call]]:
    for path, tree in TREES.items():
        if package is None or _name(path).startswith(package):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    yield f"{_name(path)}:{node.lineno}", node


def _attribute(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def test_the_four_packages_are_there():
    assert len(SOURCES) > 40
    assert {_name(path).split("/")[0] for path in SOURCES} == set(PACKAGES)


def test_main_is_a_door_and_no_more():
    assert len((ROOT / "main.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_no_file_is_longer_than_a_room():
    long = {
        _name(path): lines
        for path in SOURCES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}, "look for the seam"


def test_every_file_says_why_it_is_there():
    silent = [_name(path) for path, tree in TREES.items() if tree.body and ast.get_docstring(tree) is None]
    assert silent == []


def test_no_vague_names():
    assert [_name(path) for path in SOURCES if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_colours_are_in_the_token_file_only():
    found = []
    suffixes = {".py", ".qss", ".css", ".js", ".html", ".toml", ".svg"}
    for folder in (*PACKAGES, "resources"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in suffixes or _name(path) == "resources/tokens.toml":
                continue
            text = "\n".join(_code_of(path)) if path.suffix == ".py" else path.read_text(encoding="utf-8")
            found += [f"{_name(path)}: {match[0]}" for match in HEX_COLOUR.finditer(text)]
    assert found == []


def _code_of(path: Path) -> Iterator[str]:
    """The strings of a Python file: a # outside a string is a comment, such as `# 100`."""
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.STRING or token.type == getattr(tokenize, "FSTRING_MIDDLE", -1):
                yield token.string


def test_no_lambda_or_partial_is_connected():
    found = [
        where
        for where, call in _calls()
        if _attribute(call) == "connect"
        for argument in call.args
        if isinstance(argument, ast.Lambda)
        or (isinstance(argument, ast.Call) and ast.unparse(argument.func) in {"partial", "functools.partial"})
    ]
    assert found == [], "connect bound methods: a closure keeps dead objects alive (traps, PySide6 lifetime)"


def test_no_nested_event_loop():
    """`.exec()` inside a task stops every other one (qasync issues 59, 82, 174)."""
    # programs of their own, without tasks
    allowed = {"widgets/map/self_test.py", "desktop/alarm/speaker.py"}
    found = [
        where
        for where, call in _calls()
        if _attribute(call) in {"exec", "exec_"} and where.split(":")[0] not in allowed
    ]
    assert found == [], "use open()"


def test_tasks_are_spawned_by_the_runtime_only():
    found = [
        where
        for where, call in _calls()
        if _attribute(call) in {"create_task", "ensure_future", "asyncSlot", "asyncClose"}
        and not where.startswith("desktop/runtime/")
    ]
    assert found == [], "use desktop.runtime.spawn: a bare task is lost when it fails"


def test_only_desktop_reads_the_clock():
    found = [
        where
        for where, call in _calls()
        if _attribute(call) in {"now", "utcnow", "today"}
        and ast.unparse(call.func)
        in {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "datetime.datetime.now"}
        and not where.startswith("desktop/")
    ]
    assert found == [], "rules and views are given the time"


def test_widgets_know_no_asyncio():
    found = [
        _name(path)
        for path, tree in TREES.items()
        if _name(path).startswith("widgets/")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name == "asyncio" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "asyncio")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("module", "home"),
    [
        ("qasync", "desktop/runtime/"),
        ("apscheduler", "desktop/jobs"),
        ("folium", "widgets/map/"),
        ("PySide6.QtWebEngineCore", "widgets/map/"),
        ("PySide6.QtWebEngineWidgets", "widgets/map/"),
        ("PySide6.QtMultimedia", "desktop/alarm/speaker"),
        ("sqlalchemy", "data_access/"),
        ("psycopg", "data_access/"),
    ],
)
def test_a_library_has_one_home(module: str, home: str):
    strangers = [
        _name(path)
        for path, tree in TREES.items()
        if not _name(path).startswith(home)
        for node in ast.walk(tree)
        if _imports(node, module)
    ]
    assert strangers == []


def _imports(node: ast.AST, module: str) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name == module or alias.name.startswith(f"{module}.") for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (
        node.module == module or (node.module or "").startswith(f"{module}.")
    )


def test_domain_imports_the_standard_library_only():
    import sys

    strangers = {
        (_name(path), name)
        for path, tree in TREES.items()
        if _name(path).startswith("domain/")
        for node in ast.walk(tree)
        for name in _top_names(node)
        if name not in sys.stdlib_module_names and name != "domain"
    }
    assert strangers == set()


def _top_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.split(".")[0]]
    return []
