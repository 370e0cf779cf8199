"""What of a therapy's texts differs between men and women."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from follicast.knowledge.number import Place, read_choice, read_table, read_text, read_texts


@dataclass(frozen=True, slots=True)
class BySex:
    """Dose and frequency of one sex, None = as for everybody; and who of them should not use it, besides the others."""

    dose: str | None = None
    frequency: str | None = None
    do_not_use: tuple[str, ...] = ()


def read_by_sex(raw: object, place: Place) -> Mapping[str, BySex]:
    """Reads the field `by_sex` of a therapy.

    Raises:
        InputError: a field is unknown or not allowed.
    """
    here = place.inside("by_sex")
    table = read_table(raw, here, frozenset(), frozenset({"male", "female"}))
    made = {}
    for sex, part in table.items():
        inside = here.inside(read_choice(sex, ("male", "female"), here))
        told = read_table(part, inside, frozenset(), frozenset({"dose", "frequency", "do_not_use"}))
        single = {k: read_text(told[k], inside.inside(k)) for k in ("dose", "frequency") if k in told}
        texts = read_texts(told["do_not_use"], inside.inside("do_not_use")) if "do_not_use" in told else ()
        made[sex] = BySex(**single, do_not_use=texts)
    return made
