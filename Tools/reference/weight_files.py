"""Makes the files of Tests/Fixtures/weights: one toy network in the formats and layouts that weights come
in, and files that are odd or hostile.

    pip install h5py==3.16.0 numpy==2.4.6 safetensors==0.8.0 torch==2.15.0
    python Tools/reference/weight_files.py Tests/Fixtures/weights

The toy network is that of toy_network.py.
"""

import argparse
import builtins
import os
import sys
import warnings
from collections import OrderedDict

import h5py
import numpy as np
import safetensors.torch
import torch

from toy_network import NET, keras, numbers

folder = sys.argv[1]


def make(name, **options):
    return h5py.File(os.path.join(folder, name), "w", **options)


with make("caffe.h5") as f:
    for layer, (weight, bias) in NET.items():
        f[f"data/{layer}/0"] = weight
        f[f"data/{layer}/1"] = bias
    f.create_group("data/relu1_1")

with make("caffe_old.h5") as f:  # fc as (1, 1, out, in), bias as (1, 1, 1, out), doubles
    for layer, (weight, bias) in NET.items():
        shape = weight.shape if weight.ndim == 4 else (1, 1) + weight.shape
        f[f"data/{layer}/0"] = weight.reshape(shape).astype(">f8")
        f[f"data/{layer}/1"] = bias.reshape(1, 1, 1, -1).astype(">f8")

with make("keras_nested.h5") as f:  # halves, chunked, shuffled, gzipped; strings of variable length
    top = f.create_group("model_weights")
    top.attrs["layer_names"] = list(NET)
    top.attrs["backend"] = "tensorflow"
    top.attrs["keras_version"] = "2.2.4"
    for layer, (weight, bias) in NET.items():
        group = top.create_group(layer)
        group.attrs["weight_names"] = [f"{layer}_3/kernel:0", f"{layer}_3/bias:0"]
        for kind, data in (("kernel:0", keras(weight)), ("bias:0", bias)):
            group.create_dataset(
                f"{layer}_3/{kind}", data=data.astype("<f2"), chunks=True, shuffle=True,
                compression="gzip")

with make("keras_applications.h5") as f:  # strings of fixed length
    names = {"conv1_1": "block1_conv1", "fire2/squeeze1x1": "fire2/squeeze1x1", "fc6": "fc1"}
    f.attrs["layer_names"] = [np.bytes_(n) for n in names.values()]
    f.attrs["backend"] = np.bytes_("tensorflow")
    for layer, (weight, bias) in NET.items():
        last = names[layer].split("/")[-1]
        f[f"{names[layer]}/{last}_W_1:0"] = keras(weight)
        f[f"{names[layer]}/{last}_b_1:0"] = bias

for name, backend in (("theano.h5", "theano"), ("theano_old.h5", None), ("th_order.h5", "tensorflow")):
    with make(name) as f:
        f.attrs["layer_names"] = [np.bytes_(n) for n in NET]
        if backend:
            f.attrs["backend"] = np.bytes_(backend)
        for layer, (weight, bias) in NET.items():
            last = layer.split("/")[-1]
            turned = weight[:, :, ::-1, ::-1] if weight.ndim == 4 else weight.T
            plain = weight if weight.ndim == 4 else weight.T
            f[f"{layer}/{last}_W"] = plain if backend == "tensorflow" else turned
            f[f"{layer}/{last}_b"] = bias

with make("partial.h5") as f:
    for layer in ("conv1_1",):
        f[f"data/{layer}/0"], f[f"data/{layer}/1"] = NET[layer]

with make("wrong_shape.h5") as f:
    for layer, (weight, bias) in NET.items():
        f[f"data/{layer}/0"] = weight[:, :-1] if layer == "conv1_1" else weight
        f[f"data/{layer}/1"] = bias

with make("not_finite.h5") as f:
    for layer, (weight, bias) in NET.items():
        bad = bias.copy()
        bad[1] = np.nan
        f[f"data/{layer}/0"], f[f"data/{layer}/1"] = weight, bad

with make("types.h5", libver="latest") as f:  # newer superblock and groups
    values = np.array([[-2, 0, 1], [3, 4, 100]])
    for kind in "<f2 >f2 <f4 >f4 <f8 >f8 <i1 <i2 >i2 <i4 >i4 <i8 >i8".split():
        f[f"data/{kind}/0"] = values.astype(kind)
    for kind in "<u1 >u2 <u4 >u8".split():
        f[f"data/{kind}/0"] = np.abs(values).astype(kind)
    f["data/scalar/0"] = np.float32(1.5)
    f["data/empty/0"] = np.zeros((0, 3), np.float32)
    f["data/text/0"] = "not a number"

with make("elsewhere.h5") as f:
    f["data/here/0"] = np.float32([1, 2])
    f["data/soft"] = h5py.SoftLink("/data/here")
    f["data/external"] = h5py.ExternalLink("caffe.h5", "/data/conv1_1")
with make("cycle.h5") as f:
    f["data/a/0"] = np.float32([1, 2])
    f["data/again"] = f["data"]  # a cycle of hard links
with make("storage.h5") as f:
    f.create_dataset(
        "data/external/0", (4,), "f4", external=[("elsewhere.bin", 0, 16)])
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("caffe.h5", "/data/conv1_1/1", (4,))
    f.create_virtual_dataset("data/virtual/0", layout)
    f.create_dataset("data/unwritten/0", (4, 5), "f4")
    f.create_dataset("data/huge/0", (1 << 20, 1 << 20), "f4", chunks=(1, 64))
    f.create_dataset("data/wide/0", (1 << 40, 1 << 40), "f4", chunks=(1, 64))
    chunked = f.create_dataset("data/chunked/0", (5, 4), "f4", chunks=(2, 4), compression="gzip")
    chunked[:2] = 1
    f.create_dataset("data/filtered/0", (4,), "f4", np.zeros(4, "f4"), chunks=(4,), compression="lzf")
with make("deep.h5") as f:
    f["data/" + "a/" * 20 + "0"] = np.float32([1])
with make("unknown.h5") as f:
    f["weights/layer"] = np.float32([[1, 2], [3, 4]])
with make("no_tensors.h5") as f:
    f.create_group("data/conv1_1")

# The first block of VGG-16 as Keras writes it, untrained (He's deviation), in half precision: a real
# architecture's file that lacks its deeper layers.
with make("vgg16_block1.h5") as f:
    f.attrs["layer_names"] = [np.bytes_("block1_conv1"), np.bytes_("block1_conv2")]
    f.attrs["backend"] = np.bytes_("tensorflow")
    random = np.random.default_rng(1)
    for layer, channels in (("block1_conv1", 3), ("block1_conv2", 64)):
        weight = random.normal(0, np.sqrt(2 / (9 * channels)), (3, 3, channels, 64))
        f[f"{layer}/{layer}_W_1:0"] = weight.astype(np.float16)
        f[f"{layer}/{layer}_b_1:0"] = np.zeros(64, np.float16)

# A dense layer of Keras's that is read in more than one strip.
with make("keras_strips.h5") as f:
    f.attrs["layer_names"] = [np.bytes_("fc6")]
    stored = numbers((512, 512, 3, 3), 7).transpose(2, 3, 1, 0).reshape(-1, 512)
    options = {"chunks": (576, 512), "shuffle": True, "compression": "gzip", "compression_opts": 9}
    f.create_dataset("fc6/fc6/kernel:0", data=stored.astype(np.float16), **options)
    f["fc6/fc6/bias:0"] = numbers((512,), 8)

# PyTorch's names, in safetensors and in the two forms of torch.save.


class Toy(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("conv1_1", torch.nn.Conv2d(3, 4, 3))
        self.add_module("fire2/squeeze1x1", torch.nn.Conv2d(4, 2, 1))
        self.add_module("fc6", torch.nn.Linear(12, 5))
        with torch.no_grad():
            for layer, (weight, bias) in NET.items():
                self.get_submodule(layer).weight.copy_(torch.from_numpy(weight))
                self.get_submodule(layer).bias.copy_(torch.from_numpy(bias))


class Keys(type):
    """Stands for `str` where the legacy form names storages by their addresses: by their order, rather,
    so that the files are the same every time."""

    def __instancecheck__(cls, value):
        return builtins.isinstance(value, builtins.str)

    def __call__(cls, value):
        if builtins.isinstance(value, int):
            return builtins.str(cls.numbers.setdefault(value, len(cls.numbers)))
        return builtins.str(value)


def save(value, name, legacy=False, **options):
    keys = Keys("str", (), {"numbers": {}})
    # By a name that is always the same: the archive's root is named by the file.
    torch.serialization.str = keys
    torch.save(
        value, os.path.join(folder, name), _use_new_zipfile_serialization=not legacy, **options)
    del torch.serialization.str


toy = Toy()
state = toy.state_dict()
for kind in (torch.float32, torch.float16, torch.bfloat16):
    safetensors.torch.save_file(
        {key: value.to(kind).contiguous() for key, value in state.items()},
        os.path.join(folder, f"{str(kind)[6:]}.safetensors"), metadata={"format": "pt"})

save(state, "torch_zip.pth")
save(state, "torch_legacy.pth", legacy=True)
save(state, "torch_protocol5.pth", pickle_protocol=5)
save(state, "torch_legacy_protocol4.pth", legacy=True, pickle_protocol=4)
save(OrderedDict((key, value.half()) for key, value in state.items()), "torch_half.pth")
save(OrderedDict((key, value.bfloat16()) for key, value in state.items()), "torch_bfloat16.pth")
save({"model": {f"module.{key}": torch.nn.Parameter(value) for key, value in state.items()}},
     "torch_parameters.pth")

# Other strides, windows on a larger storage, and one storage for all.
strided = OrderedDict(state)
strided["conv1_1.weight"] = state["conv1_1.weight"].to(memory_format=torch.channels_last)
strided["fc6.weight"] = state["fc6.weight"].t().contiguous().t()
wide = torch.full((5, 3), 9.0)
wide[:, 1] = state["fc6.bias"]
strided["fc6.bias"] = wide[:, 1]
flat = torch.cat([torch.tensor([9.0])] + [value.flatten() for value in state.values()])
shared, start = OrderedDict(), 1
for key, value in state.items():
    shared[key] = flat[start:start + value.numel()].view(value.shape)
    start += value.numel()
for legacy in (False, True):
    form = "legacy" if legacy else "zip"
    save(strided, f"torch_strided_{form}.pth", legacy)
    save(shared, f"torch_shared_{form}.pth", legacy)

# A checkpoint of training: a wrapped network, the optimiser's state and the run's options.
optimizer = torch.optim.SGD(toy.parameters(), lr=0.1, momentum=0.9)
for parameter in toy.parameters():
    parameter.grad = torch.ones_like(parameter)
optimizer.step()
checkpoint = {
    "epoch": 3, "arch": "toy", "best_acc1": torch.tensor(57.5), "loss": np.float64(0.25),
    "args": argparse.Namespace(lr=0.1, resume=None),
    "state_dict": OrderedDict((f"module.{key}", value) for key, value in Toy().state_dict().items()),
    "optimizer": optimizer.state_dict(),
}
save(checkpoint, "torch_checkpoint.pth")
save(checkpoint, "torch_checkpoint_legacy.pth", legacy=True)

# Every type of numbers, scalars and tensors without elements.
values = torch.tensor([[-2, 0, 1], [3, 4, 100]])
unsigned = values.abs()
types = {
    f"{str(kind)[6:]}.weight": (values if kind.is_signed else unsigned).to(kind)
    for kind in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int8, torch.int16,
        torch.int32, torch.int64, torch.uint8, torch.uint16, torch.uint32, torch.uint64)
}
types["bool.weight"] = torch.tensor([[True, False, True]])
types["scalar.weight"] = torch.tensor(1.5)
types["empty.weight"] = torch.zeros(0, 3)
save(types, "torch_types.pth")
safetensors.torch.save_file(types, os.path.join(folder, "types.safetensors"))

# What is not read.
torch.manual_seed(1)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for legacy in (False, True):
        save(torch.nn.Sequential(torch.nn.Linear(2, 1)),
             f"torch_module_{'legacy' if legacy else 'zip'}.pth", legacy)
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), os.path.join(folder, "torchscript.pt"))
    save({"a.weight": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)},
         "torch_quantized.pth")
save({"a.weight": torch.ones(2, dtype=torch.complex64)}, "torch_complex.pth")
save({"a.weight": torch.ones(1).expand(1000)}, "torch_expanded.pth")
safetensors.torch.save_file(
    {"a.weight": torch.ones(2).to(torch.float8_e4m3fn)}, os.path.join(folder, "float8.safetensors"))
save({"a.weight": torch.ones(2).to(torch.float8_e4m3fn)}, "torch_float8.pth")
np.savez(os.path.join(folder, "arrays.npz"), weight=np.float32([1, 2]))
