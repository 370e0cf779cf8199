"""What FHIR has no element for: tables of a person file as items of a QuestionnaireResponse, or as an extension.

A linkId or extension url is the name in the person file; "[]" after it marks a list, "[2]" the second of its blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from follicast.outputs.exchange.fhir.elements import Json, day_of, extension, extension_of
from follicast.quantities import InputError

_NUMBERED = re.compile(r"(.+)\[(\d+)\]")
EMPTY = "empty-table"
KEPT = "person-file"
"""Our extension that holds keys of a block for which a resource has no element."""


def _typed(value: Any) -> Json:
    """One plain value as value[x]."""
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    if isinstance(value, float):
        return {"valueDecimal": value}
    if isinstance(value, date):
        return {"valueDate": value.isoformat()}
    return {"valueString": value}


def _plain(part: Json) -> Any:
    """The plain value of a value[x]."""
    for key, value in part.items():
        if key == "valueDate":
            return day_of(value, "a date")
        if key == "valueDecimal":
            return float(value)
        if key in ("valueBoolean", "valueInteger", "valueString"):
            return value
    raise InputError(f"a value of {', '.join(key for key in part if key != 'url') or 'no type'} is not understood.")


def _parts(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values of a table; every block of a list of blocks under a number of its own."""
    for key, value in tree.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ((f"{key}[{n}]", block) for n, block in enumerate(value, start=1))
        else:
            yield (f"{key}[]" if isinstance(value, list) else key), value


def items(tree: Mapping[str, Any]) -> list[Json]:
    """The table as items of a QuestionnaireResponse."""
    made = []
    for name, value in _parts(tree):
        if isinstance(value, dict):
            inner = items(value)
            made.append({"linkId": name, "item": inner} if inner else {"linkId": name})
        else:
            values = value if isinstance(value, list) else [value]
            made.append({"linkId": name, "answer": [_typed(one) for one in values]})
    return made


def table_of_items(made: list[Json]) -> dict[str, Any]:
    """The table that `items` wrote.

    Raises:
        InputError: an answer has a type that a person file does not know.
    """
    tree: dict[str, Any] = {}
    for item in made:
        name, answers = str(item.get("linkId", "")), item.get("answer")
        if answers is None:
            _put(tree, name, table_of_items(item.get("item", [])))
        else:
            values = [_plain(answer) for answer in answers]
            _put(tree, name, values if name.endswith("[]") or len(values) != 1 else values[0])
    return tree


def kept(tree: Mapping[str, Any]) -> list[Json]:
    """Keys of a block as our extension; no extension where nothing is left."""
    return [extension(KEPT, extension=_extensions(tree))] if tree else []


def table_kept(resource: Json) -> dict[str, Any]:
    """The keys that `kept` put into a resource."""
    held = extension_of(resource, KEPT)
    return _table_of_extensions(held.get("extension", [])) if held else {}


def _extensions(tree: Mapping[str, Any]) -> list[Json]:
    made = []
    for name, value in _parts(tree):
        if isinstance(value, dict):
            inner = _extensions(value)
            made.append({"url": name, "extension": inner} if inner else {"url": name, "valueCode": EMPTY})
        elif isinstance(value, list):
            made += [{"url": name} | _typed(one) for one in value]
        else:
            made.append({"url": name} | _typed(value))
    return made


def _table_of_extensions(made: list[Json]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for part in made:
        name = str(part.get("url", ""))
        if "extension" in part:
            _put(tree, name, _table_of_extensions(part["extension"]))
        elif name.endswith("[]"):
            tree.setdefault(name[:-2], []).append(_plain(part))
        elif part.get("valueCode") == EMPTY:
            _put(tree, name, {})
        else:
            _put(tree, name, _plain(part))
    return tree


def _put(tree: dict[str, Any], name: str, value: Any) -> None:
    numbered = _NUMBERED.fullmatch(name)
    if numbered:
        tree.setdefault(numbered[1], []).append(value)
    else:
        tree[name.removesuffix("[]")] = value
