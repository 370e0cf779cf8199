"""What `follicast trial` says and writes: a summary, report.html, trial.json, one replicate as data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from follicast.outputs.write import check_folder, write_files

if TYPE_CHECKING:
    from follicast.decisions.trials.draws import Stage
    from follicast.decisions.trials.result import TrialResult
    from follicast.people.design import Design

REPORT, DATA, ROWS, DICTIONARY_FILE = "report.html", "trial.json", "synthetic.parquet", "dictionary.csv"
FILES = (REPORT, DATA, ROWS, DICTIONARY_FILE)


def run_trial(path: Path, folder: Path, seed: int, *, as_json: bool, quiet: bool) -> None:
    """Reads a design, holds its trial, writes the folder, and says what was found.

    Args:
        path: the design.
        folder: to write to.
        seed: same seed, version and design: same bytes.
        as_json: print trial.json instead of the summary.
        quiet: print neither progress nor summary.

    Raises:
        InputError: the design is wrong somewhere, too large, or the folder cannot be written.
    """
    from follicast.knowledge.load import Knowledge
    from follicast.outputs.terminal import Progress
    from follicast.people.read_design import read_design

    knowledge = Knowledge.load()
    design = read_design(path, knowledge.therapies)
    check_folder(folder, FILES)
    with Progress(quiet=quiet) as progress:
        from follicast.decisions.trials.trial import hold_trial

        result, stage = hold_trial(design, knowledge, seed, progress.step)
        progress.step("Writing the report", 0.0)
        paths = write_trial(result, design, stage, folder)
    if as_json:
        sys.stdout.write(trial_json(result).decode())
    elif not quiet:
        print_trial(result, paths)


def trial_json(result: TrialResult) -> bytes:
    """trial.json: the answer with every field by name."""
    return (result.model_dump_json(indent=2) + "\n").encode("utf-8")


def write_trial(result: TrialResult, design: Design, stage: Stage, folder: Path) -> list[Path]:
    """Write all files of a virtual trial, or none.

    Args:
        result: the answer.
        design: the trial.
        stage: its replicates.
        folder: where.

    Returns:
        The paths.

    Raises:
        InputError: the folder cannot be written.
    """
    from follicast.outputs.trial.page import render_trial
    from follicast.outputs.trial.synthetic import dictionary_csv, one_replicate, parquet_bytes

    contents = {
        REPORT: render_trial(result),
        DATA: trial_json(result),
        ROWS: parquet_bytes(one_replicate(design, stage, result.study)),
        DICTIONARY_FILE: dictionary_csv(),
    }
    return write_files(contents, folder)


def print_trial(result: TrialResult, paths: list[Path]) -> None:
    """The summary on standard output."""
    from follicast.outputs.trial.page import answer_words, control_words, dummy_words, failed_words, num, percent

    primary = result.endpoints[0]
    effect = primary.effect
    lines = [
        f"{result.title} ({result.study})",
        "",
        answer_words(result),
        f"Certainty of the evidence on what is tested: {result.certainty}. Everybody here is simulated.",
        "",
        f"{'people ' + ('in all' if result.kind == 'split-scalp' else 'an arm'):>14}  power (± Monte Carlo error)",
        *(
            f"{p.people:>14,}  {percent(p.power)}{'  <- this trial' if p.people == result.people else ''}"
            for p in result.curve
        ),
        "",
        f"True effect      {num(effect.truth, 2)} {primary.unit}{_over_worlds(result)}",
        f"Reported         {num(effect.middle, 2)} {primary.unit} in the middle trial "
        f"(95 of 100: {num(effect.low, 2)} to {num(effect.high, 2)})",
        f"Bias of the mean {num(effect.bias, 2)} {primary.unit} (± {num(effect.bias_error, 2)})",
        f"Coverage         {percent(effect.coverage)}",
        f"Type I error     {percent(primary.type_one)} of {primary.type_one.replicates:,} null replicates",
    ]
    if len(result.looks) > 1:
        stops = ", ".join(f"{100.0 * k.share:.0f} % of people: {percent(k.stops)}" for k in result.looks)
        lines.append(f"Stops at         {stops}")
    if result.mixed is not None:
        m = result.mixed
        lines.append(f"Mixed model      power {percent(m.power)}, {m.replicates} replicates")
    flow = result.flow
    analysed = ", ".join(f"{arm.arm} {arm.analysed:,.0f}" for arm in flow.arms)
    lines.append(f"Flow             screened {flow.screened:,.0f}, randomised {flow.randomised:,}; analysed {analysed}")
    said = [words for words in (control_words(result), dummy_words(result), failed_words(result)) if words]
    lines += ["", *said, "", *(str(path) for path in paths)]
    sys.stdout.write("\n".join(lines) + "\n")


def _over_worlds(result: TrialResult) -> str:
    """That a true effect is a mean over worlds, with their range."""
    from follicast.outputs.trial.page import num

    effect = result.endpoints[0].effect
    if result.worlds == 1:
        return ""
    return f", mean of {result.worlds} worlds ({num(effect.truth_low, 2)} to {num(effect.truth_high, 2)})"
