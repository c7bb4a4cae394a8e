"""Writes the small .pt files of tests/SubspaceCircuits.Tests/Golden.

Run with plain PyTorch, from anywhere:  python3 tools/golden/make_pt_fixtures.py
The committed files were made with PyTorch 1.13.1. The values that the tests expect stand in
tests/SubspaceCircuits.Tests/Checkpoints/TorchArchiveTests.cs.
"""

import collections
import pathlib

import torch

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "SubspaceCircuits.Tests" / "Golden"


def tensors():
    counting = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    shared = torch.arange(10, dtype=torch.float32)
    return collections.OrderedDict(
        contiguous=counting,
        transposed=torch.arange(6, dtype=torch.float64).reshape(2, 3).t(),
        shared_head=shared[:4],
        shared_tail=shared[2:].reshape(2, 4),
        half=torch.tensor([0.5, -1.25, 65504.0], dtype=torch.float16),
        bfloat16=torch.tensor([0.5, -3.0], dtype=torch.bfloat16),
        bool=torch.tensor([True, False, True]),
        int64=torch.tensor([-(2**62), 0, 2**62]),
        int32=torch.tensor([[-7], [8]], dtype=torch.int32),
        int16=torch.tensor([-300], dtype=torch.int16),
        int8=torch.tensor([-1, 1], dtype=torch.int8),
        uint8=torch.tensor([0, 255], dtype=torch.uint8),
        scalar=torch.tensor(float("-inf")),
        empty=torch.empty(0, 5),
        expanded=torch.tensor([2.0]).expand(3),
        parameter=torch.nn.Parameter(torch.tensor([1.0, 2.0])),
    )


def save(value, name, **options):
    torch.save(value, GOLDEN / name, **options)


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    save(tensors(), "tensors.pt")
    save(dict(tensors()), "tensors-protocol4.pt", pickle_protocol=4)
    save(torch.arange(6, dtype=torch.float32).reshape(2, 3).t(), "tensor.pt")
    # A module's state dict carries version numbers as an attribute of the OrderedDict.
    linear = torch.nn.Linear(2, 1)
    torch.nn.init.constant_(linear.weight, 3.0)
    torch.nn.init.constant_(linear.bias, -1.0)
    save(linear.state_dict(), "module.pt")
    training = {
        "state_dict": linear.state_dict(),
        "epoch": 7,
        "loss": 0.125,
        "large": -(2**40),
        "done": True,
        "note": "größer",
        "nothing": None,
        "sizes": [1, (2, "three")],
        "shape": torch.Size([2, 3]),
        "device": torch.device("cpu"),
        "dtype": torch.float16,
        5: [],
    }
    save(training, "training.pt")
    save(tensors(), "old-format.pt", _use_new_zipfile_serialization=False)
    save({"w": torch.zeros(2), "print": print}, "refused-global.pt")


if __name__ == "__main__":
    main()
