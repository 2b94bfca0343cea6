"""Templates, texts and drawings come together as a page. Imported with the first page: loading takes time."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sekisho.pages.crest import crest
from sekisho.pages.drawings import CRESTS, ICONS, MARK
from sekisho.pages.reader import LANGUAGES, Reader
from sekisho.pages.static import address
from sekisho.pages.texts import texts
from sekisho.spec.http import Pairs

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
# A Latin word and the particle after it, a number and what it counts: no line begins with the second one.
_ONE = re.compile("(?<=[0-9A-Za-z)}>]) (?=[をがにのはでともへや件個回台人日秒行字])")
_TEXTS: Mapping[str, Mapping[str, str]] = {
    language: {key: _ONE.sub("\N{NO-BREAK SPACE}", text) for key, text in texts(language).items()}
    for language in LANGUAGES
}
# Addresses and wire names in a sentence; it is no markup that they stand in.
_WIRE = re.compile(r"(?<![\w/.:])(?:(?:/[a-z0-9_.]+)+/?|[a-z0-9]+(?:_[a-z0-9]+)+)(?![\w/:])")
_USE = Markup('<svg class="{}" width="{size}" height="{size}" aria-hidden="true"><use href="#{}"/></svg>')
_SYMBOL = Markup('<symbol id="{}" viewBox="0 0 {size} {size}"{}>{}</symbol>')
_FILLED = Markup(' fill="currentColor"')
_TIME = Markup('<time class="nb" datetime="{}">{}</time>')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Mapping[str, str] = {"en": "{at.day} {month} {at.year},", "ja": "{at.year}年{at.month}月{at.day}日"}
_BRIEF: Mapping[str, str] = {"en": "{at.day} {month}", "ja": "{at.month}月{at.day}日"}
_APART: Mapping[str, str] = {"en": ", ", "ja": " "}
# As the stylesheet has it, for where no stylesheet arrives.
_DRAWN = Markup(' fill="none" stroke="currentColor"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is shown: host and path of the tenant's root; both are empty where nobody is at home."""

    host: str
    prefix: str
    is_secure: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as bytes, and the nonce of its script if it has one."""

    body: bytes
    nonce: str


def printed(name: str, context: Mapping[str, object], reader: Reader, place: Place) -> Sheet:
    """The page of this name."""
    desk = Desk(reader, place)
    names = {"desk": desk, "say": desk.say, "icon": desk.icon, "reader": reader, "place": place}
    text = _TEMPLATES.get_template(f"{name}.html").render(**names, **context)
    return Sheet(text.encode(), desk.used_nonce)


def coded(text: str) -> str:
    """A sentence of ours with its wire names as code."""
    told = str(escape(text))
    return text if "<" in told else Markup(_WIRE.sub(r"<code>\g<0></code>", told))  # noqa: S704 - escaped above


_TEMPLATES.filters["coded"] = coded


def worded(key: str, words: Mapping[str, str], language: str) -> str:
    """A text without any markup, its words as they are: for a line of a mail."""
    return _TEXTS[language][key].format_map(words)


def drafted(name: str, context: Mapping[str, object], language: str) -> str:
    """What is no page: texts and words, and nothing of ours beside."""

    def say(key: str, **words: object) -> Markup:
        return Markup(_TEXTS[language][key]).format(**words)  # noqa: S704 - texts are ours

    return _TEMPLATES.get_template(f"{name}.html").render(say=say, language=language, **context)


@dataclass(slots=True)
class Desk:
    """What a template may ask for while one page is made."""

    reader: Reader
    place: Place
    used_nonce: str = ""
    _symbols: dict[str, Markup] = field(default_factory=dict)

    def say(self, key: str, **words: object) -> Markup:
        """A text in the reader's language, its words escaped."""
        return Markup(_TEXTS[self.reader.language][key]).format(**words)  # noqa: S704 - texts are ours

    def has(self, key: str) -> bool:
        """There is such a text."""
        return key in _TEXTS[self.reader.language]

    def file(self, name: str) -> str:
        """The address of a static file."""
        return f"{self.place.prefix}{address(name)}"

    def nonce(self) -> str:
        """The nonce of this page's scripts."""
        self.used_nonce = self.used_nonce or secrets.token_urlsafe(16)
        return self.used_nonce

    def other_languages(self, query: Pairs) -> list[tuple[str, str, str]]:
        """Tag, name and link of every other language; a link without a path keeps the path."""
        kept = [pair for pair in query if pair[0] != "ui_locales"]
        return [
            (tag, LANGUAGES[tag], "?" + urlencode([*kept, ("ui_locales", tag)])) for tag in self.reader.others
        ]

    def icon(self, name: str, traits: str = "s") -> Markup:
        """An icon, 16 px where it is small."""
        self.needs(name)
        size = 16 if "s" in traits.split() else 20
        return _USE.format(f"i {traits}".strip(), f"i-{name}", size=size)

    def needs(self, name: str) -> str:
        """An icon that only the script shows."""
        self._symbols[f"i-{name}"] = _symbol(f"i-{name}", ICONS[name], 20, _DRAWN)
        return ""

    def when(self, at: float, zone: tzinfo, form: str = "%H:%M %Z") -> Markup:
        """A moment by somebody's clock, its zone named, exact for programs."""
        moment = datetime.fromtimestamp(at, zone)
        told = f"{self._day(moment)} {moment:{form}}"
        return _TIME.format(moment.isoformat(timespec="seconds"), told)

    def day(self, at: float, zone: tzinfo) -> str:
        """A day by somebody's clock."""
        return self._day(datetime.fromtimestamp(at, zone)).rstrip(",")

    def _day(self, moment: datetime) -> str:
        return _DAYS[self.reader.language].format(at=moment, month=_MONTHS[moment.month - 1])

    def brief(self, at: float, zone: tzinfo, form: str = "%H:%M", *, day: bool = False) -> str:
        """The time by somebody's clock, with its day where that is not clear: for drawings and tables."""
        moment = datetime.fromtimestamp(at, zone)
        told = [_BRIEF[self.reader.language].format(at=moment, month=_MONTHS[moment.month - 1])] * day
        return _APART[self.reader.language].join((*told, *([f"{moment:{form}}"] if form else ())))

    def crest(self, id: str, traits: str = "") -> Markup:
        """The crest of an id."""
        found = crest(id)
        self._symbols[f"c-{found.form}"] = _symbol(f"c-{found.form}", CRESTS[found.form], 32, _FILLED)
        size = 48 if "l" in traits.split() else 32
        return _USE.format(f"crest {found.colour} {traits}".strip(), f"c-{found.form}", size=size)

    def mark(self) -> Markup:
        """The mark of the house."""
        self._symbols["mark"] = _symbol("mark", MARK, 24, Markup())
        return _USE.format("mark", "mark", size=24)

    def sprite(self) -> Markup:
        """The drawings that this page used: asked for last."""
        return Markup("\n").join(self._symbols.values())


def _symbol(id: str, drawing: str, size: int, paint: Markup) -> Markup:
    return _SYMBOL.format(id, paint, Markup(drawing), size=size)  # noqa: S704 - drawings are ours
