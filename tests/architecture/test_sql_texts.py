"""No SQL is built from text: a value reaches the database as a parameter, a name through a quoting function.

Found by the syntax tree: whatever is handed to `text(`, `execute(`, `SQL(`, `literal_column(` and their like
must be a text as it stands in the code, wherever it was put together before.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "data_access", "desktop", "benchmarks")
TAKES_SQL = {
    "text",
    "execute",
    "executemany",
    "exec_driver_sql",
    "scalar",
    "scalars",
    "copy",
    "stream",
    "SQL",
    "DDL",
    "literal_column",
    "column",
    "table",
    "server_default",
    "bindparams",
}
JUSTIFIED = {
    "data_access/bell.py": "LISTEN takes no parameter: a constant of the log's module",
    "data_access/readers/ground.py": "names of system columns, written out beside it",
    "data_access/store.py": "the name of a database, quoted by the dialect",
    "benchmarks/seeding/stores.py": "names of the benchmark's own databases, quoted by the dialect",
}
"""Files in which a name, which cannot be a parameter, is set into a statement; each says whose name it is."""

MIGRATIONS = "data_access/migrations/versions/"
"""A migration runs once, from constants of its own module: no text of anybody else reaches it."""


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def built_texts(source: str) -> list[str]:
    """Return "line: expression" of every SQL text of a module that is put together from parts."""
    tree = ast.parse(source)
    built = _built_names(tree)
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if _called(call) in TAKES_SQL and call.args and _is_built(call.args[0], built):
            found.append(f"{call.lineno}: {ast.unparse(call.args[0])[:80]}")
    return found


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _built_names(tree: ast.Module) -> set[str]:
    """Return the names that are given a text that is put together; names of names, too."""
    given: list[tuple[str, ast.expr]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            given += [(name.id, node.value) for name in node.targets if isinstance(name, ast.Name)]
        elif (
            isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr))
            and isinstance(node.target, ast.Name)
            and node.value is not None
        ):
            given.append((node.target.id, node.value))
    found: set[str] = set()
    while True:
        more = {name for name, value in given if _is_built(value, found)} - found
        if not more:
            return found
        found |= more


def _is_built(node: ast.expr, built: set[str]) -> bool:
    match node:
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.FormattedValue) for part in parts)
        case ast.BinOp(left=left, op=ast.Mod()):
            return _is_text(left)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            literal = _is_text(left) and _is_text(right)
            return (_is_built(left, built) or _is_built(right, built)) or (
                not literal and (_is_text(left) or _is_text(right))
            )
        case ast.Call(func=ast.Attribute(value=base, attr="format" | "join" | "replace" | "format_map")):
            # psycopg's own `sql.SQL("…").format(…)` quotes what it is given.
            return _is_text(base) or (isinstance(base, ast.Name) and base.id.isupper())
        case ast.Name(id=name):
            return name in built
        case ast.IfExp(body=one, orelse=other):
            return _is_built(one, built) or _is_built(other, built)
        case _:
            return False


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_no_sql_is_built_from_text() -> None:
    found = {
        name: built
        for path in _sources()
        if not (name := path.relative_to(ROOT).as_posix()).startswith(MIGRATIONS)
        if name not in JUSTIFIED
        if (built := built_texts(path.read_text("utf-8")))
    }
    assert found == {}, "hand values over as parameters, and quote names by psycopg.sql or the dialect"


def test_each_justified_file_still_needs_it() -> None:
    idle = [name for name in JUSTIFIED if not built_texts((ROOT / name).read_text("utf-8"))]
    assert idle == []


def test_where_a_name_is_set_in_it_is_quoted_or_a_constant() -> None:
    """In the justified files: an f-string's parts are `quoted(…)`, `…quote(…)`, or a constant of a module."""
    loose = []
    for name in JUSTIFIED:
        tree = ast.parse((ROOT / name).read_text("utf-8"))
        quoted = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and _is_quoting(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if _called(call) not in TAKES_SQL or not call.args or not isinstance(call.args[0], ast.JoinedStr):
                continue
            for part in call.args[0].values:
                if isinstance(part, ast.FormattedValue) and not _is_harmless(part.value, quoted):
                    loose.append(f"{name}:{call.lineno}: {ast.unparse(part.value)}")
    assert loose == []


def _is_quoting(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _called(node) in {"quote", "quoted"}


def _is_harmless(node: ast.expr, quoted: set[str]) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr.isupper()
    if isinstance(node, ast.Name):
        return node.id.isupper() or node.id in quoted or node.id in _LISTED
    return _is_quoting(node)


_LISTED = {"name"}
"""`readers/ground.py`: runs over a tuple of literals in the same line."""


@pytest.mark.parametrize(
    "source",
    [
        'connection.execute(text(f"SELECT {x}"))',
        'connection.execute("SELECT " + x)',
        'connection.execute("SELECT %s" % x)',
        'connection.execute(text("SELECT {}".format(x)))',
        'connection.execute(text(" ".join(x)))',
        's = f"SELECT {x}"\nconnection.execute(text(s))',
        's = "SELECT"\ns += f" {x}"\nconnection.execute(s)',
        'a = f"{x}"\nb = a\nsql.SQL(b)',
        "op.execute(TEMPLATE.format(x=1))",
        'text("a" + f"{x}")',
    ],
)
def test_the_test_finds_what_it_looks_for(source: str) -> None:
    assert built_texts(source) != []


@pytest.mark.parametrize(
    "source",
    [
        'connection.execute(text("SELECT :x"), {"x": x})',
        'connection.execute(text("SELECT " "1"))',
        'sql.SQL("COPY {}").format(sql.Identifier(x))',
        "connection.execute(select(table).where(table.c.key == x))",
    ],
)
def test_the_test_lets_parameters_pass(source: str) -> None:
    assert built_texts(source) == []
