"""plan.json: the whole answer for machines, the same bytes for the same answer; and its reference page."""

from __future__ import annotations

import json
import math
import re
import types
import typing
from typing import Any

from pydantic import BaseModel

from follicast.decisions.result import PlanResult

SIGNIFICANT_DIGITS = 6


def _canonical(value: Any) -> Any:
    """Floats to a fixed number of digits, so that the last bits of a sum cannot change the file."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("plan.json cannot hold a number that is not finite")
        rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        return 0.0 if rounded == 0.0 else rounded
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value


def render_json(result: PlanResult) -> bytes:
    """Write the answer as canonical JSON in UTF-8.

    Keys are sorted, floats have 6 significant digits, lists of numbers stand on one line, the file ends with a newline.

    Raises:
        ValueError: a number is not finite.
    """
    return render_record(result)


def render_record(record: BaseModel) -> bytes:
    """Any record as `render_json` writes the answer; errors as there."""
    data = _canonical(record.model_dump(mode="python"))
    text = json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    text = re.sub(r"\[\n[-+.,\deE\s]+\]", lambda match: "[" + " ".join(match[0][1:-1].split()) + "]", text)
    return f"{text}\n".encode()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of plan.json."""
    return PlanResult.model_json_schema()


def _type_words(annotation: Any) -> str:
    """A type in the words of JSON."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(f"`{json.dumps(part)}`" for part in parts)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_type_words(part) for part in parts)
    if origin is list:
        return f"list of {_type_words(parts[0])}"
    if origin is tuple:
        return f"list of ({', '.join(_type_words(part) for part in parts)})"
    if origin is dict:
        return f"object of {_type_words(parts[1])} by {_type_words(parts[0])}"
    if annotation is type(None):
        return "null"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    words = {str: "string", int: "integer", float: "number", bool: "true or false"}
    return words.get(annotation, "date, `YYYY-MM-DD`")


def _models(root: type[BaseModel]) -> list[type[BaseModel]]:
    """Every record of the answer: the root, then each record where a field first names it."""
    found: dict[type[BaseModel], None] = {}

    def visit(annotation: Any) -> None:
        for part in typing.get_args(annotation):
            visit(part)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
            found[annotation] = None
            for field in annotation.model_fields.values():
                visit(field.annotation)

    visit(root)
    return list(found)


def reference_page() -> str:
    """docs/reference/plan-json.md, written from the docstrings and types of `decisions.result`."""
    lines = [
        "# plan.json",
        "",
        "The whole answer of `follicast plan`, for machines. This page is made from `follicast.decisions.result` by",
        "`python -m follicast.outputs.report.plan_json`; do not edit it.",
        "",
        "Keys are sorted, numbers have six significant digits, and the same input, seed and version give the same",
        "bytes.",
        "",
        *record_sections(PlanResult),
    ]
    return "\n".join(lines).rstrip() + "\n"


def record_sections(root: type[BaseModel]) -> list[str]:
    """One section for each record that `root` holds, itself first: what it is, and its fields."""
    lines: list[str] = []
    for model in _models(root):
        lines += [f"## {model.__name__}", "", _doc(model), "", "| field | type |", "|---|---|"]
        for name, field in model.model_fields.items():
            optional = "" if field.is_required() else " (may be empty)"
            lines.append(f"| `{name}` | {_type_words(field.annotation)}{optional} |")
        lines.append("")
    return lines


def _doc(model: type[BaseModel]) -> str:
    """The docstring as paragraphs of one line each."""
    text = (model.__doc__ or "").strip()
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(paragraphs)


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference_page())
