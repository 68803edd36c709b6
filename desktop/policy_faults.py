"""What keeps a policy's file from being one, in the words of those who write it.

The parser of the domain names the place and the fault in English, for the log; who tries a policy reads them
here. A fault that is not known stays as the parser says it, behind its place.
"""

import re

_WORDS: tuple[tuple[str, str], ...] = (
    (r"(\S+) is missing$", "缺少 {0}"),
    (
        r"a limit is written like .*, not (.+)$",
        '时限写作 "5 min"、"2 h"、"15 d" 或 "5 wd"（工作日），不能写作 {0}',
    ),
    (r"is written like .*, not (.+)$", '时长写作 "15 min"、"1 h" 或 "2 d"，不能写作 {0}'),
    (r"(\S+) is true or false, not (.+)$", "{0} 只能是 true 或 false，不能是 {1}"),
    (r"(\S+) is a date like 2026-01-01, not (.+)$", "{0} 是日期，写作 2026-01-01，不加引号，不能是 {1}"),
    (r"(\S+) has 1 to (\d+) characters$", "{0} 应有 1 至 {1} 个字"),
    (r"(\S+) holds a control character$", "{0} 中有看不见的控制字符"),
    (r"(\S+) is a whole number from 1 up, not (.+)$", "{0} 是从 1 起的整数，不能是 {1}"),
    (r"(\S+) is a whole number from (\d+) to (\d+), not (.+)$", "{0} 是 {1} 至 {2} 的整数，不能是 {3}"),
    (r"a whole number from (\d+) to (\d+), not (.+)$", "应为 {0} 至 {1} 的整数，不能是 {2}"),
    (r"sentences need late and slow$", "sentences 中要有 late 和 slow 两句"),
    (r"(\S+) is a list of tables, (\S+)$", "{0} 要写成一张张表，每张以 {1} 开头"),
    (r"(?:(\S+) )?is a table, (\S+)$", "要写成一张表，以 {1} 开头"),
    (r"one of them stands twice$", "有一个环节写了两次"),
    (r"stands twice$", "写了两次"),
    (r"cannot start from (\S+)$", "不能从 {0} 起算：它不在本政策中，或不在本环节之前"),
    (r"this policy has no (\S+)$", "本政策没有环节 {0}"),
    (r"(\S+) lies between 0 and 1$", "{0} 应在 0 与 1 之间"),
    (r"(\S+) is a text, or a text for each urgency$", "{0} 是一段文字，或各紧急程度各一段文字"),
    (r"(\S+) is no field of .+$", "没有 {0} 这一项"),
    (r"only a body's node can be .+$", "只有由责任主体办理的环节（holder 为 body）才能有协办"),
    (r"(\S+) is counted in hours, not in working days$", "{0} 按小时计，不能用工作日"),
    (r"there is no time zone (.+)$", "没有时区 {0}"),
    (r"two steps of a level come at the same time$", "同一级别有两级升级在同一时间"),
    (r"up to 40 letters, figures, dots, dashes$", "最多 40 个字母、数字、点或短横"),
    (r"one or more, each once$", "至少写一个，各写一次"),
    (r"one or more$", "至少写一个"),
    (r"(\S+) is none of (.+)$", "不能是 {0}，只能是 {1}"),
    (r"(\S+) is one of (.+)$", "{0} 只能是 {1}"),
    (r"([^:]+) is not a valid \w+$", "没有 {0} 这个取值"),
    (r"could not convert string to float: (.+)$", "应为数字，不能是 {0}"),
)
"""How the end of a fault reads, and what it means to who wrote the file."""

_TABLES = re.compile(r"^(node|rule|escalation) (\S+)$")


def fault_text(fault: str) -> str:
    """Return a fault of `domain.policy.parse_policy` in Chinese, its place first."""
    *places, said = fault.split(": ")
    for pattern, words in _WORDS:
        found = re.search(rf"(?:^|: ){pattern}", fault)
        if found is not None:
            places = fault[: found.start()].split(": ")
            said = words.format(*(group or "" for group in found.groups()))
            break
    named = [_TABLES.sub(r"[[\1]] \2", place) for place in places if place not in ("", "policy")]
    return "，".join([*named, said])
