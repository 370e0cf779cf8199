"""The GPU's event loop: the rules of the processor, run by numba's CUDA simulator; and a plain word where no GPU is."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tests.biology.builders import FIELDS, LOTION, SESSION, TABLET, World, follicles, pulse, sessions, use

from follicast.biology.simulate import Course

ROOT = Path(__file__).parents[2]
ASKED = [0.0, 100.0, 555.5, 1100.0]
REGIMEN = (use(0, 200.0), use(1, 100.0, 900.0, 0.7), sessions(2, *(300.0 + 25.0 * k for k in range(6))))
PROGRAM = """
import sys
import numpy as np
from tests.biology.test_gpu import ASKED, arrays, small_scalp
np.savez(sys.argv[1], **arrays(small_scalp("cuda")))
"""
NO_GPU = """
import sys
from follicast.quantities import InputError
from tests.biology.test_gpu import small_scalp
assert "numba.cuda" not in sys.modules
try:
    small_scalp("cuda")
except InputError as refusal:
    print(refusal)
"""


def small_scalp(device: str) -> Course:
    """A scalp of two people under every kind of treatment, with grafts, harvests and an insult."""
    from follicast.biology.simulate import simulate

    some = follicles(10, people=2)
    some.placed_day[3], some.growth_in_days[3] = 400.0, 90.0
    some.placed_day[13] = 400.0
    some.harvested_day[[5, 15]] = 600.0
    some.ageing_day[[7, 17]] = 30.0
    world = World(some, therapies=(TABLET, LOTION, SESSION), days=1200, pulses=pulse(2, 300.0, 0.7))
    return simulate(some, world.drives(REGIMEN), world.begin(), np.array(ASKED), device)  # type: ignore[arg-type]


def arrays(course: Course) -> dict[str, object]:
    state = {f"state_{name}": getattr(course.state, name) for name in course.state.__dataclass_fields__}
    return {name: getattr(course, name) for name in FIELDS} | state | {"events": course.events}


def python(program: str, *words: str | Path, **variables: str) -> str:
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_NUM_THREADS"}
    # Whole numbers that wrap around are the generator's business; Python warns of them.
    command = [sys.executable, "-W", "ignore", "-c", program, *map(str, words)]
    done = subprocess.run(
        command, env=kept | {"PYTHONPATH": paths} | variables, check=True, capture_output=True, text=True, timeout=280
    )
    return done.stdout


def test_the_gpu_runs_the_same_follicles_through_the_same_lives(tmp_path: Path) -> None:
    mine = arrays(small_scalp("cpu"))
    python(PROGRAM, tmp_path / "gpu.npz", NUMBA_ENABLE_CUDASIM="1", NUMBA_DISABLE_JIT="1")
    with np.load(tmp_path / "gpu.npz") as theirs:
        assert set(theirs.files) == set(mine)
        for name in ("phase", "starts", "sheds", "events", "state_phase", "state_event"):
            np.testing.assert_array_equal(theirs[name], mine[name], err_msg=name)
        for name in mine:
            np.testing.assert_allclose(theirs[name], mine[name], rtol=1e-9, err_msg=name)
    assert mine["events"] > 40  # type: ignore[operator]


def test_without_a_gpu_nothing_is_imported_and_asking_for_one_is_answered_in_a_sentence() -> None:
    said = python(NO_GPU, CUDA_VISIBLE_DEVICES="-1")
    assert said.startswith("--device cuda: no NVIDIA GPU can be used here")
    assert len(said.splitlines()) == 1
