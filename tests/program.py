"""The command line as a process of its own, shipped or with small ensembles."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHIPPED = ("-m", "follicast")
SIZES = {"FIRST_ROUND": 300, "LATER_ROUND": 200, "KEPT": 100, "ENOUGH": 60.0}
SMALL = (
    "-c",
    "import sys; from follicast.cli import main; from follicast.inference import facts, refine; "
    f"[setattr(refine, name, size) for name, size in {SIZES}.items()]; facts.TWIN_PAIRS = 300; sys.exit(main())",
)


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(ROOT / "src")} | variables


def started(
    *words: str | Path, here: Path, program: tuple[str, ...] = SMALL, **variables: str
) -> subprocess.Popen[str]:
    command = [sys.executable, *program, *map(str, words)]
    return subprocess.Popen(
        command,
        cwd=here,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_interruptible,
    )


def _interruptible() -> None:
    """A shell that runs the tests in the background has interrupts ignored, and programs inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(*words: str | Path, here: Path, program: tuple[str, ...] = SMALL, **variables: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    process = started(*words, here=here, program=program, **variables)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err
