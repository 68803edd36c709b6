"""Code tables: a source's word for a body, a category, an area made into ours, each word once."""

from collections.abc import Mapping

from desktop.imports.errors import RowError
from desktop.imports.mapping import CodeTable
from domain.chain import UNIT_SEPARATOR

YES = "yes"
NO = "no"
_YES_WORDS = ("yes", "true", "1", "是", "满意", "合格", "通过", "保密", "匿名")
_NO_WORDS = ("no", "false", "0", "否", "不满意", "不合格", "不通过", "公开", "实名")
TRUTHS = dict.fromkeys(_YES_WORDS, YES) | dict.fromkeys(_NO_WORDS, NO)
"""Words for yes and no that need no code table."""

LONGEST_CODE = 100
"""Characters of a key or of a name that serves as one: they stand in indexes, and on screen in one line."""


def check_length(column: str, code: str) -> None:
    """Raise RowError when a text is too long for a code."""
    if len(code) > LONGEST_CODE:
        raise RowError(column, f"有 {len(code):,} 个字符，代码或名称不超过 {LONGEST_CODE}")


class Coder:
    """Translates the words of one column.

    A word that the table does not list is looked for in `known` (what the store knows, by key and by
    name), and else kept, dropped or rejected as the table says. `met` collects our keys with their names,
    for the store to learn those that it does not have.
    """

    def __init__(self, column: str, table: CodeTable, known: Mapping[str, str] | None = None) -> None:
        self.column = column
        self.met: dict[str, str] = {}
        self._table = table
        self._known = known or {}
        self._found: dict[str, str | None] = {}

    def translate(self, word: str) -> str | None:
        """Return our key for a source's word, or None for an empty or a dropped one.

        Raises:
            RowError: the table does not list the word and rejects all others, or it is too long.
        """
        try:
            return self._found[word]
        except KeyError:
            found = self._found[word] = self._resolve(word)
            return found

    def _resolve(self, word: str) -> str | None:
        if not word:
            return None
        key = self._table.codes.get(word) or self._known.get(word)
        if key is None:
            if self._table.other == "drop":
                return None
            if self._table.other == "reject":
                raise RowError(self.column, f"的值 {word[:40]!r} 不在代码表中")
            if UNIT_SEPARATOR in word:
                raise RowError(self.column, f"的值 {word[:40]!r} 含有控制字符")
            key = word
        check_length(self.column, key)
        self.met[key] = self._table.names.get(key) or key
        return key
