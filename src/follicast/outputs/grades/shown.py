"""What each grade means, on the terminal, as JSON and as a page with pictures; and what a second look would write."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast, get_args

from follicast.knowledge.grading import GradingSystem, grading
from follicast.knowledge.load import sources
from follicast.language import language, say
from follicast.measurement.grade_agreement import Spread, second_look
from follicast.measurement.grades import patterns
from follicast.outputs.embedded import embedded_font, page_text
from follicast.outputs.grades.pictures import head_svg
from follicast.people.person import SYSTEM_LABELS, GradeSystem, Rater, Sex
from follicast.quantities import InputError

PAGE = "grades.html"
LIKELIEST = 8


def show_grades(
    system: str | None, convert: str | None, to: str | None, rater: str, *, out: Path | None, as_json: bool, quiet: bool
) -> None:
    """Prints definitions, or what a second look would write; with `out`, writes the page with pictures.

    Raises:
        InputError: the system, grade or rater is not known, or the folder cannot be written.
    """
    if convert is not None:
        _show_spreads(convert, to, rater, as_json=as_json)
        return
    chosen = _chosen(system)
    if out is not None:
        from follicast.outputs.write import write_files

        paths = write_files({PAGE: render_page(chosen)}, out)
        if not quiet:
            sys.stdout.write(f"{paths[0]}\n")
        return
    if as_json:
        sys.stdout.write(json.dumps([_record(s) for s in chosen], ensure_ascii=False, indent=2) + "\n")
    elif not quiet:
        _print(chosen)


def _chosen(system: str | None) -> list[GradingSystem]:
    known = grading()
    if system is None:
        return list(known.values())
    if system not in known:
        raise InputError(f"grading system {system!r} is not known; allowed are {', '.join(known)}.")
    return [known[system]]


def _record(system: GradingSystem) -> dict[str, Any]:
    return {
        "system": system.id,
        "label": system.label,
        "sexes": list(system.sexes),
        "kind": say(system.kind),
        "note": say(system.note),
        "grades": {code: say(text) for code, text in system.grades.items()},
        "sources": list(system.sources),
    }


def _print(chosen: list[GradingSystem]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for number, system in enumerate(chosen):
        if number:
            console.print()
        console.print(Text(f"{system.label}: {say(system.kind)}", style="bold"))
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column()
        for code, text in system.grades.items():
            table.add_row(Text(code), Text(say(text)))
        console.print(table)
        console.print(Text(say(system.note), style="dim"))
        told = "; ".join(sources()[key].text for key in system.sources)
        console.print(Text(say("Source: {sources}. Reviewed by nobody yet.", sources=told), style="dim"))


def _pair(convert: str) -> tuple[GradeSystem, str]:
    system, _, grade = convert.partition(":")
    name = next((known for known in get_args(GradeSystem) if known == system), None)
    if name is None:
        raise InputError(f"--convert {convert}: write SYSTEM:GRADE with one of {', '.join(SYSTEM_LABELS)}.")
    if grade not in patterns(name):
        known = ", ".join(list(patterns(name))[:16])
        raise InputError(f"--convert {convert}: {SYSTEM_LABELS[name]} has no grade {grade!r}; allowed are {known} ...")
    return name, grade


def _show_spreads(convert: str, to: str | None, rater: str, *, as_json: bool) -> None:
    """What another clinician would write of the same head, in the same system and in the others."""
    system, grade = _pair(convert)
    if rater not in ("self", "clinician", "photo"):
        raise InputError(f"--rater {rater}: allowed are self, clinician, photo.")
    sex = cast(Sex, grading()[system].sexes[0])
    fitting = [cast(GradeSystem, name) for name in SYSTEM_LABELS if sex in grading()[name].sexes]
    if to is not None and to not in fitting:
        raise InputError(f"--to {to}: allowed here are {', '.join(fitting)}.")
    wanted = [name for name in sorted(fitting, key=lambda name: name != system) if to in (None, name)]
    spreads = [second_look(system, grade, other, sex, cast(Rater, rater)) for other in wanted]
    if as_json:
        told = [{"system": s.system, "grade": s.grade, "to": s.to, "chances": s.chances} for s in spreads]
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        _print_spreads(spreads)


def _print_spreads(spreads: list[Spread]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    first = spreads[0]
    head = say("Graded {system} {grade}. A clinician who looks next would write:", **_named(first))
    console.print(Text(head, style="bold"))
    for spread in spreads:
        console.print()
        console.print(Text(SYSTEM_LABELS[spread.to]))
        for name, chance in list(spread.chances.items())[:LIKELIEST]:
            console.print(Text(f"  {name:<10} {100.0 * chance:5.1f} %"))
        rest = sum(list(spread.chances.values())[LIKELIEST:])
        if rest >= 0.0005:
            console.print(Text(f"  {say('others'):<10} {100.0 * rest:5.1f} %"))
    console.print()
    note = say(
        "A probability, never a translation: integrated over the pattern space with the tolerance of a rater's look. "
        "Both are assumptions; raters are known to agree poorly."
    )
    console.print(Text(note, style="dim"))


def _named(spread: Spread) -> dict[str, str]:
    return {"system": SYSTEM_LABELS[spread.system], "grade": spread.grade}


def _pictured(system: GradingSystem) -> dict[str, str]:
    """A drawing for every grade that has a pattern; F and V of BASP are drawn beside M0."""
    if system.id not in SYSTEM_LABELS:
        return {}
    known = patterns(system.id)
    drawn = {}
    for number, code in enumerate(system.grades):
        loss = known.get(code) or known.get(f"M0{code}")
        if loss is not None:
            drawn[code] = head_svg(loss, f"{system.id}-{number}")
    return drawn


def render_page(chosen: list[GradingSystem]) -> bytes:
    """One self-contained page: for each system a picture and the definition of every grade."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["say"] = lambda text, /, **values: say(text, **values)
    context = {
        "systems": chosen,
        "language": language(),
        "pictures": {s.id: {code: Markup(svg) for code, svg in _pictured(s).items()} for s in chosen},
        "sources": sources(),
        "css": Markup(page_text("report.css")),
        "fonts": {weight: embedded_font(weight) for weight in (400, 600)},
    }
    return environment.from_string(page_text("grades.html.j2")).render(context).encode("utf-8")
