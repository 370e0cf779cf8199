"""The page as blocks for paper: what report.html holds, in its order, so that no section can be in one alone.

The page is our own (outputs/pages/report.html.j2), so only its elements are known here: sections, headings, paragraphs,
lists, definitions, tables, figures. Contents, folded parts and the drawings for phones stay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape
from html.parser import HTMLParser
from typing import Any, Final

from follicast.outputs.svg import Figure
from follicast.outputs.wording import width

Block = dict[str, Any]
Run = tuple[str, str]
"""Words, and how they are set: "", "bold", "range", "aside", "tag", "refs" or "code"; "break" begins a new line."""

VOID: Final = ("meta", "link", "br")
SKIPPED_TAGS: Final = ("head", "nav", "details", "script", "style")
SKIPPED_CLASSES: Final = ("narrow",)
SETTINGS: Final = {"strong": "bold", "b": "bold"}
SPANS: Final = ("range", "aside", "tag", "refs", "code")
LEAST_COLUMN: Final = 7.0
"""No column of a table is set narrower than this many letters."""


@dataclass
class Element:
    """One element of the page; text is an element without a tag."""

    tag: str
    classes: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *tags: str) -> Iterator[Element]:
        """Every element below with one of these tags, in order."""
        for child in self.children:
            if child.tag in tags:
                yield child
            yield from child.all(*tags)

    def first(self, tag: str) -> Element | None:
        """The first element below with this tag."""
        return next(self.all(tag), None)

    def drawings(self) -> list[str]:
        """The drawings below."""
        return [element.text for element in self.all("svg")]


class _Builder(HTMLParser):
    """Builds the tree of one page. Drawings were taken out before: a parser of HTML spoils their names."""

    def __init__(self, drawings: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.drawings = drawings
        self.root = Element("page")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, tuple(attributes.get("class", "").split()), attributes)
        if tag == "svg":
            element.text = self.drawings[int(attributes["data-drawing"])]
        self.open[-1].children.append(element)
        if tag not in (*VOID, "svg"):
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in [element.tag for element in self.open[1:]]:
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(Element("", text=data))


def parsed(page: str) -> Element:
    """The tree of a page of ours."""
    drawings: list[str] = []

    def taken(match: re.Match[str]) -> str:
        drawings.append(match[0])
        return f'<svg data-drawing="{len(drawings) - 1}">'

    builder = _Builder(drawings)
    builder.feed(re.sub(r"<svg\b.*?</svg>", taken, page, flags=re.DOTALL))
    builder.close()
    return builder.root


def blocks(page: str) -> list[Block]:
    """What a page holds, in its order.

    Args:
        page: the whole report as HTML.

    Returns:
        Blocks for the templates of paper; each has a `kind`.
    """
    whole = parsed(page)
    return [block for part in ("main", "footer") if (found := whole.first(part)) for block in _blocks(found)]


def _blocks(parent: Element) -> Iterator[Block]:
    for element in parent.children:
        if element.tag in SKIPPED_TAGS or set(element.classes) & set(SKIPPED_CLASSES):
            continue
        match element.tag:
            case "h2" | "h3" | "h4":
                yield {"kind": "heading", "level": int(element.tag[1]), "runs": runs(element)}
            case "p":
                yield {"kind": "paragraph", "look": next(iter(element.classes), ""), "runs": runs(element)}
            case "ul" if "plans" in element.classes:
                items = [{"drawing": item.drawings()[0], "runs": runs(item)} for item in element.all("li")]
                yield {"kind": "plans", "items": items}
            case "ul" | "ol":
                items = [{"runs": runs(item), "id": item.attributes.get("id", "")} for item in element.all("li")]
                yield {"kind": "list", "ordered": element.tag == "ol", "items": items}
            case "dl":
                yield {"kind": "key" if "key" in element.classes else "facts", "items": list(_facts(element))}
            case "table":
                yield _table(element)
            case "figure":
                yield _figure(element)
            case "div" if "smalls" in element.classes:
                yield {"kind": "row", "items": [_figure(figure) for figure in element.all("figure")]}
            case "div" if "warning" in element.classes:
                yield {"kind": "warning", "runs": runs(element)}
            case "svg" | "":
                continue
            case _:
                yield from _blocks(element)


def _figure(figure: Element) -> Block:
    """A figure: its finding, its drawings one below the other or maps side by side, its note."""
    caption = figure.first("figcaption")
    wide = next(child for child in figure.children if "drawing" in child.classes)
    maps = [element for element in wide.all("div") if "map" in element.classes]
    note = next((child for child in figure.children if "note" in child.classes), None)
    return {
        "kind": "figure",
        "title": [] if caption is None else runs(caption),
        "drawings": [] if maps else wide.drawings(),
        "maps": [{"runs": runs(heading), "drawing": m.drawings()[0]} for m in maps if (heading := m.first("h4"))],
        "note": [] if note is None else runs(note),
    }


def _facts(definitions: Element) -> Iterator[Block]:
    for row in definitions.all("div"):
        term, value = row.first("dt"), row.first("dd")
        if term is not None and value is not None:
            items = [runs(item) for item in value.all("li")]
            yield {"term": runs(term), "value": runs(_without_lists(value)), "items": items}


def _without_lists(element: Element) -> Element:
    """The element less its lists, whose points are set by themselves."""
    return replace(element, children=[child for child in element.children if child.tag not in ("ul", "ol")])


def _table(table: Element) -> Block:
    """A table with its rows, and how wide each column should be set."""
    caption = table.first("caption")
    rows: list[Block] = []
    for row in table.all("tr"):
        cells = [{"runs": runs(cell), "span": int(cell.attributes.get("colspan", "1"))} for cell in row.all("th", "td")]
        rows.append({"cells": cells, "strong": bool({"chosen", "total"} & set(row.classes))})
    head = table.first("thead")
    return {
        "kind": "table",
        "caption": [] if caption is None else runs(caption),
        "head": rows[:1] if head is not None else [],
        "rows": rows[1:] if head is not None else rows,
        "columns": _columns(rows),
    }


def _columns(rows: list[Block]) -> list[float]:
    """The share of each column: room for its longest word, and more for those that hold sentences."""
    shares = [LEAST_COLUMN] * max((len(row["cells"]) for row in rows), default=0)
    for row in rows:
        for k, cell in enumerate(row["cells"]):
            words = " ".join(text for text, _ in cell["runs"])
            longest = max((width(word) for word in words.split()), default=0)
            shares[k] = max(shares[k], min(longest, 16.0), min(0.55 * width(words), 34.0))
    return shares


def runs(element: Element, look: str = "") -> list[Run]:
    """The words of an element with how they are set, white space as a browser would leave it."""
    found = list(_runs(element, look))
    made: list[Run] = []
    for text, setting in found:
        if setting == "break":
            made += [(" ", setting)] if made and made[-1][1] != setting else []
            continue
        words = re.sub(r"[ \t\n]+", " ", text)
        if made and made[-1][0].endswith(" "):
            words = words.lstrip(" ")
        if made and made[-1][1] == setting:
            made[-1] = (made[-1][0] + words, setting)
        elif words:
            made.append((words, setting))
    if made:
        made[0] = (made[0][0].lstrip(" "), made[0][1])
        made[-1] = (made[-1][0].rstrip(" "), made[-1][1])
    return [run for run in made if run[0]]


def _runs(element: Element, look: str) -> Iterator[Run]:
    for child in element.children:
        if child.tag == "":
            yield child.text, look
        elif child.tag not in ("svg", *SKIPPED_TAGS):
            if child.attributes.get("href", "").startswith("#") and look != "refs":
                continue  # Nobody can follow it on paper, and without its line it reads as part of the sentence.
            own = next((name for name in child.classes if name in SPANS), SETTINGS.get(child.tag, look))
            if child.tag in ("p", "li", "div", "br") or "item" in child.classes:
                yield "", "break"
            yield from _runs(child, own)


def page_figure(figure: Figure) -> Block:
    """A figure of the report as a block, without the page round it."""
    note = f'<p class="note">{escape(figure.note)}</p>' if figure.note else ""
    title = f"<figcaption>{escape(figure.title)}</figcaption>"
    found = parsed(f'<figure>{title}<div class="drawing">{figure.wide}</div>{note}</figure>').first("figure")
    if found is None:
        raise ValueError("a figure was taken for something else")
    return _figure(found)
