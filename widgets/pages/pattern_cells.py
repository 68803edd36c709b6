"""Figures of the patterns page in cells: a count, its rate per 100, and how it compares with the peers."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.ledger import Colour
from domain.patterns import MINIMUM, Figure, Trait, Verdict
from widgets.status import Mark, Shape, mark_of
from widgets.table.cells import Cell, CellLook
from widgets.wording import exact_count_text

_TRAITS = {
    Trait.LATE: QT_TRANSLATE_NOOP("patterns", "超期"),
    Trait.OPEN: QT_TRANSLATE_NOOP("patterns", "超期未结"),
    Trait.SLOW: QT_TRANSLATE_NOOP("patterns", "做得慢"),
    Trait.WRONG: QT_TRANSLATE_NOOP("patterns", "做不对"),
    Trait.THIN: QT_TRANSLATE_NOOP("patterns", "证据薄弱"),
    Trait.PUSHED: QT_TRANSLATE_NOOP("patterns", "推出"),
    Trait.BOUNCED: QT_TRANSLATE_NOOP("patterns", "打回"),
}
_SAID = {
    Trait.LATE: QT_TRANSLATE_NOOP("patterns", "窗口内到期而未按期办结的环节（拖）"),
    Trait.OPEN: QT_TRANSLATE_NOOP("patterns", "其中至今没有办结的环节（不结）"),
    Trait.SLOW: QT_TRANSLATE_NOOP("patterns", "窗口内发出的“做得慢”预警"),
    Trait.WRONG: QT_TRANSLATE_NOOP("patterns", "窗口内发出的“做不对”预警"),
    Trait.THIN: QT_TRANSLATE_NOOP("patterns", "“做不对”中关于现场影像的预警（证据意识不强）"),
    Trait.PUSHED: QT_TRANSLATE_NOOP("patterns", "本单位承办后转给其他单位的次数（推）"),
    Trait.BOUNCED: QT_TRANSLATE_NOOP("patterns", "回访或后督查不通过的次数"),
}
_VERDICTS = {
    Verdict.HIGH: QT_TRANSLATE_NOOP("patterns", "高于同类"),
    Verdict.LIKE: QT_TRANSLATE_NOOP("patterns", "与同类相当"),
    Verdict.LOW: QT_TRANSLATE_NOOP("patterns", "低于同类"),
    Verdict.TOO_FEW: QT_TRANSLATE_NOOP("patterns", "样本不足"),
}


FULL = 3.0


def trait_name(trait: Trait) -> str:
    """Return the word for a trait."""
    return _word(_TRAITS[trait])


def trait_text(trait: Trait) -> str:
    """Return what a trait counts."""
    return _word(_SAID[trait])


def verdict_mark(verdict: Verdict) -> Mark:
    """Return the mark of a comparison: what stands out is red, what is better green, the rest plain."""
    word = _word(_VERDICTS[verdict])
    match verdict:
        case Verdict.HIGH:
            return Mark(mark_of(Colour.RED).colour_name, Shape.SQUARE, word)
        case Verdict.LOW:
            return Mark(mark_of(Colour.GREEN).colour_name, Shape.CIRCLE, word)
        case Verdict.LIKE:
            return Mark("text_muted", Shape.DASH, word)
        case Verdict.TOO_FEW:
            return Mark("text_faint", Shape.RING, word)


def per_hundred_text(rate: float | None) -> str:
    """Return a rate of 0..1 as "3.4", per 100; "—" for None. It may be above 100."""
    if rate is None:
        return "—"
    return f"{rate * 100:.1f}"


def figure_cell(figure: Figure, said: str = "") -> Cell:
    """Return a count with its rate per 100 nodes due; what stands out has a mark and the colour of it."""
    if not figure.hits:
        return Cell("0", colour="text_faint", tooltip=figure_tip(figure, said))
    text = exact_count_text(figure.hits)
    if figure.rate is not None:
        text = f"{text}·{per_hundred_text(figure.rate)}"
    if figure.verdict is Verdict.HIGH:
        mark = verdict_mark(figure.verdict)
        return Cell(text, CellLook.MARK, "overdue_text", mark, tooltip=figure_tip(figure, said), bold=True)
    colour = "text_muted" if figure.verdict is Verdict.TOO_FEW else "text"
    return Cell(text, colour=colour, tooltip=figure_tip(figure, said))


def rate_cell(figure: Figure, said: str = "") -> Cell:
    """Return a rate as a bar, faint above what is sure, with its verdict's mark: FULL times the middle fills
    it; all of what was due does where there is no middle."""
    if figure.rate is None:
        return Cell("—", colour="text_faint", tooltip=said)
    mark = verdict_mark(figure.verdict)
    full = FULL * figure.middle if figure.middle else 1.0
    return Cell(
        f"{per_hundred_text(figure.rate)}%",
        CellLook.BAR,
        "text_strong",
        mark,
        tooltip=figure_tip(figure, said),
        share=min(figure.rate / full, 1.0),
        sure=min(figure.low / full, 1.0),
        bold=True,
    )


def verdict_cell(figure: Figure) -> Cell:
    """Return how a figure compares: the word with its mark, and how many times the middle it is."""
    mark = verdict_mark(figure.verdict)
    # Of what is like the others' it would look like more than chance.
    times = figure.times if figure.verdict is not Verdict.LIKE else None
    text = mark.word if times is None else f"{mark.word} ×{times:.1f}"
    return Cell(text, CellLook.MARK, mark.colour_name, mark, tooltip=figure_tip(figure))


def figure_tip(figure: Figure, said: str = "") -> str:
    """Return everything about a figure: count, denominator, interval, middle."""
    counted = _word(QT_TRANSLATE_NOOP("patterns", "{0} ÷ 应办 {1} = 每百环节 {2}")).format(
        exact_count_text(figure.hits), exact_count_text(figure.due), per_hundred_text(figure.rate)
    )
    interval = _word(QT_TRANSLATE_NOOP("patterns", "95% 威尔逊区间 {0}–{1}")).format(
        per_hundred_text(figure.low), per_hundred_text(figure.high)
    )
    if figure.verdict is Verdict.TOO_FEW and figure.due < MINIMUM:
        compared = _word(QT_TRANSLATE_NOOP("patterns", "应办不足 {0}，样本不足，不作比较")).format(MINIMUM)
    elif figure.middle is None:
        compared = _word(QT_TRANSLATE_NOOP("patterns", "没有可比的单位"))
    else:
        compared = _word(QT_TRANSLATE_NOOP("patterns", "各单位中位数 {0}：{1}")).format(
            per_hundred_text(figure.middle), verdict_mark(figure.verdict).word
        )
    lines = [line for line in (said, counted, interval if figure.due else "", compared) if line]
    return "\n".join(lines)


def _word(source: str) -> str:
    return QCoreApplication.translate("patterns", source)
