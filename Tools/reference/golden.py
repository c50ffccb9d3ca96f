"""What the scripts that make golden data with PyTorch share: numbers made from names, and the files.

Inputs and weights are not stored: element i of a tensor is made from its name by FNV-1a and SplitMix64,
here as in Tests/TestSupport/Hashed.swift. What is expected of them is computed in double precision and
stored in single precision. Of tensors larger than a limit only samples at positions made from the name
are stored, followed by the mean and the Euclidean norm, with the shape in the file's metadata.
"""

import json
import os
import sys

import numpy as np
import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def hashes(name, count):
    start = 0xCBF29CE484222325
    for byte in name.encode():
        start = ((start ^ byte) * 0x100000001B3) % 2**64
    index = np.arange(1, count + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(start) + index * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hashed(name, shape, low=-1.0, high=1.0):
    """Uniform in low ..< high, rounded to single precision, as a tensor of double precision."""
    count = int(np.prod(shape, dtype=np.int64))
    units = (hashes(name, count) >> np.uint64(40)).astype(np.float64) / 2**24
    numbers = (low + (high - low) * units).astype(np.float32).astype(np.float64)
    return torch.from_numpy(numbers.reshape(shape))


class GoldenFile:
    """Collects expected tensors and writes them to a file of the folder named on the command line."""

    def __init__(self, name, limit=1024):
        self.path = os.path.join(sys.argv[1], name + ".safetensors")
        self.limit = limit
        self.tensors = {}
        self.shapes = {}

    def add(self, name, tensor):
        assert name not in self.tensors, name
        values = np.asarray(torch.as_tensor(tensor).detach().numpy(), dtype=np.float64)
        assert np.isfinite(values).all(), name
        if values.size > self.limit:
            flat = values.reshape(-1)
            positions = hashes("positions of " + name, self.limit) % np.uint64(flat.size)
            self.shapes[name] = ",".join(map(str, values.shape))
            values = np.concatenate(
                [flat[positions.astype(np.int64)], [flat.mean(), np.linalg.norm(flat)]])
        self.tensors[name] = np.array(values, dtype=np.float32, order="C")

    def write(self):
        # By hand, so that the same numbers give the same bytes: safetensors' own writer puts the
        # metadata in any order.
        header, offset = {"__metadata__": self.shapes}, 0
        for name, values in self.tensors.items():
            end = offset + values.nbytes
            header[name] = {
                "dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, end]}
            offset = end
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(self.path, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for values in self.tensors.values():
                file.write(values.astype("<f4").tobytes())
        print(f"{self.path}: {len(self.tensors)} tensors, {os.path.getsize(self.path)} bytes")
