"""Reads rendered pages as a stranger would: sections, tables, pictures and the numbers in them, without any code that wrote them."""

from __future__ import annotations

import html.parser
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

VOID = {"meta", "br", "link", "img", "input", "hr"}
SCALES = {"": 0, "K": 3, "M": 6, "B": 9}
#: A number with what stands around it: sign, currency, thousands, unit.
NUMBER = re.compile(
    r"(?P<sign>[+−]?)(?P<currency>[$€£¥₹₩]|[A-Z]{3}\u00a0)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<scale>[KMB](?![a-z]))?"
    r"(?P<unit>\u00a0(?:%|pp|points|days|hours|months|years))?"
)
#: Numbers that are dates or spans of time, not figures.
DATES = re.compile(
    r"(?:\d{1,2}\u00a0)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\u00a0\d{4}|\d{4}-\d{2}(?:-\d{2})?|\b12 months\b"
)


@dataclass(frozen=True)
class Shown:
    """A number as it is shown, and the size of one unit of its last digit."""

    text: str
    value: Decimal
    step: Decimal

    def agrees(self, exact: Decimal | float | int) -> bool:
        """Whether the exact number may be shown so: it lies within half a unit of the last digit."""
        return abs(float(self.value) - float(exact)) <= float(self.step) / 2 + 1e-6 * max(
            1.0, abs(float(exact)) / 1e6
        )


def numbers(text: str) -> list[Shown]:
    """The figures in a text, in their order; dates are none."""
    found = []
    for match in NUMBER.finditer(DATES.sub(" ", text)):
        digits = match["digits"].replace(",", "")
        power = SCALES[match["scale"] or ""] - (2 if (match["unit"] or "").strip() in ("%", "pp") else 0)
        value = Decimal(digits).scaleb(power)
        step = Decimal(1).scaleb(power - len(digits.partition(".")[2]))
        found.append(Shown(match[0], -value if match["sign"] == "−" else value, step))
    return found


@dataclass
class Node:
    """An element; text is a child like any other."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Node]:
        """All elements below this one, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child

    def all(self, *tags: str) -> list[Node]:
        """Elements of these names below this one."""
        return [node for node in self if node.tag in tags]

    def has_class(self, name: str) -> bool:
        """Whether the element carries a class."""
        return name in self.attributes.get("class", "").split()

    def text(self, *without: str) -> str:
        """The text below this element, blanks put together, without elements of some names and what only screen readers say."""
        parts: list[str] = []

        def walk(node: Node) -> None:
            for child in node.children:
                if isinstance(child, str):
                    parts.append(child)
                elif child.tag not in without and not child.has_class("sr"):
                    walk(child)
                    if child.tag == "br":
                        parts.append(" ")

        walk(self)
        return re.sub(r"[ \n\t]+", " ", "".join(parts)).strip()


class _Tree(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self._open = [self.root]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


class Cell:
    """A cell of a table: its figure, the small print below it, and its link."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.text = node.text("small", "svg")
        self.small = [small.text() for small in node.all("small")]
        self.links = [link.attributes.get("href", "") for link in node.all("a")]
        self.is_figure = node.tag == "td" and (node.has_class("num") or bool(node.attributes.get("style")))
        self.is_traced = False

    @property
    def opens(self) -> str | None:
        """The page of rows that the cell links to."""
        return next((page for link in self.links if (page := opened(link))), None)


def opened(link: str) -> str | None:
    """The name of the page of rows that a link opens."""
    match = re.search(r"drill/([^/#]+)\.html", link)
    return match and match[1]


@dataclass
class Table:
    """A table by rows; rows of one cell head a group."""

    caption: str
    head: list[str]
    rows: list[list[Cell]]


@dataclass
class Picture:
    """A drawing in words, and what it writes beside its marks."""

    words: str
    marks: list[str]


@dataclass
class Section:
    """A part of a page under one heading."""

    label: str
    heading: str
    node: Node

    @cached_property
    def tables(self) -> list[Table]:
        """Its tables."""
        return [_table(node) for node in self.node.all("table")]

    @cached_property
    def pictures(self) -> list[Picture]:
        """Its pictures, those for narrow screens left out, and the small ones within tables."""
        return [
            Picture(node.attributes["aria-label"], _marks(node))
            for node in self.node.all("svg")
            if node.attributes.get("role") == "img" and not node.has_class("narrow")
        ]

    @property
    def links(self) -> list[str]:
        """Where it leads to."""
        return [node.attributes.get("href", "") for node in self.node.all("a")]


class Page:
    """A page by its sections."""

    def __init__(self, path: Path) -> None:
        self.root = _Tree(path.read_text(encoding="utf-8")).root

    @cached_property
    def sections(self) -> list[Section]:
        """Sections with a heading, in their order."""
        found = []
        for node in self.root.all("section"):
            headings = node.all("h2")
            found.append(
                Section(
                    node.attributes.get("aria-labelledby") or node.attributes.get("aria-label", ""),
                    headings[0].text() if headings else "",
                    node,
                )
            )
        return found

    @property
    def query(self) -> str | None:
        """The query that the page prints."""
        return next((node.text() for node in self.root.all("pre")), None)


def _table(node: Node) -> Table:
    captions, rows = node.all("caption"), []
    for row in node.all("tr"):
        cells = [Cell(cell) for cell in row.all("th", "td")]
        if not any(cell.node.attributes.get("scope") == "col" for cell in cells):
            rows.append(cells)
    caption = "".join(
        child if isinstance(child, str) else "" for caption in captions for child in caption.children
    )
    head = [cell.text() for cell in node.all("th") if cell.attributes.get("scope") == "col"]
    return Table(caption.strip(), head, rows)


def _marks(node: Node) -> list[str]:
    found: list[str] = []
    for child in node.children:
        if (
            isinstance(child, Node)
            and not child.has_class("role-axis")
            and not child.has_class("role-legend")
        ):
            found += [child.text()] if child.tag == "text" else _marks(child)
    return found
