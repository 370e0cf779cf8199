"""Train the network of photographs on drawings and write it as ONNX.

    python scripts/photograph_network/train.py FOLDER roots.onnx --steps 8000

FOLDER is what drawings.py made. Needs torch and onnx beside numpy and OpenCV, in an environment of its own: neither is
a dependency of the project (docs/science/photographs.md names the versions). One thread trains, another makes crops.
"""

import argparse
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from crops import MAPS, Crops
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils.data import DataLoader

CHANNELS = (24, 48, 72, 96)
BATCH, WARM_UP, KEPT = 8, 100, 0.995


def block(before: int, after: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    """A convolution, its normalisation and a bend."""
    layer = nn.Conv2d(before, after, size, stride, size // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(after), nn.ReLU(inplace=True))


class Network(nn.Module):
    """A U-net of four depths; its maps have half the size of the picture."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = CHANNELS
        self.down1 = nn.Sequential(block(3, a, 2, 5), block(a, a))
        self.down2 = nn.Sequential(block(a, b, 2), block(b, b))
        self.down3 = nn.Sequential(block(b, c, 2), block(c, c))
        self.down4 = nn.Sequential(block(c, d, 2), block(d, d))
        self.across3, self.up3 = block(d, c, 1, 1), block(c, c)
        self.across2, self.up2 = block(c, b, 1, 1), block(b, b)
        self.across1, self.up1 = block(b, a, 1, 1), block(a, a)
        self.head, self.out = block(a, 2 * a), nn.Conv2d(2 * a, MAPS, 1)
        with torch.no_grad():
            self.out.bias.zero_()  # type: ignore[union-attr]
            self.out.bias[:2] = -3.5  # type: ignore[index]

    def forward(self, picture: Tensor) -> Tensor:
        """Log odds of root, tip and shaft, and the vectors from root to tip and from tip to root."""
        one = self.down1(picture)
        two = self.down2(one)
        three = self.down3(two)
        deep = self.up3(three + _twice(self.across3(self.down4(three))))
        deep = self.up2(two + _twice(self.across2(deep)))
        deep = self.up1(one + _twice(self.across1(deep)))
        return self.out(self.head(deep))  # type: ignore[no-any-return]


class Finished(nn.Module):
    """The network with shares instead of log odds."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> Tensor:
        """Root, tip and shaft from 0 to 1, then the vectors."""
        maps = self.network(picture)
        return torch.cat([torch.sigmoid(maps[:, :3]), maps[:, 3:]], 1)


def _twice(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2, mode="nearest")


def loss_of(seen: Tensor, wanted: Tensor, weight: Tensor, pointing: Tensor) -> tuple[Tensor, list[float]]:
    """Focal loss of roots and tips (as CenterNet's), cross entropy of shafts, smooth distance of the vectors."""
    share = torch.sigmoid(seen[:, :2]).clamp(1e-5, 1 - 1e-5)
    goal = wanted[:, :2]
    peak = (goal >= 0.999).float()
    missed = peak * (1 - share) ** 2 * torch.log(share)
    invented = (1 - peak) * (1 - goal) ** 4 * share**2 * torch.log(1 - share)
    heat = -((missed + invented) * weight).sum((0, 2, 3)) / peak.sum((0, 2, 3)).clamp(min=1)
    shaft = F.binary_cross_entropy_with_logits(seen[:, 2], wanted[:, 2])
    vectors = seen.new_zeros(())
    for k in (0, 1):
        pair = slice(3 + 2 * k, 5 + 2 * k)
        off = F.smooth_l1_loss(seen[:, pair], wanted[:, pair], reduction="none", beta=0.1).sum(1)
        vectors = vectors + (off * pointing[:, k]).sum() / pointing[:, k].sum().clamp(min=1)
    return heat[0] + 0.7 * heat[1] + 2 * shaft + vectors, [float(v) for v in (heat[0], heat[1], shaft, vectors)]


def train(network: Network, folder: Path, steps: int, rate: float, seed: int, kept_at: Path) -> dict[str, Any]:
    """Train in place; returns and keeps the running mean of the weights, which is what is used."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4)
    batches = iter(DataLoader(Crops(folder, seed + 100), batch_size=BATCH, num_workers=1, prefetch_factor=4))
    mean = {name: value.clone() for name, value in network.state_dict().items()}
    told, began = [], time.monotonic()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-6
        picture, wanted, weight, pointing = next(batches)
        put = (picture.permute(0, 3, 1, 2).float() / 255 - 0.5).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            seen = network(put)
        loss, parts = loss_of(seen.float(), wanted, weight, pointing)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        told.append([float(loss), *parts])
        kept = min(KEPT, (step + 1) / (step + 20))
        for name, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                mean[name].mul_(kept).add_(value, alpha=1 - kept)
            else:
                mean[name].copy_(value)
        if step % 100 == 99:
            print(step + 1, round(time.monotonic() - began), *np.round(np.mean(told, axis=0), 4), flush=True)
            told = []
        if step % 500 == 499 or step == steps - 1:
            torch.save(mean, kept_at)
    return mean


def export(network: Network, path: Path) -> None:
    """Write the network as ONNX, its normalisations folded into the convolutions."""
    network.eval()
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Sequential) and isinstance(child[-2], nn.BatchNorm2d):
                setattr(module, name, nn.Sequential(fuse_conv_bn_eval(child[0], child[1]), nn.ReLU()))
    sizes = {"picture": {2: "height", 3: "width"}, "maps": {2: "rows", 3: "columns"}}
    torch.onnx.export(
        Finished(network).eval(),
        (torch.zeros(1, 3, 256, 320),),
        str(path),
        opset_version=13,
        input_names=["picture"],
        output_names=["maps"],
        dynamic_axes=sizes,
    )


def main() -> None:
    """Train, keep the weights, write the network."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("onnx", type=Path)
    arguments.add_argument("--steps", type=int, default=8000)
    arguments.add_argument("--rate", type=float, default=2.5e-3)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--begin-with", type=Path, help="weights (.pt) of an earlier run")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    network = Network().to(memory_format=torch.channels_last)
    if given.begin_with:
        network.load_state_dict(torch.load(given.begin_with, weights_only=True))
    kept_at = given.onnx.with_suffix(".pt")
    network.load_state_dict(train(network, given.folder, given.steps, given.rate, given.seed, kept_at))
    export(network, given.onnx)


if __name__ == "__main__":
    sys.exit(main())
