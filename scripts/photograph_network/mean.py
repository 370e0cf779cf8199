"""Average the weights of several runs of training and write the mean as ONNX.

    python scripts/photograph_network/mean.py roots.onnx FIRST.pt SECOND.pt ...

Runs that begin with one another lie in one valley: the mean of what they learnt from different drawings holds better on
photographs than any of them does (docs/science/photographs.md). Needs what train.py needs.
"""

import argparse
from pathlib import Path

import torch
from train import Network, export


def main() -> None:
    """Average, and write the network."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("onnx", type=Path)
    arguments.add_argument("runs", type=Path, nargs="+", help="weights (.pt) that train.py kept")
    given = arguments.parse_args()
    kept = [torch.load(path, weights_only=True) for path in given.runs]
    network = Network()
    network.load_state_dict(
        {
            name: sum(run[name] for run in kept) / len(kept) if value.dtype.is_floating_point else value
            for name, value in kept[0].items()
        }
    )
    export(network, given.onnx)


if __name__ == "__main__":
    main()
