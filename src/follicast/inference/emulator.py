"""A fast stand-in for the simulator: each output a quadratic in the places of the shared numbers within their priors.

Simulated people and follicles keep their draws while the numbers move (common random numbers), so outputs respond
smoothly and a quadratic with shrinkage follows them closely. Shrinkage is chosen by exact leave-one-out error, and that
error is the emulator's own standard error, which the likelihood adds to every datum. Ridge in its dual form: with fewer
runs than coefficients the cost is that of the runs (Hastie, Tibshirani & Friedman, The Elements of Statistical
Learning, sections 3.4 and 7.10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Coordinates that an output hardly feels keep this share of the scale of the one it feels most.
_FLOOR: Final = 0.05
# How strongly curvature and noise may weigh beside the slope; the best pair is chosen by leave-one-out error.
_CURVATURES: Final = (0.0, 0.02, 0.1, 0.3, 1.0)
_NOISES: Final = (1e-4, 1e-3, 1e-2, 0.05, 0.2)


@dataclass(frozen=True)
class Emulator:
    """value = constant + slope . z + z' curvature z, by output; `error` is its standard error [output]."""

    constant: Floats
    slope: Floats
    curvature: Floats
    error: Floats

    def __call__(self, z: Floats) -> Floats:
        """Outputs [n, output] at places z [n, name]."""
        n, names = z.shape
        bent = (z @ self.curvature.reshape(-1, names).T).reshape(n, -1, names)
        return np.asarray(self.constant + z @ self.slope.T + np.einsum("noj,nj->no", bent, z))


def _loo(kernel: Floats, noise: float, y: Floats) -> tuple[Floats, float]:
    """Dual coefficients of ridge regression on centred values, and the root mean square leave-one-out error."""
    n = y.size
    inverse = np.linalg.inv(kernel + (noise + 1e-9) * np.eye(n))
    alpha = inverse @ y
    return alpha, float(np.sqrt(np.mean((alpha / np.diag(inverse)) ** 2)))


def _one_output(z: Floats, y: Floats) -> tuple[float, Floats, Floats, float]:
    """Constant, slope, curvature and leave-one-out error of one output."""
    n, names = z.shape
    mean, scale = float(y.mean()), float(y.std())
    if scale < 1e-12:
        return mean, np.zeros(names), np.zeros((names, names)), 0.0
    target = (y - mean) / scale
    first = z.T @ np.linalg.solve(z @ z.T + 0.05 * n * np.eye(n), target)
    felt = np.abs(first) / np.abs(first).max()
    width = _FLOOR + (1.0 - _FLOOR) * felt
    x = z * width
    flat = x @ x.T
    flat = flat / np.mean(np.diag(flat))
    square = flat**2
    square = square / np.mean(np.diag(square))
    best: tuple[float, Floats, float] | None = None
    for curvature in _CURVATURES:
        kernel = 1.0 + flat + curvature * square
        for noise in _NOISES:
            alpha, error = _loo(kernel, noise, target)
            if best is None or error < best[0]:
                best = (error, alpha, curvature)
    assert best is not None
    error, alpha, curvature = best
    size = float(np.mean((x**2).sum(axis=1)))
    slope = width * (x.T @ alpha) / size
    square_size = size**2 * float(np.mean(((x @ x.T) / size).diagonal() ** 2))
    bend = curvature * np.einsum("n,ni,nj->ij", alpha, x, x) / square_size * np.outer(width, width)
    return mean + scale * float(alpha.sum()), scale * slope, scale * bend, scale * error


def fit_emulator(z: Floats, outputs: Floats) -> Emulator:
    """An emulator of simulator runs.

    Args:
        z: places of the shared numbers [run, name].
        outputs: what the runs gave [run, output].

    Returns:
        The emulator, with leave-one-out errors.
    """
    parts = [_one_output(z, outputs[:, k]) for k in range(outputs.shape[1])]
    constant, slope, curvature, error = zip(*parts, strict=True)
    return Emulator(np.array(constant), np.stack(slope), np.stack(curvature), np.array(error))
