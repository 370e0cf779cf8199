"""How thick hairs are: a blurred cylinder fitted to the profile across each, the blur found in the same photograph.

A shaft darker than the skin is an opaque bar or a cylinder that absorbs; a lighter one sends light back from its body.
Each is a sum of three shapes over the width of the shaft, blurred by a Gaussian, on skin whose light changes evenly.
Shapes and skin are solved for linearly in each colour; width, middle and blur by Gauss-Newton steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from follicast.measurement.photograph.hair import SeenHair
from follicast.measurement.photograph.section import Sections, sections

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

USUAL_BLUR_UM: Final = 6.5
USUAL_BLUR_PX: Final = 1.3
USUAL_WIDTH_UM: Final = 60.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)
# Skin (level, slope), then bar, body and rim of the shaft: how far each is held back, for dark and for light shafts.
_DARK: Final = (0.0, 0.0, 0.0, 3e-3, 3e-3)
_LIGHT: Final = (0.0, 0.0, 5e-3, 0.0, 3e-3)
# Spread of the middle (px), of ln blur before and after it is known, and of ln width against what the eye says.
_MIDDLE_PX, _BLUR_AT_FIRST, _BLUR_THEN, _WIDTH = 1.0, 0.35, 0.15, 0.3
_STARTS: Final = (0.8, 1.0, 1.25)
_LEAST_CONTRAST: Final = 6.0
# A shaft this much wider than the upper quartile of a photograph's widths, or than terminal hair, is two side by side;
# no hair that can be photographed is thinner than the least.
_TWO_SHAFTS, _QUARTILE, _LEAST_HAIRS, _LEAST_UM = 1.35, 0.75, 5, 10.0
# The fit's own error is too small where the skin beside a hair is uneven; widths of drawn hairs scatter as this says.
_FLOOR_UM, _MISFIT_SHARE = 2.5, 0.03


@dataclass(frozen=True, slots=True)
class Widths:
    """Widths of hairs, px [hair].

    NaN where a neighbour, the border or too little contrast allows none, or no one hair is so wide or so thin.

    Attributes:
        px: width.
        error_px: its standard error.
        blur_px: standard deviation of the blur of the photograph in its middle tenth of hairs.
    """

    px: Floats
    error_px: Floats
    blur_px: float


@dataclass(frozen=True, slots=True)
class _Known:
    """What a fit is held to [hair]: noise of the light, ln blur and its spread, ln width, and what shapes cost."""

    noise: Floats
    log_blur: Floats
    blur_spread: float
    log_width: Floats
    held: Floats


@dataclass(frozen=True, slots=True)
class _Fit:
    """State [hair, (ln width, middle, ln blur)], its cost, and the variance of ln width."""

    state: Floats
    cost: Floats
    variance: Floats


def widths(image: Picture, hairs: Sequence[SeenHair], um_per_px: float | None) -> Widths:
    """The width of every hair that can be fitted.

    Args:
        image: RGB.
        hairs: that were seen.
        um_per_px: None where the scale is not known; widths are in px anyhow.
    """
    usual_blur = USUAL_BLUR_PX if um_per_px is None else max(USUAL_BLUR_UM / um_per_px, 0.6)
    if not hairs:
        return Widths(np.empty(0), np.empty(0), usual_blur)
    about = _about(hairs, um_per_px)
    cut = sections(image, hairs, about, usual_blur)
    skin, shaft, uneven = _levels(cut, about)
    change = shaft - skin
    light = change.sum(axis=1) > 0.25 * np.abs(change).sum(axis=1)
    contrast = np.abs(change).max(axis=1)
    held = np.where(light[:, None], _LIGHT, _DARK)
    noise = np.maximum(0.003, 0.03 * contrast)
    first = _Known(noise, np.full(len(hairs), math.log(usual_blur)), _BLUR_AT_FIRST, np.log(about), held)
    fit = _fitted(cut, first, (1.0,), 10)
    sure = cut.both & ~light & (fit.state[:, 0] - fit.state[:, 2] > math.log(3.5))
    then = replace(first, log_blur=_local_blur(hairs, image.shape, fit.state[:, 2], sure), blur_spread=_BLUR_THEN)
    fit = _fitted(cut, then, _STARTS, 8)
    px = np.exp(fit.state[:, 0])
    usable = cut.one & (contrast > _LEAST_CONTRAST * uneven)
    usable &= _of_one_hair(np.where(usable, px, np.nan), um_per_px)
    floor = _FLOOR_UM / (um_per_px or USUAL_WIDTH_UM / float(np.median(about)))
    error = np.sqrt(fit.variance * px**2 + floor**2 + (_MISFIT_SHARE * px) ** 2) * np.where(cut.both, 1.0, 2.0)
    return Widths(
        np.where(usable, px, np.nan), np.where(usable, error, np.nan), float(np.exp(np.median(then.log_blur)))
    )


def _about(hairs: Sequence[SeenHair], um_per_px: float | None) -> Floats:
    """How wide each hair looks, px; the usual where its finder did not say."""
    said = np.array([hair.width_px for hair in hairs])
    known = said[np.isfinite(said)]
    usual = USUAL_WIDTH_UM / um_per_px if um_per_px else (float(np.median(known)) if known.size else 8.0)
    return np.asarray(np.maximum(np.where(np.isfinite(said), said, usual), 1.2))


def _of_one_hair(px: Floats, um_per_px: float | None) -> npt.NDArray[np.bool_]:
    """Which widths (NaN = not known) one hair can have: neither two shafts side by side nor next to nothing."""
    known = px[np.isfinite(px)]
    if known.size < _LEAST_HAIRS:
        return np.isfinite(px)
    usual, least = (0.0, 0.0) if um_per_px is None else (USUAL_WIDTH_UM / um_per_px, _LEAST_UM / um_per_px)
    thick = max(float(np.quantile(known, _QUARTILE)), usual)
    return np.asarray((px >= least) & (px <= _TWO_SHAFTS * thick))


def _levels(cut: Sections, about: Floats) -> tuple[Floats, Floats, Floats]:
    """Light of the skin and of the core of each hair [hair, colour], and how uneven the skin beside it is [hair]."""
    away = np.abs(cut.across_px)
    beside, core = cut.weight * (away > (0.5 * about + 3.0)[:, None]), cut.weight * (away < 0.3 * about[:, None])
    skin, shaft = (
        np.einsum("hs,hsc->hc", w, cut.light) / np.maximum(w.sum(axis=1), 1e-6)[:, None] for w in (beside, core)
    )
    spread = (beside[..., None] * (cut.light - skin[:, None]) ** 2).sum(axis=1)
    uneven = np.sqrt(spread / np.maximum(beside.sum(axis=1), 1e-6)[:, None]).max(axis=1)
    return skin, shaft, np.maximum(0.35 * uneven, 5e-4)


def _local_blur(
    hairs: Sequence[SeenHair], shape: tuple[int, ...], log_blur: Floats, sure: npt.NDArray[np.bool_]
) -> Floats:
    """Ln blur where each hair lies: the middle of thick dark hairs, leaning to those near by."""
    place = np.array([hair.path_px.mean(axis=0) for hair in hairs])
    usual = log_blur[:1] * 0.0 + float(np.median(log_blur))
    found = log_blur[sure]
    if found.size < 3:
        return np.full(len(hairs), usual[0])
    whole = float(np.median(found))
    reach = 0.2 * math.hypot(*shape[:2])
    near = np.exp(-0.5 * ((place[:, None] - place[None, sure]) ** 2).sum(axis=2) / reach**2)
    return np.asarray((whole + near @ np.clip(found, whole - 0.5, whole + 0.7)) / (1.0 + near.sum(axis=1)))


def _shapes(across: Floats, state: Floats) -> Floats:
    """Skin and shaft at each place [hair, sample, (level, slope, bar, body, rim)]."""
    width, middle, blur = np.exp(state[:, 0])[:, None], state[:, 1][:, None], np.exp(state[:, 2])[:, None]
    radius, z = 0.5 * width, across - middle
    bar = ndtr((z + radius) / blur) - ndtr((z - radius) / blur)
    part = np.exp(-0.5 * ((z[..., None] - radius[..., None] * _NODES) / blur[..., None]) ** 2)
    part *= (radius / blur)[..., None] * _WEIGHTS / math.sqrt(2.0 * math.pi)
    body, rim = part @ (1.0 - _NODES**2), part @ _NODES**6
    return np.stack([np.ones_like(across), across / across[:, -1:], bar, body, rim], axis=-1)


def _misfit(cut: Sections, known: _Known, state: Floats) -> Floats:
    """What is left when skin and shaft are solved for, and how far the state lies from what is known [hair, row]."""
    shapes, total = _shapes(cut.across_px, state), cut.weight.sum(axis=1) + 1e-3
    weighed = shapes * cut.weight[..., None]
    normal = np.einsum("hsi,hsj->hij", weighed, shapes) + np.eye(5) * ((known.held + 1e-6) * total[:, None])[:, None]
    amount = np.linalg.solve(normal, np.einsum("hsi,hsc->hic", weighed, cut.light))
    rest = (cut.light - np.einsum("hsi,hic->hsc", shapes, amount)) * np.sqrt(cut.weight)[..., None]
    price = amount[:, 2:] * np.sqrt(known.held[:, 2:] * total[:, None])[..., None]
    rows = len(state)
    light = np.concatenate([rest.reshape(rows, -1), price.reshape(rows, -1)], axis=1) / known.noise[:, None]
    held = [
        state[:, 1] / _MIDDLE_PX,
        (state[:, 2] - known.log_blur) / known.blur_spread,
        (state[:, 0] - known.log_width) / _WIDTH,
    ]
    return np.concatenate([light, np.stack(held, axis=1)], axis=1)


def _fitted(cut: Sections, known: _Known, starts: Sequence[float], steps: int) -> _Fit:
    """The best of the fits from several widths."""
    best: _Fit | None = None
    for factor in starts:
        start = np.stack([known.log_width + math.log(factor), 0.0 * known.log_width, known.log_blur], axis=1)
        found = _descend(cut, known, start, steps)
        if best is not None:
            better = found.cost < best.cost
            found = _Fit(
                np.where(better[:, None], found.state, best.state),
                np.where(better, found.cost, best.cost),
                np.where(better, found.variance, best.variance),
            )
        best = found
    assert best is not None
    return best


def _descend(cut: Sections, known: _Known, start: Floats, steps: int) -> _Fit:
    """Damped Gauss-Newton steps, all hairs at once."""
    state, damping = start.copy(), np.full(len(start), 1e-2)
    rest = _misfit(cut, known, state)
    cost = (rest**2).sum(axis=1)
    low, high = (math.log(0.5), -4.0, math.log(0.4)), (math.log(200.0), 4.0, math.log(12.0))
    normal = np.broadcast_to(np.eye(3), (len(start), 3, 3))
    for _ in range(steps):
        slope = np.stack([(_misfit(cut, known, state + 1e-3 * turn) - rest) / 1e-3 for turn in np.eye(3)], axis=-1)
        normal = np.einsum("hri,hrj->hij", slope, slope)
        damped = normal + np.eye(3) * (damping[:, None] * np.einsum("hii->hi", normal) + 1e-9)[:, None]
        step = np.linalg.solve(damped, np.einsum("hri,hr->hi", slope, rest)[..., None])[..., 0]
        tried = np.clip(state - np.clip(step, -0.4, 0.4), low, high)
        new = _misfit(cut, known, tried)
        better = (new**2).sum(axis=1) < cost
        state, rest = np.where(better[:, None], tried, state), np.where(better[:, None], new, rest)
        cost = (rest**2).sum(axis=1)
        damping = np.where(better, 0.3 * damping, 8.0 * damping)
    share = np.maximum(cost / np.maximum(3.0 * cut.weight.sum(axis=1), 1.0), 1.0)
    return _Fit(state, cost, np.linalg.inv(normal + 1e-9 * np.eye(3))[:, 0, 0] * share)
