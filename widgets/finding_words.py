"""What findings are called on screen: who found them, what, when, and what became of them (T24)."""

from datetime import timedelta

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.findings import Finding, FindingSource
from widgets.wording import exact_count_text, minute_text, rate_text

_SOURCES = {
    FindingSource.RADAR: QT_TRANSLATE_NOOP("findings", "雷达"),
    FindingSource.VAN: QT_TRANSLATE_NOOP("findings", "走航"),
    FindingSource.DRONE: QT_TRANSLATE_NOOP("findings", "无人机"),
    FindingSource.SATELLITE: QT_TRANSLATE_NOOP("findings", "卫星"),
}


def source_name(source: FindingSource) -> str:
    """Return who found it: "走航"."""
    return _word(_SOURCES[source])


def value_text(finding: Finding) -> str:
    """Return the value with its unit, empty where none was measured."""
    new = finding.new
    return "" if new.value is None else f"{new.value:g} {new.unit}".strip()


def span_text(finding: Finding) -> str:
    """Return when it was found, and until when."""
    new = finding.new
    if new.until is None:
        return minute_text(new.at)
    minutes = max(1, round((new.until - new.at) / timedelta(minutes=1)))
    return _word("{0}，{1} 分钟").format(minute_text(new.at), exact_count_text(minutes))


def standing_text(finding: Finding) -> str:
    """Return what became of it."""
    if finding.ticket is not None:
        return _word("已转 {0}").format(finding.ticket)
    return _word("疑似问题，未转线索") if finding.new.is_suspect else _word("未转线索")


def suspect_word() -> str:
    """Return what a suspected problem is called of which no clue was made yet."""
    return _word("疑似问题")


def followed_word() -> str:
    """Return what a finding is called that became a clue."""
    return _word("已转线索")


def other_word() -> str:
    """Return what a finding is called that nobody thinks a problem."""
    return _word("一般发现")


def finding_lines(finding: Finding) -> tuple[str, ...]:
    """Return a finding in lines, the first as their title."""
    named = (source_name(finding.new.source), finding.new.what)
    said = (value_text(finding), span_text(finding), finding.area_name, standing_text(finding), finding.file)
    return (" ".join(part for part in named if part), *(part for part in said if part))


def title_of(finding: Finding) -> str:
    """Return the title that a clue of it begins with: where, who and what."""
    what = finding.new.what or _word("疑似污染")
    return _word("{0}{1}发现：{2}").format(finding.area_name, source_name(finding.new.source), what)


def text_of(finding: Finding) -> str:
    """Return the text that a clue of it begins with: all that the source said."""
    new = finding.new
    told = [
        _word("来源：{0}，文件 {1}，第 {2} 号发现。").format(
            source_name(new.source), finding.file, finding.number
        ),
        _word("时间：{0}。位置：{1:.6f}, {2:.6f}（WGS-84）。").format(span_text(finding), new.lng, new.lat),
    ]
    if new.value is not None:
        told.append(_word("测得：{0}。").format(value_text(finding)))
    return "".join(told)


def rate_words(part: int, whole: int, rate: float | None) -> str:
    """Return a rate with both its numbers: "75.0%（9 / 12）"."""
    shown = "—" if rate is None else rate_text(rate)
    return _word("{0}（{1} / {2}）").format(shown, exact_count_text(part), exact_count_text(whole))


def _word(source: str) -> str:
    return QCoreApplication.translate("findings", source)
