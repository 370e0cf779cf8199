"""Makes docs/science: `python -m follicast.outputs.science DOCS_FOLDER CALIBRATION_FOLDER`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from follicast.outputs.science.material import QUICK, Settings, gather
from follicast.outputs.science.pages import contents
from follicast.outputs.terminal import Progress
from follicast.outputs.write import check_folder, write_files
from follicast.quantities import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the pages and figures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m follicast.outputs.science", description="Makes docs/science.")
    parser.add_argument("folder", type=Path, help="where the pages go")
    parser.add_argument("calibration", type=Path, help="what `follicast calibrate` wrote")
    parser.add_argument(
        "--quick", action="store_true", help="a handful of draws: to look at the pages, not to read them"
    )
    asked = parser.parse_args(arguments)
    try:
        check_folder(asked.folder)
        with Progress() as progress:
            made = contents(gather(asked.calibration, QUICK if asked.quick else Settings(), progress.step))
            progress.step("Writing", 0.5)
        pages = {name: data for name, data in made.items() if "/" not in name}
        figures = {name.split("/")[1]: data for name, data in made.items() if "/" in name}
        write_files(pages, asked.folder)
        write_files(figures, asked.folder / "figures")
    except InputError as refusal:
        sys.stderr.write(f"science: {refusal}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
