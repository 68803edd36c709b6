"""What the bell says: in the header, in a word, and in full where one points at it."""

import math
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from desktop.alarm.player import Lack, Trouble
from domain.alarm import Silence, Waiting
from domain.events import WarningLevel
from widgets.bell_chip import BellMark, BellShape
from widgets.status import mark_of
from widgets.wording import CITY_ZONE, count_text

_LACKS = {
    Lack.LIBRARY: QT_TRANSLATE_NOOP("bell", "本机缺 {0}，请管理员安装（sh .ci/system-packages）"),
    Lack.DEVICE: QT_TRANSLATE_NOOP("bell", "无声音设备，请接好音箱并启动桌面的声音服务"),
    Lack.FAILED: QT_TRANSLATE_NOOP("bell", "声音设备无响应，请运行 python main.py doctor 检查"),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """How it stands with the bell. `minutes` is for how long a press silences it.

    `past`: the window looks back; `off`: the settings want no sound.
    """

    waits: Waiting
    ringing: WarningLevel | None
    silence: Silence | None
    minutes: int
    past: bool = False
    off: bool = False
    trouble: Trouble | None = None


def bell_mark(heard: Heard, now: datetime) -> BellMark:
    """Return what the bell shows at a moment (aware)."""
    tr = QCoreApplication.translate
    if heard.past:
        told = tr("bell", "回放中不响铃；回到现在后照常响")
        return BellMark(BellShape.MUTE, "text_muted", (tr("bell", "无声"),), told)
    mute = _why_mute(heard)
    if heard.ringing is None and heard.silence is not None and heard.waits:
        return _silenced(heard, heard.silence, now, mute)
    if heard.ringing is None:
        if mute:
            return BellMark(BellShape.MUTE, "text_muted", (tr("bell", "无声"),), mute)
        told = tr("bell", "没有未确认的预警；有新预警时响铃，直到具名人员确认")
        return BellMark(BellShape.RESTING, "text_faint", (tr("bell", "待命"), ""), told)
    colour, number = mark_of(heard.ringing).colour_name, len(heard.waits.red) + len(heard.waits.yellow)
    count = tr("bell", "{0} 条未确认").format(count_text(number))
    if mute:
        word = tr("bell", "无声")
        return BellMark(BellShape.MUTE, colour, (f"{word} · {count}", word), f"{_counts(heard)}。{mute}")
    told = tr("bell", "{0}，响铃至具名人员确认为止；点此或按 Ctrl+M 在本席静音 {1} 分钟").format(
        _counts(heard), heard.minutes
    )
    word = tr("bell", "响铃中")
    return BellMark(BellShape.RINGING, colour, (f"{word} · {count}", word), told)


def _silenced(heard: Heard, silence: Silence, now: datetime, mute: str) -> BellMark:
    tr = QCoreApplication.translate
    until = f"{silence.until.astimezone(CITY_ZONE):%H:%M}"
    seconds = math.ceil(silence.left(now).total_seconds())
    left = f"{seconds // 60:02}:{seconds % 60:02}"
    word = tr("bell", "静音至 {0}").format(until)
    full = tr("bell", "静音至 {0} · {1} · 余 {2}").format(until, silence.by, left)
    told = tr(
        "bell", "{0} 在本席静音至 {1}，余 {2}；{3}，静音不等于确认，新的红色预警照响；点此恢复响铃"
    ).format(silence.by, until, left, _counts(heard))
    named = tr("bell", "静音至 {0} · {1}").format(until, silence.by)
    shortest = tr("bell", "至 {0}").format(until)
    wordings = (full, named, word, shortest)
    return BellMark(BellShape.MUTE, "paused", wordings, f"{told}。{mute}" if mute else told)


def _why_mute(heard: Heard) -> str:
    tr = QCoreApplication.translate
    if heard.off:
        return tr("bell", "设置中关闭了声音（sound = false）")
    if heard.trouble is None:
        return ""
    library = heard.trouble.detail.partition(" ")[0].removesuffix(",").removesuffix(".so.0")
    return tr("bell", _LACKS[heard.trouble.lack]).format(library)


def _counts(heard: Heard) -> str:
    red, yellow = len(heard.waits.red), len(heard.waits.yellow)
    return QCoreApplication.translate("bell", "未确认：红 {0} 条、黄 {1} 条").format(
        count_text(red), count_text(yellow)
    )
