"""How long does a virtual trial take: two arms, 300 people, 24 weeks, 2,000 replicates? Seconds, memory, bytes alike.

    .venv/bin/python bench/trial.py [DESIGN.toml ...]

Target: the reference design (examples/trials/exosome-sham.toml) in less than 5 minutes on 2 cores. The people are
simulated anew every time; without an argument every example is timed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(design: Path, threads: int) -> tuple[float, float, str]:
    """Seconds, peak GB and a digest of every byte written, of a fresh process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [sys.executable, "-m", "follicast", "trial", str(design), "--out", str(out), "--quiet"]
        begun = time.perf_counter()
        process = subprocess.Popen([*command, "--threads", str(threads)], env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{design} failed with status {status}")
        seconds = time.perf_counter() - begun
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(out.iterdir()))).hexdigest()
    return seconds, usage.ru_maxrss / 1e6, digest


def main() -> None:
    """Print the rows."""
    designs = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "examples/trials").glob("*.toml"))
    print(f"{os.cpu_count()} cores")
    for design in designs:
        found = [run(design, threads) for threads in (1, 2)]
        times = ", ".join(f"{seconds:.1f} s on {k} thread{'s'[: k - 1]}" for k, (seconds, _, _) in enumerate(found, 1))
        alike = "same bytes" if len({digest for *_, digest in found}) == 1 else "OTHER BYTES"
        print(f"{design.stem}: {times}; {max(memory for _, memory, _ in found):.2f} GB; {alike}")


if __name__ == "__main__":
    main()
