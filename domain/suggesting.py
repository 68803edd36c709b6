"""What the text of a complaint suggests: its kind of the responsibility list, the bodies, how urgent it is.

The officer decides; each suggestion shows the words and the line of the list that led to it (Y12). Kinds are
found by the keywords of the list, the longest match first. A few hundred fixed words in texts of a page need
no automaton and no word segmentation: one regular expression of the standard library takes 0.1 ms a text, and
a segmenter would cut at its own dictionary's words, not at the list's (docs/decisions/0015).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.city import Category, City
from domain.urgency import Urgency

MOST_CANDIDATES = 5
TITLE_WEIGHT = 1.5
"""What stands in the title is what the complaint is about."""
AGAIN = 0.25
"""What the same word adds when it stands there again."""

ONGOING_WORDS = (
    "正在",
    "此刻",
    "此时",
    "目前还在",
    "现在还在",
    "仍在",
    "还在排",
    "还在冒",
    "还在烧",
    "马上来",
)
"""Words by which a complaint says that it is happening now (Y02)."""

GRAVE_WORDS = ("爆炸", "泄漏", "泄露", "中毒", "昏迷", "住院", "死鱼", "剧毒", "起火", "危及", "呼吸困难")
"""Words after which a level above the list's usual one is proposed (Y04)."""

REMEDIES = frozenset(
    {
        "喷淋",
        "围挡",
        "洒水",
        "湿法作业",
        "防尘网",
        "净化器",
        "清运",
        "年检",
        "检测站",
        "公共烟道",
        "烟道",
        "雨水口",
        "污水厂",
        "水源地",
        "保护区",
        "土壤",
        "井水",
    }
)
"""Keywords whose absence is what is complained of: "没有围挡" speaks for a building site, not against it."""

_DENIED = re.compile(
    "(?:不是|并非|不属于|而非|不算|(?:没有?|未)(?:发现|闻到|听到|看到|见到?)|不再有|已无|排除了?)[^，。；！？,.;!?\\s]{0,6}$"
)
_ABSENT = re.compile("(?:没有?|并无|无|未见)(?:任何|什么|明显|再|过)?$")
_REACH = 12
"""Characters before a word in which it may be denied."""


@dataclass(frozen=True, slots=True)
class Span:
    """A word of the list in a text: characters [begin, end). `denied`: the text says that it is not so."""

    begin: int
    end: int
    word: str
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kind that the text suggests. `share` is its part of all scores, 0..1; `words` led to it."""

    category: Category
    score: float
    share: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What a text suggests, best first. `spans` are in the text, not in the title. `urgency` is None where
    nothing speaks for one; `urgency_words` led above the list's usual level."""

    candidates: tuple[Candidate, ...]
    spans: tuple[Span, ...]
    ongoing: tuple[str, ...] = ()
    urgency: Urgency | None = None
    urgency_words: tuple[str, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """The kind that most speaks for."""
        return self.candidates[0] if self.candidates else None

    def words_for(self, code: str) -> tuple[str, ...]:
        """Return the words that led to a kind; none where it is the officer's own choice."""
        return next((c.words for c in self.candidates if c.category.code == code), ())


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who the responsibility list names for a kind at a place: `rule` is its line, `local` says that the
    county leads because it is a responsible body itself."""

    lead: str
    assisting: tuple[str, ...]
    rule: str
    local: bool = False


def suggest(categories: Sequence[Category], title: str, text: str) -> Advice:
    """Return what a complaint's title and text suggest among these kinds."""
    words = _words(tuple(categories))
    in_title, in_text = words.find(title), words.find(text)
    points: dict[str, float] = {}
    for span in (*in_title, *in_text):
        if not span.denied:
            weight = TITLE_WEIGHT if span in in_title else 1.0
            before = points.get(span.word)
            points[span.word] = len(span.word) * weight if before is None else before + AGAIN * weight
    candidates = _ranked(words, points)
    whole = f"{title}\n{text}"
    ongoing = tuple(word for word in ONGOING_WORDS if word in whole)
    grave = tuple(word for word in GRAVE_WORDS if _stands(word, whole))
    return Advice(candidates, in_text, ongoing, _urgency(candidates, grave, ongoing), grave)


def is_ongoing(title: str, text: str) -> bool:
    """Whether a complaint says that it is happening now (Y02)."""
    return any(word in title or word in text for word in ONGOING_WORDS)


def assignment(
    city: City, category: Category, area: str | None, bodies: Collection[str]
) -> Assignment | None:
    """Return who is to lead and to assist, of the `bodies` that exist; None when the lead does not exist."""
    lead, assisting = city.lead_for(category, area)
    if lead not in bodies:
        return None
    helping = tuple(dict.fromkeys(key for key in assisting if key in bodies and key != lead))
    return Assignment(lead, helping, category.rule, local=lead != category.lead)


class _Words:
    """The list's words as one expression, and the kinds that each stands for."""

    def __init__(self, categories: Iterable[Category]) -> None:
        kinds: dict[str, list[Category]] = {}
        for category in categories:
            for word in dict.fromkeys((*category.keywords, category.name)):
                kinds.setdefault(word.lower(), []).append(category)
        self.kinds: Mapping[str, tuple[Category, ...]] = {word: tuple(found) for word, found in kinds.items()}
        # The longest first: an alternation takes the first that fits.
        longest_first = sorted(self.kinds, key=_length, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def find(self, text: str) -> tuple[Span, ...]:
        lower = text.lower() if len(text.lower()) == len(text) else text
        return tuple(
            Span(found.start(), found.end(), found.group(), _is_denied(lower, found))
            for found in self._pattern.finditer(lower)
        )


@lru_cache(maxsize=4)
def _words(categories: tuple[Category, ...]) -> _Words:
    return _Words(categories)


def _ranked(words: _Words, points: Mapping[str, float]) -> tuple[Candidate, ...]:
    scores: dict[str, float] = {}
    led: dict[str, list[str]] = {}
    kinds: dict[str, Category] = {}
    for word, score in points.items():
        found = words.kinds[word]
        for category in found:
            kinds[category.code] = category
            # A word that several kinds share says less for each of them.
            scores[category.code] = scores.get(category.code, 0.0) + score / len(found)
            led.setdefault(category.code, []).append(word)
    total = sum(scores.values())
    best = sorted(scores, key=lambda code: (-scores[code], code))[:MOST_CANDIDATES]
    return tuple(
        Candidate(kinds[code], round(scores[code], 2), scores[code] / total, tuple(led[code]))
        for code in best
    )


def _urgency(candidates: Sequence[Candidate], grave: Sequence[str], ongoing: Sequence[str]) -> Urgency | None:
    usual = candidates[0].category.urgency if candidates else None
    if grave:
        return Urgency.CRITICAL if usual in (Urgency.CRITICAL, Urgency.FIRST) or ongoing else Urgency.FIRST
    return usual


def _stands(word: str, text: str) -> bool:
    """Whether a word stands somewhere in a text undenied."""
    return any(not _is_denied(text, found) for found in re.finditer(re.escape(word), text))


def _is_denied(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - _REACH) : found.start()]
    if _DENIED.search(before):
        return True
    return found.group() not in REMEDIES and _ABSENT.search(before) is not None


def _length(word: str) -> tuple[int, str]:
    return (len(word), word)
