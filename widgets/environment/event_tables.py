"""What stations gave rise to: episodes of exceedance, devices to look at, and devices that nobody knows."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QWidget

from domain.environment import DeviceItemRow, EpisodeRow, UnknownDevice
from domain.stations import StationState
from widgets.environment.words import (
    bounds_text,
    factor_name,
    flag_name,
    number_text,
    span_name,
    station_kind_name,
    trouble_name,
)
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import duration_text, exact_count_text, minute_text

_REASONS = {
    "unknown": QT_TRANSLATE_NOOP("environment", "未登记的 MN"),
    "password": QT_TRANSLATE_NOOP("environment", "密码不符"),
    "time": QT_TRANSLATE_NOOP("environment", "设备时钟有误"),
    "modbus": QT_TRANSLATE_NOOP("environment", "校验方式不符（Modbus CRC）"),
    "check": QT_TRANSLATE_NOOP("environment", "校验错误"),
    "retired": QT_TRANSLATE_NOOP("environment", "站点已停用"),
}

_ADVICE = {
    "unknown": QT_TRANSLATE_NOOP("environment", "核对 MN，由管理员登记该站点"),
    "password": QT_TRANSLATE_NOOP("environment", "核对设备与登记的密码"),
    "time": QT_TRANSLATE_NOOP("environment", "请运维校准设备时钟"),
    "modbus": QT_TRANSLATE_NOOP("environment", "请厂家把 CRC 改为 HJ 212 附录 A 的算法"),
    "check": QT_TRANSLATE_NOOP("environment", "请运维检查线路干扰和设备的 CRC 程序"),
    "retired": QT_TRANSLATE_NOOP("environment", "请运维关停设备；要恢复，由管理员重新登记"),
}


class EpisodeTable(RecordTable):
    """Rows are `EpisodeRow`s, those that go on first."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("state", self.tr("状态"), 112, _episode_state),
            Column("station", self.tr("站点"), 230, _episode_station, stretch=True, least=130),
            Column("kind", self.tr("类型"), 66, _episode_kind),
            Column("enterprise", self.tr("企业"), 220, _episode_enterprise, stretch=True, least=90),
            Column("factor", self.tr("指标"), 184, _episode_factor, least=120),
            Column("limit", self.tr("限值"), 120, _episode_limit, right=True, least=90),
            Column("peak", self.tr("峰值"), 190, _episode_peak, right=True, least=120),
            Column("over", self.tr("超标次数"), 96, _episode_over, right=True),
            Column("began", self.tr("开始"), 166, _episode_began, least=160),
            Column("countdown", self.tr("持续"), 130, _episode_lasted, right=True, least=120),
            Column("ticket", self.tr("工单"), 170, _episode_ticket, least=110),
        )
        super().__init__(RecordModel(columns, _key_of_episode), scale, parent)


class DeviceItemTable(RecordTable):
    """Rows are `DeviceItemRow`s, the open ones first."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("state", self.tr("状态"), 112, _item_state),
            Column("station", self.tr("站点"), 240, _item_station, stretch=True, least=130),
            Column("kind", self.tr("类型"), 66, _item_kind),
            Column("trouble", self.tr("问题"), 130, _item_trouble),
            Column("factor", self.tr("指标"), 150, _item_factor, least=90),
            Column("flag", self.tr("标记"), 130, _item_flag, least=100),
            Column("body", self.tr("责任主体"), 180, _item_body, least=100),
            Column("enterprise", self.tr("企业"), 220, _item_enterprise, stretch=True, least=90),
            Column("opened", self.tr("开始"), 166, _item_opened, least=160),
            Column("countdown", self.tr("持续"), 150, _item_lasted, right=True, least=130),
            Column("noted", self.tr("已阅"), 210, _item_noted, least=130),
        )
        super().__init__(RecordModel(columns, _key_of_item), scale, parent)


class UnknownTable(RecordTable):
    """Rows are `UnknownDevice`s: who sends frames and is refused, those of one MN one under the other."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("mn", self.tr("MN（设备自报）"), 280, _device_mn, stretch=True, least=200),
            Column("reason", self.tr("原因"), 300, _device_reason, least=150),
            Column("address", self.tr("来自"), 230, _device_address, least=150),
            Column("frames", self.tr("帧数"), 120, _device_frames, right=True),
            Column("first", self.tr("首次"), 180, _device_first, least=160),
            Column("last", self.tr("最近"), 180, _device_last, least=160),
            Column("advice", self.tr("怎么办"), 400, _device_advice, least=200),
        )
        super().__init__(RecordModel(columns, _key_of_device), scale, parent)


def episode_mark(row: EpisodeRow) -> Mark:
    """Return how an episode stands: it goes on, or is over."""
    if row.episode.ended_at is None:
        return mark_of(StationState.EXCEEDING)
    return Mark("text_muted", Shape.CIRCLE, _word(QT_TRANSLATE_NOOP("environment", "已结束")))


def _key_of_episode(row: EpisodeRow) -> str:
    return str(row.episode.number)


def _episode_state(row: EpisodeRow) -> Cell:
    mark = episode_mark(row)
    return Cell(mark.word, CellLook.MARK, colour=mark.colour_name, mark=mark)


def _episode_station(row: EpisodeRow) -> Cell:
    return Cell(row.station_name, colour="text_strong", tooltip=row.station_name)


def _episode_kind(row: EpisodeRow) -> Cell:
    return Cell(station_kind_name(row.kind), colour="text_muted")


def _episode_enterprise(row: EpisodeRow) -> Cell:
    return Cell(row.enterprise, colour="text_muted", tooltip=row.enterprise)


def _episode_factor(row: EpisodeRow) -> Cell:
    return Cell(f"{factor_name(row.episode.factor)} · {span_name(row.episode.span)}")


def _episode_limit(row: EpisodeRow) -> Cell:
    if row.high is None and row.low is None:
        return Cell("—", colour="text_faint")
    return Cell(f"{bounds_text(row.low, row.high)} {row.unit}".strip(), tooltip=row.source)


def _episode_peak(row: EpisodeRow) -> Cell:
    peak = number_text(row.episode.peak)
    if row.high and row.episode.peak > row.high:
        times = f"{row.episode.peak / row.high:.1f}"
        peak = _word(QT_TRANSLATE_NOOP("environment", "{0}（{1} 倍）")).format(peak, times)
    return Cell(peak, colour="overdue" if row.episode.ended_at is None else "text")


def _episode_over(row: EpisodeRow) -> Cell:
    return Cell(exact_count_text(row.episode.over))


def _episode_began(row: EpisodeRow) -> Cell:
    return Cell(minute_text(row.episode.began_at), colour="text_muted")


def _episode_lasted(row: EpisodeRow) -> Cell:
    episode = row.episode
    if episode.ended_at is None:
        return Cell("", CellLook.COUNTDOWN, since=episode.began_at)
    return Cell(duration_text(episode.ended_at - episode.began_at), colour="text_muted")


def _episode_ticket(row: EpisodeRow) -> Cell:
    if row.episode.ticket is None:
        return Cell("—", colour="text_faint")
    return Cell(row.episode.ticket, colour="accent", tooltip=row.episode.ticket)


def _key_of_item(row: DeviceItemRow) -> str:
    return str(row.item.number)


def _item_state(row: DeviceItemRow) -> Cell:
    if row.item.ended_at is None:
        mark = Mark("due_soon", Shape.DIAMOND, _word(QT_TRANSLATE_NOOP("environment", "待处理")))
    else:
        mark = Mark("text_muted", Shape.CIRCLE, _word(QT_TRANSLATE_NOOP("environment", "已恢复")))
    return Cell(mark.word, CellLook.MARK, colour=mark.colour_name, mark=mark)


def _item_station(row: DeviceItemRow) -> Cell:
    return Cell(row.station_name, colour="text_strong", tooltip=row.station_name)


def _item_kind(row: DeviceItemRow) -> Cell:
    return Cell(station_kind_name(row.kind), colour="text_muted")


def _item_trouble(row: DeviceItemRow) -> Cell:
    return Cell(trouble_name(row.item.trouble))


def _item_factor(row: DeviceItemRow) -> Cell:
    if row.item.factor is None:
        return Cell(_word(QT_TRANSLATE_NOOP("environment", "整机")), colour="text_muted")
    return Cell(factor_name(row.item.factor))


def _item_flag(row: DeviceItemRow) -> Cell:
    flag = row.item.flag
    return Cell("—", colour="text_faint") if flag is None else Cell(f"{flag.value} {flag_name(flag)}")


def _item_body(row: DeviceItemRow) -> Cell:
    return Cell(row.body, colour="text_muted", tooltip=row.body)


def _item_enterprise(row: DeviceItemRow) -> Cell:
    return Cell(row.enterprise, colour="text_muted", tooltip=row.enterprise)


def _item_opened(row: DeviceItemRow) -> Cell:
    return Cell(minute_text(row.item.opened_at), colour="text_muted")


def _item_lasted(row: DeviceItemRow) -> Cell:
    item = row.item
    if item.ended_at is None:
        return Cell("", CellLook.COUNTDOWN, since=item.opened_at)
    return Cell(duration_text(item.ended_at - item.opened_at), colour="text_muted")


def _item_noted(row: DeviceItemRow) -> Cell:
    if row.noted_at is None:
        return Cell("—", colour="text_faint")
    return Cell(
        f"{row.noted_by} {minute_text(row.noted_at)[5:]}",
        tooltip=f"{row.noted_by} {minute_text(row.noted_at)}",
    )


def _key_of_device(device: UnknownDevice) -> str:
    return f"{device.mn}\n{device.reason}"


def _device_reason(device: UnknownDevice) -> Cell:
    word = _word(_REASONS[device.reason]) if device.reason in _REASONS else device.reason
    mark = Mark("due_soon", Shape.DIAMOND, word)
    return Cell(word, CellLook.MARK, colour="due_soon", mark=mark, tooltip=word)


def _device_mn(device: UnknownDevice) -> Cell:
    if not device.mn.strip():
        return Cell(_word(QT_TRANSLATE_NOOP("environment", "未填 MN")), colour="text_faint")
    return Cell(device.mn, colour="text_faint" if device.again else "text_strong", tooltip=device.mn)


def _device_address(device: UnknownDevice) -> Cell:
    return Cell(device.address, colour="text_muted", tooltip=device.address)


def _device_frames(device: UnknownDevice) -> Cell:
    return Cell(exact_count_text(device.frames))


def _device_first(device: UnknownDevice) -> Cell:
    return Cell(minute_text(device.first_seen), colour="text_muted")


def _device_last(device: UnknownDevice) -> Cell:
    return Cell(minute_text(device.last_seen))


def _device_advice(device: UnknownDevice) -> Cell:
    word = _word(_ADVICE[device.reason]) if device.reason in _ADVICE else "—"
    return Cell(word, colour="text_muted", tooltip=word)


def _word(source: str) -> str:
    return QCoreApplication.translate("environment", source)
