"""Markdown of the science pages: tables, numbers, links."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from follicast.outputs.wording import MINUS, typeset

MADE = "<!-- Made by `python -m follicast.outputs.science`; edit the code or the data, not this page. -->\n"


def num(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, never as a power of ten below a million; "-" for none."""
    if value is None or not math.isfinite(value):
        return "-"
    rounded = float(f"{value:.{digits}g}")
    if rounded == 0.0:
        return "0"
    if 1e-4 <= abs(rounded) < 1e6:
        places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
        text = f"{rounded:.{places}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{rounded:g}"
    return text.replace("-", MINUS) if text.startswith("-") else text


def fixed(value: float | None, places: int = 1) -> str:
    """A number with so many decimals; "-" for none."""
    if value is None or not math.isfinite(value):
        return "-"
    text = f"{value:.{places}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def span(low: float | None, high: float | None, places: int | None = None) -> str:
    """An interval, "-3 to 12"."""
    if low is None or high is None:
        return "-"
    if places is None:
        return f"{num(low)} to {num(high)}"
    return f"{fixed(low, places)} to {fixed(high, places)}"


def percent(share: float | None) -> str:
    """A share as whole percent."""
    return "-" if share is None else f"{100.0 * share:.0f} %"


def cell(text: object) -> str:
    """Text that stands in one cell."""
    return typeset(" ".join(str(text).split())).replace("|", "\\|")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[int] = ()) -> str:
    """A Markdown table; columns in `right` are aligned to the right."""
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("|" + "|".join("--:" if k in right else "---" for k in range(len(heads))) + "|")
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def source_links(keys: Sequence[str]) -> str:
    """Source keys as links to their entries in data.md."""
    return ", ".join(f"[{key}](data.md#source-{key})" for key in keys) or "assumption"


def figure(name: str, alt: str) -> str:
    """An image of the figures folder."""
    return f"![{typeset(alt)}](figures/{name}.svg)\n"


def page(title: str, *parts: str) -> str:
    """A page: its title and its parts, a blank line between them."""
    return MADE + "\n" + "\n\n".join([f"# {title}", *(part.strip("\n") for part in parts if part.strip())]) + "\n"
