"""One replicate of a virtual trial as a data set, and the guard that keeps invented people away from real ones.

Every row carries SYNTHETIC = Y and a study identifier that begins with SIM-. Names follow the findings class of CDISC
SDTM, with the custom domain XH (hair); DICTIONARY says what each column holds. `refuse_mixture` and `joined` are what
stands between such rows and a table of patients.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from follicast.decisions.trials.draws import Stage
from follicast.decisions.trials.words import column
from follicast.people.design import Design, Endpoint
from follicast.people.invented import FLAG, PREFIX, STUDY, is_synthetic
from follicast.quantities import DAYS_PER_WEEK, InputError
from follicast.version import VERSION

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

_CODES: Final = {
    "total": "TAHC",
    "nonvellus": "NVHC",
    "terminal": "THC",
    "diameter": "HDIAM",
    "anagen": "ANAGEN",
    "weight": "HWT",
    "coverage": "COVER",
    "photograph": "GPA",
    "graft_survival": "GRSURV",
}
DICTIONARY: Final[Mapping[str, str]] = {
    "STUDYID": "Study identifier; begins with SIM- in simulated studies",
    "DOMAIN": "XH, a custom findings domain for hair",
    FLAG: "Y in every row: nobody in this table has lived",
    "USUBJID": "Unique subject identifier",
    "POOLID": "Virtual person of the pool whose hair this is; one may be drawn more than once, into either arm",
    "SITEHALF": "A or B where each half of a scalp got its own treatment, else empty",
    "ARMCD": "Number of the planned arm, half or sequence",
    "ARM": "Its name",
    "SEX": "M or F",
    "AGE": "Age in years at the start of the background treatment, or of the trial; shared by some people of the pool",
    "ADHERE": "Share of daily doses taken, 0 to 1; shared likewise",
    "VISITNUM": "Number of the visit, from 1",
    "VISIT": "Name of the visit",
    "VISITDY": "Planned study day of the visit; week 0 is day 1",
    "XHTESTCD": "Short name of what was measured",
    "XHTEST": "Name of what was measured, as the design gives it",
    "XHLOC": "Zone of the scalp",
    "XHAREA": "Area read, in cm2",
    "XHSTRESN": "Result as read, in XHSTRESU; empty where it was not done",
    "XHSTRESU": "Unit of the result",
    "XHSTAT": "NOT DONE where the reading is missing",
    "XHREASND": "Why it is missing",
    "XHBLFL": "Y at the baseline reading",
    "EXENDWK": "Week in which treatment was given up; empty if it was not",
    "DSDECOD": "COMPLETED or LOST TO FOLLOW-UP",
}


def one_replicate(design: Design, stage: Stage, study: str) -> pa.Table:
    """The first replicate of the trial's own size, a row for each person, half, visit and endpoint.

    Args:
        design: the trial.
        stage: on which its replicates were drawn.
        study: identifier, beginning with SIM-.

    Returns:
        The table; its metadata holds the unit and meaning of each column.
    """
    import pyarrow as pa

    from follicast.decisions.trials.trial import blocks

    rows, rng = next(blocks(design, stage.seed, design.people, null=False))
    draw = stage.draw(design.people, rows, rng)
    found: dict[str, list[Any]] = {name: [] for name in DICTIONARY}
    one_person = design.kind == "split-scalp"
    for place in range(design.people):
        for k in range(design.columns):
            member = int(draw.person[0, place, k])
            number = place + 1 if one_person else place * design.columns + k + 1
            who = {
                "STUDYID": study,
                "DOMAIN": "XH",
                FLAG: "Y",
                "USUBJID": f"{study}-{number:06d}",
                "POOLID": member,
                "SITEHALF": "AB"[k] if one_person else "",
                "ARMCD": str(k + 1),
                "ARM": column(design, k),
                "SEX": "F" if stage.pool.female[member] else "M",
                "AGE": round(float(stage.pool.age[member]), 1),
                "ADHERE": round(float(stage.pool.adherence[member]), 3),
                "EXENDWK": _week(float(draw.stopped[0, place, k])),
                "DSDECOD": "LOST TO FOLLOW-UP" if np.isfinite(draw.left[0, place, k]) else "COMPLETED",
            }
            for e, endpoint in enumerate(design.endpoints):
                for v, week in enumerate(design.visits):
                    if week in endpoint.weeks:
                        value = float(draw.readings[e][0, place, k, v])
                        gone = week >= float(draw.left[0, place, k])
                        _row(found, who | _reading(endpoint, v, week, value, gone=gone))
    table = pa.table(found, schema=_schema(pa))
    about = {"follicast": VERSION, "synthetic": "Y", "dictionary": json.dumps(DICTIONARY)}
    return table.replace_schema_metadata(about)


def _week(value: float) -> float | None:
    return round(value, 2) if np.isfinite(value) else None


def _row(found: dict[str, list[Any]], row: Mapping[str, Any]) -> None:
    for name, values in found.items():
        values.append(row[name])


def _reading(endpoint: Endpoint, v: int, week: float, value: float, *, gone: bool) -> dict[str, Any]:
    done = bool(np.isfinite(value))
    return {
        "VISITNUM": v + 1,
        "VISIT": f"WEEK {week:g}",
        "VISITDY": round(week * DAYS_PER_WEEK) + 1,
        "XHTESTCD": _CODES[endpoint.measure],
        "XHTEST": endpoint.name,
        "XHLOC": endpoint.zone,
        "XHAREA": endpoint.area_cm2,
        "XHSTRESN": round(value, 3) if done else None,
        "XHSTRESU": endpoint.unit,
        "XHSTAT": "" if done else "NOT DONE",
        "XHREASND": "" if done else ("LOST TO FOLLOW-UP" if gone else "TREATMENT STOPPED, SET ASIDE BY THE ESTIMAND"),
        "XHBLFL": "Y" if week == 0.0 else "",
    }


def _schema(pa: Any) -> Any:
    numbers = {"AGE", "ADHERE", "XHAREA", "XHSTRESN", "EXENDWK"}
    whole = {"POOLID", "VISITNUM", "VISITDY"}
    kinds = ((n, pa.float64() if n in numbers else pa.int32() if n in whole else pa.string()) for n in DICTIONARY)
    return pa.schema([pa.field(name, kind, metadata={"label": DICTIONARY[name]}) for name, kind in kinds])


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as a Parquet file."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd")
    return held.getvalue()


def dictionary_csv() -> bytes:
    """What each column holds, as a table for a spreadsheet."""
    lines = ["column,meaning", *(f'{name},"{meaning}"' for name, meaning in DICTIONARY.items())]
    return ("\n".join(lines) + "\n").encode()


def refuse_mixture(rows: Sequence[Mapping[str, Any]], where: str) -> None:
    """Refuses rows of which some are invented and some are not, or whose flag and study contradict each other.

    Args:
        rows: by column.
        where: what they are, for the message.

    Raises:
        InputError: they are mixed.
    """
    invented = [is_synthetic(row) for row in rows]
    if any(invented) and not all(invented):
        raise InputError(
            f"{where}: {sum(invented)} rows are simulated (SYNTHETIC = Y) and {len(rows) - sum(invented)} are not; "
            "simulated and real people are never put into one table."
        )
    for place, row in enumerate(rows, 1):
        study = str(row.get(STUDY) or "")
        if is_synthetic(row) and (str(row.get(FLAG) or "") != "Y" or not study.upper().startswith(PREFIX)):
            raise InputError(
                f"{where}: row {place} is simulated, but SYNTHETIC = Y and a STUDYID that begins with {PREFIX} do not "
                "stand in it together."
            )


def joined(tables: Sequence[pa.Table], where: str = "join") -> pa.Table:
    """Tables one below another, if all of them hold simulated people or none does.

    Args:
        tables: with the same columns, or some of them; a column that is missing is left empty.
        where: what they are, for the message.

    Raises:
        InputError: simulated rows would come to stand beside real ones.
    """
    import pyarrow as pa

    marks = [
        row
        for table in tables
        for row in table.select([name for name in (FLAG, STUDY) if name in table.column_names]).to_pylist()
    ] + [{} for table in tables if not {FLAG, STUDY} & set(table.column_names) for _ in range(table.num_rows)]
    refuse_mixture(marks, where)
    return pa.concat_tables(tables, promote_options="default")
