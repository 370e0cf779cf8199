"""The event loop on an NVIDIA GPU: a thread a follicle, the same rules, the same draws. Imported only when asked for.

numba compiles the functions of `follicle` and `simulate` for the GPU from the very source that the processor runs. The
draws are whole-number arithmetic and agree bit for bit; exponentials and fused multiplications round differently in the
last bit, so that times agree to about 1e-9 of themselves and a phase can differ only where it ends that near to an
asked day.
"""

from __future__ import annotations

from typing import Any, Final

import numba.cuda
import numpy as np
import numpy.typing as npt

from follicast.biology.follicle import ANAGEN_CLOCK, EXIT_CLOCK, Guide, fill_guide
from follicast.biology.simulate import _Places, _Traits, advance_one
from follicast.quantities import InputError

cuda: Any = numba.cuda
_THREADS: Final = 128


def refuse_without_gpu() -> None:
    """Says so where no GPU can be used.

    Raises:
        InputError: there is none, or no driver for it.
    """
    if not cuda.is_available():
        raise InputError(
            '--device cuda: no NVIDIA GPU can be used here (it needs a driver and pip install ".[cuda]"); '
            "leave it out to compute on the processor."
        )


def _fill_guides(firsts: Any, f: _Traits, clocks: Any, room: Any, scales: Any) -> None:
    """Guides to the clocks of each run of follicles of one person and group, a thread a run."""
    b = cuda.grid(1)
    if b < firsts.size:
        clock = clocks[f.person[firsts[b]], f.group[firsts[b]]]
        scales[b, 0] = fill_guide(clock, ANAGEN_CLOCK, room[b, 0])
        scales[b, 1] = fill_guide(clock, EXIT_CLOCK, room[b, 1])


def _advance(
    run: Any,
    asked: Any,
    rates: Any,
    clocks: Any,
    room: Any,
    scales: Any,
    f: Any,
    s: Any,
    pulses: Any,
    out: Any,
    done: Any,
) -> None:
    """Move a follicle a thread to the last asked day; `run` says which guides are its own."""
    i = cuda.grid(1)
    if i < run.size:
        b = run[i]
        own = rates[f.person[i]]
        clock = clocks[f.person[i], f.group[i]]
        guides = (Guide(room[b, 0], scales[b, 0]), Guide(room[b, 1], scales[b, 1]))
        done[i] = advance_one(np.uint64(i), asked, own, clock, guides, f, s, pulses, out)


def advance(
    bounds: npt.NDArray[np.int64],
    asked: npt.NDArray[np.float64],
    rates: npt.NDArray[np.float64],
    clocks: npt.NDArray[np.float64],
    cells: int,
    f: _Traits,
    s: _Places,
    pulses: tuple[Any, ...],
    out: tuple[Any, ...],
) -> int:
    """Move every follicle to the last asked day on the GPU and return the number of events.

    Args:
        bounds: first follicle of each run of one person and group, and the end of the last.
        asked: days, rising.
        rates: [person, RATES].
        clocks: [person, group, day, CLOCK_COLUMNS].
        cells: of a guide to a clock.
        f: traits of the follicles.
        s: where they are; moved.
        pulses: insults.
        out: rows of the course; written.

    Raises:
        InputError: there is no GPU that numba can use.
    """
    refuse_without_gpu()
    runs, count = bounds.size - 1, int(bounds[-1])
    if not count:
        return 0
    send = cuda.to_device
    traits, places = _Traits(*map(send, f)), _Places(*map(send, s))
    written = tuple(map(send, out))
    room = cuda.device_array((runs, 2, cells), np.float32)
    scales, done = cuda.device_array((runs, 2), np.float64), cuda.device_array(count, np.int64)
    table = send(clocks)
    cuda.jit(_fill_guides)[-(-runs // _THREADS), _THREADS](send(bounds[:-1]), traits, table, room, scales)
    run = send(np.repeat(np.arange(runs), np.diff(bounds)))
    cuda.jit(_advance)[-(-count // _THREADS), _THREADS](
        run, send(asked), send(rates), table, room, scales, traits, places, tuple(map(send, pulses)), written, done
    )
    for mine, theirs in zip((*s, *out), (*places, *written), strict=True):
        theirs.copy_to_host(mine)
    return int(done.copy_to_host().sum())
