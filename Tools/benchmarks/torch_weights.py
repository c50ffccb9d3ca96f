"""Writes the tensors of a safetensors file as torch.save does: torch_weights.py FROM TO"""

import json
import sys

import numpy as np
import torch

with open(sys.argv[1], "rb") as file:
    size = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(size))
state = {}
for name, place in header.items():
    numbers = np.fromfile(
        sys.argv[1], "<f4", int(np.prod(place["shape"])), offset=8 + size + place["data_offsets"][0])
    state[name] = torch.from_numpy(numbers.reshape(place["shape"]))
torch.save(state, sys.argv[2])
