"""One shaft after another onto the picture: a cylinder that absorbs (Beer-Lambert), shines and ends square."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from follicast.biology.compiled import compiled

# Places of the traits of a shaft in the row that `paint` takes.
TRAITS = (
    "cut_slope",
    "emerge_px",
    "dyed_from_px",
    "medulla",
    "sheen",
    "line",
    "scatter",
    "edge",
    "tip_light",
    "tapered",
    "ragged",
)
(_CUT, _EMERGE, _DYED, _MEDULLA, _SHEEN, _LINE, _SCATTER, _EDGE, _TIP, _TAPERED, _RAGGED) = range(len(TRAITS))
# Where in the cross section the bright line lies, and how wide it and the medulla are, in radii.
_LINE_AT, _LINE_WIDTH, _MEDULLA_WIDTH = 0.38, 0.16, 0.24


@compiled(nogil=True)
def _measure(axis: Any, radius: Any, near: Any, along: Any, aside: Any) -> Any:
    """Distance, place along and place aside of the axis for every pixel near a shaft; the box they fill."""
    height, width = near.shape
    box = np.array([height, 0, width, 0])
    run = 0.0
    last = axis.shape[0] - 2
    for k in range(last + 1):
        ax, ay = axis[k, 0], axis[k, 1]
        dx, dy = axis[k + 1, 0] - ax, axis[k + 1, 1] - ay
        long = math.hypot(dx, dy)
        if long <= 0.0:
            continue
        ux, uy = dx / long, dy / long
        reach = max(radius[k], radius[k + 1]) + 2.5
        y0 = max(0, math.floor(min(ay, ay + dy) - reach))
        y1 = min(height, math.ceil(max(ay, ay + dy) + reach) + 1)
        x0 = max(0, math.floor(min(ax, ax + dx) - reach))
        x1 = min(width, math.ceil(max(ax, ax + dx) + reach) + 1)
        for y in range(y0, y1):
            for x in range(x0, x1):
                t = (x - ax) * ux + (y - ay) * uy
                d = (x - ax) * -uy + (y - ay) * ux
                beyond = 0.0
                if t < 0.0 and k > 0:
                    beyond = -t
                elif t > long and k < last:
                    beyond = t - long
                # Past its ends the first and last piece go straight on, so that the cut stays square.
                over = max(-t, t - long, 0.0)
                apart = math.hypot(beyond, d) if beyond > 0.0 else abs(d)
                if over > reach or apart > reach:
                    continue
                if apart < near[y, x]:
                    near[y, x] = apart
                    along[y, x] = run + t
                    aside[y, x] = d
        box[0], box[1] = min(box[0], y0), max(box[1], y1)
        box[2], box[3] = min(box[2], x0), max(box[3], x1)
        run += long
    return box, run


@compiled(nogil=True)
def _smooth(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@compiled(nogil=True)
def _shade(
    image: Any, light: Any, y: int, x: int, h: float, path: float, sigma: Any, rough: float, traits: Any, tip: float
) -> float:
    """Colour of a pixel of a shaft at `h` radii from its axis, `path` px thick there; returns its change as a share."""
    lens = 1.0 - traits[_EDGE] * h**6
    line = traits[_LINE] * math.exp(-(((h - _LINE_AT) / _LINE_WIDTH) ** 2)) * rough * rough
    marrow = traits[_MEDULLA] * math.exp(-((h / _MEDULLA_WIDTH) ** 2)) * rough
    change = 0.0
    for c in range(3):
        through = math.exp(-sigma[c] * path)
        body = traits[_SCATTER] * (1.0 - h * h) * math.exp(-0.7 * sigma[c] * path)
        own = marrow * math.exp(-0.5 * sigma[c] * path) + body * math.sqrt(rough)
        back = traits[_SHEEN] * rough * (1.0 + tip) + line + own * lens
        image[y, x, 3 + c] = (
            image[y, x, c] * through * lens * (1.0 - traits[_SCATTER] * through) + light[y, x, c] * back
        )
        change += abs(1.0 - math.sqrt(max(image[y, x, 3 + c], 0.0) / max(image[y, x, c], 1e-6)))
    return change / 3.0


@compiled(nogil=True)
def paint(
    image: Any,
    light: Any,
    top: Any,
    number: int,
    axis: Any,
    radius: Any,
    sigma: Any,
    dyed: Any,
    rough: Any,
    traits: Any,
    room: Any,
) -> float:
    """Draw one shaft.

    Args:
        image: linear light [h, w, 6]; the last three are room to work in.
        light: light that falls on the skin [h, w, 3].
        top: number of the uppermost shaft of each pixel [h, w], written where this one covers more than half.
        number: what to write there.
        axis: [point, (x, y)] in px.
        radius: [point] in px.
        sigma: absorption by colour for a path of one px.
        dyed: the same where the shaft is dyed.
        rough: [h, w], unevenness of what a shaft sends back, 1 in the mean.
        traits: in the order of `TRAITS`.
        room: three arrays [h, w] to work in: the first inf, and inf again afterwards.

    Returns:
        Change of its core against what lay under it, as a share of the level, mean of the colours (1 black, 0 none).
    """
    near, along, aside = room
    box, length = _measure(axis, radius, near, along, aside)
    points = radius.size
    dark, core = 0.0, 0
    for y in range(box[0], box[1]):
        for x in range(box[2], box[3]):
            apart = near[y, x]
            if apart == math.inf:
                continue
            near[y, x] = math.inf
            t, d = along[y, x], aside[y, x]
            place = min(max(t / max(length, 1e-6), 0.0), 1.0) * (points - 1)
            k = min(int(place), points - 2)
            r = radius[k] + (place - k) * (radius[k + 1] - radius[k])
            h2 = (apart / max(r, 0.25)) ** 2
            cover = min(max(r - apart + 0.5, 0.0), 1.0) * min(1.0, 2.0 * r)
            end = length - t - d * traits[_CUT] - 0.25 * r * h2 * h2 - traits[_RAGGED] * r * (rough[y, x] - 1.0)
            cover *= min(max(end + 0.5, 0.0), 1.0)
            cover *= _smooth(0.5 + 0.5 * t / traits[_EMERGE])
            if cover <= 0.0:
                continue
            r = max(r, 0.25)
            h = min(apart / r, 1.0)
            path = 2.0 * r * math.sqrt(max(1.0 - h * h, 0.02))
            face = traits[_TIP] if end < 0.45 * r and traits[_TAPERED] == 0.0 else 0.0
            # The line of light lies on one side of the axis only.
            side = h if d >= 0.0 else -h
            shade = sigma if t < traits[_DYED] else dyed
            drop = _shade(image, light, y, x, side, path, shade, rough[y, x], traits, face)
            for c in range(3):
                image[y, x, c] += cover * (image[y, x, 3 + c] - image[y, x, c])
            if cover > 0.5:
                top[y, x] = number
                if h < 0.6 and t > min(3.0 * r, 0.25 * length):
                    dark += drop
                    core += 1
    return dark / max(core, 1)
