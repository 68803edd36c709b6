"""What a dossier says about itself to whoever opens it with nothing but a text editor."""

from zoneinfo import ZoneInfo

from data_access.readers.bundle import Bundle
from desktop.dossiers import form
from desktop.reports.words import moment_text
from domain.seal import spelled

_TEXT = """青哨卷宗  {number}
{title}
截至 {as_of}（{zone}）

一、里面有什么
{paper}  便于阅读和打印的卷宗
{dossier}  案情、各环节时钟、预警、指令、再监督（由事件推出）
{events}/  事件原文：每条流一个文件，data 是参与散列的规范文本
{evidence_list} 与 {evidence}/  证据及其名称、校验和；missing 是事件登记而库中未存的
{seals}/  覆盖这些事件的日封，连同当日所封的全部末端
{manifest}  以上全部文件的大小与 SHA-256；{sum} 是清单自身的校验和
举报人信息不在卷宗内。

二、怎样查证
在任何一台装有青哨的电脑上（不需要数据库，不需要联网）：
    python main.py verify 卷宗.zip
也可以不用本程序：
1. 清单：对每个文件计算 SHA-256，与 {manifest} 对照；再对 {manifest} 计算，与 {sum} 对照。
2. 事件：SHA-256(UTF-8(字段以字符 U+001F 相连))，字段依次为：previous、stream、seq、kind、
   at 的微秒数（自 1970-01-01 UTC）、role、person、body（无则为空）、data、recorded_at 的微秒数。
   结果应等于 hash；previous 应等于前一事件的 hash，第一个事件的 previous 为 64 个 0。
3. 日封：首行为 previous、day、until 的微秒数、streams、events（以 U+001F 相连），其后每条流一行
   （换行符在前）：流名、seq、hash，按流名的字节排序；整体的 SHA-256 应等于 hash。
   再与日报上印出的 64 位日封对照。

三、能证明什么，不能证明什么
散列链证明事件逐一相接、未被改动。日封证明截至所封的那个事件，既没有改动也没有缺少。
最后一个日封之后的事件，末尾若被截去，单凭本文件看不出来；请与导出时记下的清单指纹对照：
    python main.py verify 卷宗.zip --fingerprint 指纹

四、各条流的末端
{heads}

五、日封
{days}
"""


def read_me(bundle: Bundle, zone: ZoneInfo) -> str:
    """Return the text, in the city's time."""
    heads = [
        f"{stream} #{len(records)}  {records[-1].hash.hex()}" for stream, records in bundle.streams.items()
    ]
    days = [f"{seal.day}  {spelled(seal.hash)}" for seal in bundle.seals]
    return _TEXT.format(
        number=f"{bundle.number}（示例数据）" if bundle.sample else bundle.number,
        title=bundle.dossier.title,
        as_of=moment_text(bundle.dossier.clock.as_of, zone),
        zone=zone.key,
        paper=form.PAPER,
        dossier=form.DOSSIER,
        events=form.EVENTS,
        evidence_list=form.EVIDENCE,
        evidence=form.FILES,
        seals=form.SEALS,
        manifest=form.MANIFEST,
        sum=form.SUM,
        heads="\n".join(heads),
        days="\n".join(days) or "尚无日封覆盖这些事件，或导出人无权读取日封。",
    )
