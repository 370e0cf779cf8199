"""docs/claims.md, made from the ledger and the shipped results: `python -m follicast.outputs.claims.markdown`."""

from __future__ import annotations

from typing import Final

from follicast.knowledge.claim_tests import ClaimTest
from follicast.knowledge.claims import Claim, topics
from follicast.knowledge.load import sources
from follicast.outputs.claims import ledger as words
from follicast.outputs.claims.ledger import Ledger, ledger
from follicast.outputs.wording import capital, typeset

_HEAD: Final = """# What is claimed about hair loss, and what is known

Made from `src/follicast/knowledge/claims.toml` and the shipped results of its simulations by
`python -m follicast.outputs.claims.markdown`; do not edit it. [guide/claims.md](guide/claims.md) says how to read it
and how to add a claim. The verdicts wait for the review of a named clinician.
"""


def claims_page() -> str:
    """The whole ledger in Markdown."""
    book = ledger()
    lines = [_HEAD, f"**{words.count_sentence(book)}**", ""]
    lines += ["| | verdict | means |", "|---|---|---|"]
    for verdict, count in book.counts.items():
        shape = words.VERDICT_SHAPES[verdict]
        lines.append(f"| {shape} | {words.VERDICT_WORDS[verdict]} ({count}) | {words.VERDICT_MEANS[verdict]} |")
    order = {key: number + 1 for number, key in enumerate(words.cited(book))}
    for key, heading in topics().items():
        lines += ["", f"## {heading}"]
        for claim in book.claims:
            if claim.topic == key:
                lines += _entry(claim, order)
    lines += ["", "## What the simulations say", "", typeset(words.reading_help())]
    for test in book.tests:
        lines += _simulation(test, book)
    lines += ["", "## Sources", ""]
    for number, key in enumerate(order):
        source = sources()[key]
        lines.append(f"{number + 1}. {source.text} ({words.READ_WORDS[source.read]})")
    return "\n".join(lines).rstrip() + "\n"


def _entry(claim: Claim, order: dict[str, int]) -> list[str]:
    shape, verdict = words.VERDICT_SHAPES[claim.verdict], words.VERDICT_WORDS[claim.verdict]
    facts = [f"{words.SPEAKERS[claim.speaker]}", f"certainty {claim.certainty}", f"checked {claim.checked.isoformat()}"]
    if claim.jurisdiction is not None:
        facts.append(f"holds for {claim.jurisdiction}")
    if claim.test is not None:
        facts.append(f"[simulation](#{claim.test}-simulated)")
    keys = ", ".join(str(order[key]) for key in claim.sources)
    return [
        "",
        f"### “{claim.quote}”",
        "",
        f"{shape} **{capital(verdict)}.** {typeset(claim.why)} [{keys}]",
        "",
        f"*Fair to say:* {typeset(claim.fair)}",
        "",
        f"`{claim.id}`: {'; '.join(facts)}.",
    ]


def _simulation(test: ClaimTest, book: Ledger) -> list[str]:
    lines = ["", f'<a id="{test.id}-simulated"></a>', "", f"### {test.title}", ""]
    result = book.results.get(test.id)
    if result is None:
        return [*lines, f"Not run yet: `follicast claims {test.id} --test`"]
    heads = [f"{column.label}, {words.unit_words(column)}" for column in test.columns]
    lines += [typeset(words.finding_words(test, result)), ""]
    lines += [f"| | {' | '.join(heads)} | certainty |", "|---|" + "---|" * (len(heads) + 1)]
    for arm, cells in words.rows(test, result):
        label = f"**{arm.label}**" if arm.sham else arm.label
        row = [words.table_cell(cells[column.key], column) for column in test.columns]
        lines.append(f"| {label} | {' | '.join(row)} | {result.certainty.get(arm.key) or ''} |")
    lines += ["", "What it cannot show:", "", *(f"- {typeset(limit)}" for limit in test.limits)]
    return [*lines, "", words.made_words(result)]


if __name__ == "__main__":
    import sys

    sys.stdout.write(claims_page())
