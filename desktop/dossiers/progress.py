"""How far a ticket has come, on a sheet that may be handed to both sides (T15)."""

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication

from desktop.dossiers.paper import sheets_of
from desktop.dossiers.paper_words import Section
from domain.progress import Progress
from widgets.wording import local_moment_text, node_name


def progress_sheet(progress: Progress) -> bytes:
    """Return the PDF. Any thread."""
    head = _tr("处理进展 {0}").format(progress.number)
    return sheets_of(head, progress.category, tuple(_sections(progress)), progress.as_of)


def _sections(progress: Progress) -> Iterator[Section]:
    closed = local_moment_text(progress.closed_at) if progress.closed_at else _tr("办理中")
    words = {None: _tr("尚未查明"), True: _tr("存在违法行为"), False: _tr("未发现违法行为")}
    yield Section(
        _tr("事项"),
        (_tr("本页不含举报人、经办人、地址和办理中的文字，可交举报人和被举报人。"),),
        rows=(
            (_tr("类别"), progress.category, _tr("区县"), progress.area),
            (_tr("受理"), local_moment_text(progress.received_at), _tr("办结"), closed),
            (_tr("查处"), words[progress.violation], _tr("截至"), local_moment_text(progress.as_of)),
        ),
        shares=(12, 38, 12, 38),
    )
    yield Section(
        _tr("进展"),
        header=(_tr("轮次"), _tr("环节"), _tr("单位"), _tr("开始"), _tr("办结")),
        rows=tuple(
            (
                str(step.round),
                node_name(step.node),
                step.body or "—",
                local_moment_text(step.started_at),
                local_moment_text(step.ended_at) if step.ended_at else _tr("进行中"),
            )
            for step in progress.steps
        ),
        shares=(8, 16, 28, 24, 24),
    )
    if progress.filed or progress.penalties:
        yield Section(
            _tr("立案与处罚"),
            header=(_tr("文书"), _tr("罚款（元）")),
            rows=(
                *((document, "—") for document in progress.filed),
                *((each.document, f"{each.amount:,}" if each.amount else "—") for each in progress.penalties),
            ),
            shares=(60, 40),
        )
    published = tuple((local_moment_text(each.at), each.title, each.where) for each in progress.publications)
    yield Section(
        _tr("结果公示"),
        () if published else (_tr("尚未公示。"),),
        (_tr("时间"), _tr("内容"), _tr("网址或文号")) if published else (),
        published,
        (24, 38, 38) if published else (),
    )


def _tr(source: str) -> str:
    return QCoreApplication.translate("progress", source)
