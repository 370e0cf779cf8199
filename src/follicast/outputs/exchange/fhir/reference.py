"""docs/reference/codes.md: the code table as a page, made from codes.toml and columns.toml."""

from __future__ import annotations

from follicast.knowledge.codes import Concept, codes
from follicast.knowledge.columns import columns
from follicast.knowledge.load import sources

HEAD = """# Codes, units and columns

Made from `codes.toml` and `columns.toml` by `python -m follicast.outputs.exchange.fhir.reference`; do not edit it.

"Check before use" stands behind every code that is from general knowledge and was not looked up. The others were seen
in published lists or records, not looked up in the terminologies themselves, and nobody has reviewed the table yet.
SNOMED CT needs a licence in many countries: identifiers only, and the labels are our own words.
"""


def page() -> str:
    """The page."""
    table = codes()
    lines = [HEAD, f"Version {table.version}. Our code system: `{table.systems['local']}`.", "", "## Systems", ""]
    lines += ["| name | address |", "|---|---|", *(f"| {name} | `{uri}` |" for name, uri in table.systems.items()), ""]
    lines += ["## Units", "", "| in the person file | UCUM | also read |", "|---|---|---|"]
    for word, ucum in table.units.items():
        also = ", ".join(f"`{text}`" for text in table.unit_words[word])
        lines.append(f"| `{word}` | `{ucum}` | {also} |")
    lines += ["", "Every other unit word is its own UCUM code.", "", "## Concepts", ""]
    lines += ["| our code | label | codes of others |", "|---|---|---|"]
    lines += [_row(concept) for concept in table.concepts.values()]
    lines += ["", "## Where codes were seen", "", "| source | text | read |", "|---|---|---|"]
    used = dict.fromkeys(key for item in table.concepts.values() for code in item.codes for key in code.sources)
    lines += [f"| {key} | {sources()[key].text} | {sources()[key].read} |" for key in used]
    return "\n".join([*lines, "", *_columns()]) + "\n"


def _row(concept: Concept) -> str:
    said = []
    for code in concept.codes:
        doubt = "" if code.status == "verified" else " (check before use)"
        part = " (the substance)" if code.names_ingredient else ""
        said.append(f"{code.system} {code.code}{part}{doubt}")
    drug = concept.drug
    label = concept.label if not concept.definition else f"{concept.label}: {concept.definition}"
    if drug is not None:
        strength = f"{drug.low:g}" if drug.low == drug.high else f"{drug.low:g} to {drug.high:g}"
        label += f" ({drug.ingredient}, {strength} {drug.unit}, {drug.route})"
    return f"| `{concept.own_code}` | {label} | {'; '.join(said)} |"


def _columns() -> list[str]:
    """The columns of every CSV table."""
    table = columns()
    lines = ["## CSV columns", ""]
    for name, listed in table.tables.items():
        lines += [f"### {name}.csv", "", "| column | is | units in the header | also called |", "|---|---|---|---|"]
        for column in listed:
            names = ", ".join(column.names)
            units = ", ".join(column.units)
            lines.append(f"| `{column.header}` | {column.kind} | {units} | {names} |")
        lines.append("")
    return lines[:-1]


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
