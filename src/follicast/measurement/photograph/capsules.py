"""A dark patch as a union of straight shafts: as few as explain it, each an axis and a half width.

The cost is the squared difference between how dark a pixel is and the union of soft capsules, plus a prior on the half
width and a price for every shaft; the steps are Gauss-Newton's, damped as by Levenberg and Marquardt.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from follicast.biology.compiled import compiled

Floats = npt.NDArray[np.float64]

SOFT_PX: Final = 1.0
"""How far an edge is soft."""
MOST_SHAFTS: Final = 5
_UNEXPLAINED, _LEAST_PIXELS = 0.4, 8


@compiled()
def _cost(
    x: Floats,
    y: Floats,
    dark: Floats,
    shafts: Floats,
    weight: float,
    usual: float,
    jtj: Floats,
    jtr: Floats,
    slope: bool,
) -> float:
    """The cost of shafts [shaft, (ax, ay, bx, by, ln half width)] and, if asked, its normal equations."""
    count = shafts.shape[0]
    filled, each, row = np.empty(count), np.empty((count, 5)), np.empty(5 * count)
    cost = 0.0
    if slope:
        jtj[:], jtr[:] = 0.0, 0.0
    for i in range(x.size):
        free = 1.0
        for k in range(count):
            half = math.exp(shafts[k, 4])
            ux, uy = shafts[k, 2] - shafts[k, 0], shafts[k, 3] - shafts[k, 1]
            along = ((x[i] - shafts[k, 0]) * ux + (y[i] - shafts[k, 1]) * uy) / (ux * ux + uy * uy + 1e-9)
            along = min(1.0, max(0.0, along))
            dx, dy = x[i] - shafts[k, 0] - along * ux, y[i] - shafts[k, 1] - along * uy
            away = math.sqrt(dx * dx + dy * dy) + 1e-9
            inside = 1.0 / (1.0 + math.exp(-min(30.0, max(-30.0, (half - away) / SOFT_PX))))
            filled[k] = inside
            free *= 1.0 - inside
            if slope:
                steep = inside * (1.0 - inside) / SOFT_PX
                each[k, 0], each[k, 1] = steep * (1.0 - along) * dx / away, steep * (1.0 - along) * dy / away
                each[k, 2], each[k, 3] = steep * along * dx / away, steep * along * dy / away
                each[k, 4] = steep * half
        miss = dark[i] - 1.0 + free
        cost += miss * miss
        if slope:
            for k in range(count):
                others = free / max(1.0 - filled[k], 1e-9)
                for q in range(5):
                    row[5 * k + q] = others * each[k, q]
            for a in range(5 * count):
                if row[a] != 0.0:
                    jtr[a] += row[a] * miss
                    for b in range(5 * count):
                        jtj[a, b] += row[a] * row[b]
    for k in range(count):
        miss = usual - shafts[k, 4]
        cost += weight * miss * miss
        if slope:
            jtr[5 * k + 4] += weight * miss
            jtj[5 * k + 4, 5 * k + 4] += weight
    return cost


@compiled()
def _settle(x: Floats, y: Floats, dark: Floats, start: Floats, weight: float, usual: float) -> tuple[Floats, float]:
    """Shafts moved until the cost falls no more, and that cost."""
    size = 5 * start.shape[0]
    jtj, jtr = np.zeros((size, size)), np.zeros(size)
    shafts, damping = start.copy(), 1e-2
    cost = _cost(x, y, dark, shafts, weight, usual, jtj, jtr, True)
    for _ in range(25):
        damped = jtj.copy()
        for a in range(size):
            damped[a, a] += damping * (jtj[a, a] + 1e-3)
        moved = shafts + np.linalg.solve(damped, jtr).reshape(shafts.shape)
        for k in range(shafts.shape[0]):
            moved[k, 4] = min(max(moved[k, 4], usual - 1.6), usual + 1.2)
        now = _cost(x, y, dark, moved, weight, usual, jtj, jtr, False)
        if now < cost:
            gain, shafts, damping = cost - now, moved, max(damping * 0.3, 1e-6)
            cost = _cost(x, y, dark, shafts, weight, usual, jtj, jtr, True)
            if gain < 1e-3 * max(cost, 1.0):
                break
        else:
            damping *= 5.0
            if damping > 1e6:
                break
    return shafts, cost


def shafts_of(x: Floats, y: Floats, dark: Floats, usual_half_px: float, price: float, prior: float) -> Floats:
    """The shafts that a dark patch is made of.

    Args:
        x: of its pixels, px.
        y: of its pixels, px.
        dark: how surely each is shaft, 0 to 1.
        usual_half_px: half the width that shafts of this photograph usually have, px.
        price: what a shaft must explain to be worth having, in pixels.
        prior: weight of the usual half width, in pixels.

    Returns:
        [shaft, (ax, ay, bx, by, half width)], px; which end is the root is not known here.
    """
    usual = math.log(usual_half_px)
    best, cost = _settle(x, y, dark, _spread(x, y, dark)[None], prior, usual)
    last, total = best, cost + price
    for count in range(2, MOST_SHAFTS + 1):
        tried = [_settle(x, y, dark, start, prior, usual) for start in _starts(x, y, dark, last)]
        last, cost = min(tried, key=lambda found: found[1])
        if cost + price * count < total:
            best, total = last, cost + price * count
        elif count >= 3:
            break
    return np.column_stack([best[:, :4], np.exp(best[:, 4])])


def _spread(x: Floats, y: Floats, weight: Floats) -> Floats:
    """One shaft along the longer axis of a cloud."""
    cx, cy = np.average(x, weights=weight + 1e-9), np.average(y, weights=weight + 1e-9)
    _, axes = np.linalg.eigh(np.cov(np.vstack([x - cx, y - cy]), aweights=weight + 1e-6))
    dx, dy = axes[:, 1]
    along, across = (x - cx) * dx + (y - cy) * dy, (y - cy) * dx - (x - cx) * dy
    low, high = np.quantile(along[weight >= 0.5 * weight.max()], [0.02, 0.98])
    half = max(1.5, 1.7 * math.sqrt(np.average(across**2, weights=weight + 1e-9)))
    return np.array([cx + low * dx, cy + low * dy, cx + high * dx, cy + high * dy, math.log(half)])


def _starts(x: Floats, y: Floats, dark: Floats, shafts: Floats) -> list[Floats]:
    """Ways to have one shaft more: in what is not explained, beside a wide one, or a long one in two."""
    length = np.hypot(shafts[:, 2] - shafts[:, 0], shafts[:, 3] - shafts[:, 1])
    starts = []
    left = dark - _filled(x, y, shafts)
    if (left > _UNEXPLAINED).sum() > _LEAST_PIXELS:
        bare = left > _UNEXPLAINED
        starts.append(np.vstack([shafts, _spread(x[bare], y[bare], left[bare])]))
    for k in np.argsort(-shafts[:, 4])[:2]:
        ax, ay, bx, by, half = shafts[k]
        aside = 0.5 * math.exp(half) / max(length[k], 1e-6) * np.array([ay - by, bx - ax, ay - by, bx - ax])
        thin = math.log(max(0.55 * math.exp(half), 1.5))
        pair = [np.append(shafts[k, :4] + aside, thin), np.append(shafts[k, :4] - aside, thin)]
        starts.append(np.vstack([np.delete(shafts, k, 0), *pair]))
    k = int(np.argmax(length))
    ax, ay, bx, by, half = shafts[k]
    mx, my = (ax + bx) / 2, (ay + by) / 2
    starts.append(np.vstack([np.delete(shafts, k, 0), [ax, ay, mx, my, half], [mx, my, bx, by, half]]))
    return starts


def _filled(x: Floats, y: Floats, shafts: Floats) -> Floats:
    free = np.ones_like(x)
    for ax, ay, bx, by, half in shafts:
        ux, uy = bx - ax, by - ay
        along = np.clip(((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy + 1e-9), 0, 1)
        away = np.hypot(x - ax - along * ux, y - ay - along * uy)
        free *= 1 - 1 / (1 + np.exp(-np.clip((math.exp(half) - away) / SOFT_PX, -30, 30)))
    return 1 - free
