"""Makes the ONNX models of Tests/Fixtures/onnx, and what onnxruntime computes with them.

    pip install torch==2.15.0 numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 onnxscript==0.7.2
    python Tools/reference/onnx_models.py Tests/Fixtures

Writes onnx/NAME.onnx, one small model a case, and golden/onnx.safetensors with the values that depend on
the picture, `NAME.VALUE`, for the hashed picture `NAME.picture` `[1, 3, side, side]`, as [N, C, H, W]:
vectors [N, K] are [N, K, 1, 1]. Each model begins with a convolution, since a network has weights.
"""

import io
import os
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from golden import GoldenFile, hashed

folder = os.path.join(sys.argv[1], "onnx")
sys.argv[1] = os.path.join(sys.argv[1], "golden")
golden = GoldenFile("onnx", limit=256)


class Model:
    """A graph that grows node by node; `add` gives the name of the node's output."""

    def __init__(self, name, side=8, channels=4, opset=17, sides=None, kernel=1, **options):
        self.name, self.side, self.opset, self.sides = name, side, opset, sides
        self.nodes, self.initializers, self.values = [], [], {}
        self.options = options
        if channels:
            weight = self.weight("w", (channels, 3, kernel, kernel))
            self.last = self.add("Conv", ["x", weight], "features")

    def weight(self, name, shape, low=-1.0, high=1.0):
        values = hashed(f"{self.name}.{name}", shape, low, high).numpy().astype(np.float32)
        return self.constant(name, values)

    def constant(self, name, values, dtype=np.float32):
        self.initializers.append(numpy_helper.from_array(np.array(values, dtype=dtype), name))
        return name

    def integers(self, name, values):
        return self.constant(name, values, np.int64)

    def add(self, operation, inputs, output, name=None, **attributes):
        self.nodes.append(helper.make_node(
            operation, inputs, [output], name=f"{operation}_{len(self.nodes)}" if name is None else name,
            **attributes))
        self.last = output
        return output

    def build(self, outputs=None):
        sides = self.sides if self.sides is not None else [1, 3, self.side, self.side]
        graph = helper.make_graph(
            self.nodes, self.name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, sides)],
            [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)], self.initializers)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8,
            producer_name="preimage")

    def write(self, save=True, compared=None):
        check(self.name, self.build(), self.side, compared=compared,
              is_channels_last=self.options.get("is_channels_last", False))


def check(name, model, side, compared=None, is_channels_last=False, data=None):
    """Writes a model, and what onnxruntime computes for its values."""
    path = os.path.join(folder, name + ".onnx")
    if data is None:
        with open(path, "wb") as file:
            file.write(model.SerializeToString())
    picture = hashed(f"{name}.picture", [1, 3, side, side]).numpy().astype(np.float32)
    if is_channels_last:
        picture = picture.transpose(0, 2, 3, 1)
    every = onnx.ModelProto()
    every.CopyFrom(model)
    known = {output.name for output in every.graph.output}
    for node in every.graph.node:
        for output in node.output:
            if output and output not in known and (compared is None or output in compared):
                every.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        every.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    for value, found in zip(names, session.run(names, {session.get_inputs()[0].name: picture})):
        if compared is not None and value not in compared:
            continue
        if found.ndim == 2:
            found = found[:, :, None, None]
        if found.ndim == 4 and found.shape[0] == 1:
            golden.add(f"{name}.{value}", found)


def convolutions():
    for label, options, shape in [
        ("strided", dict(strides=[2, 2], pads=[1, 1, 1, 1]), (6, 4, 3, 3)),
        ("grouped", dict(group=2, pads=[2, 2, 2, 2]), (6, 2, 5, 5)),
        ("by_channel", dict(group=4, pads=[1, 1, 1, 1]), (4, 1, 3, 3)),
        ("uneven", dict(pads=[0, 1, 2, 0], strides=[2, 2]), (5, 4, 3, 3)),
        ("wide", dict(pads=[0, 1, 0, 1]), (5, 4, 1, 3)),
        ("same_upper", dict(auto_pad="SAME_UPPER", strides=[2, 2]), (5, 4, 3, 3)),
        ("same_lower", dict(auto_pad="SAME_LOWER", strides=[2, 2]), (5, 4, 3, 3)),
        ("valid", dict(auto_pad="VALID", kernel_shape=[3, 3], dilations=[1, 1]), (5, 4, 3, 3)),
    ]:
        model = Model(f"conv_{label}")
        model.add("Conv", ["features", model.weight("kernel", shape), model.weight("bias", shape[:1])],
                  "convolved", **options)
        model.write()


def dense():
    for label, attributes, shape, bias in [
        ("transposed", dict(transB=1), (5, 64), (5,)),
        ("plain", {}, (64, 5), (5,)),
        ("row_bias", dict(transB=1), (5, 64), (1, 5)),
        ("scaled", dict(alpha=0.5, beta=2.0, transB=1), (5, 64), (5,)),
        ("single_bias", dict(), (64, 5), (1,)),
        ("without_bias", dict(alpha=1.5), (64, 5), None),
    ]:
        model = Model(f"gemm_{label}", side=4)
        model.add("Flatten", ["features"], "flat")
        inputs = ["flat", model.weight("matrix", shape)]
        if bias:
            inputs.append(model.weight("bias", bias))
        model.add("Gemm", inputs, "scores", **attributes)
        model.add("Softmax", ["scores"], "probabilities")
        model.write()
    model = Model("matmul", side=4)
    model.add("Reshape", ["features", model.integers("shape", [0, -1])], "flat")
    model.add("MatMul", ["flat", model.weight("matrix", (64, 5))], "product")
    model.add("Add", ["product", model.weight("bias", (5,))], "scores")
    model.add("LogSoftmax", ["scores"], "logarithms", axis=1)
    model.write()
    model = Model("single_class", side=32)
    model.add("GlobalAveragePool", ["features"], "pooled")
    model.add("Flatten", ["pooled"], "flat")
    model.add("Gemm", ["flat", model.weight("matrix", (4, 1)), model.weight("bias", (1,))], "scores")
    model.add("Softmax", ["scores"], "probabilities")
    model.write()
    model = Model("matmul_transposed", side=4)
    model.add("Flatten", ["features"], "flat")
    model.add("Transpose", [model.weight("matrix", (5, 64))], "turned", perm=[1, 0])
    model.add("MatMul", ["flat", "turned"], "scores")
    model.write(compared=["scores"])


def activations():
    for operation, attributes in [
        ("Relu", {}), ("LeakyRelu", {}), ("LeakyRelu", dict(alpha=0.25)), ("Sigmoid", {}),
        ("HardSigmoid", {}), ("HardSigmoid", dict(alpha=1 / 6, beta=0.5)), ("HardSwish", {}),
        ("Identity", {}), ("Dropout", {}), ("Softmax", dict(axis=1)), ("LogSoftmax", dict(axis=-3)),
    ]:
        label = "_".join([operation.lower()] + [f"{value:.2f}" for value in attributes.values()])
        model = Model(label.replace(".", "").replace("-", "m"))
        model.add("Mul", ["features", model.constant("gain", 4)], "wide")
        model.add(operation, ["wide"], "active", **attributes)
        model.write()
    for label, opset, low, high in [
        ("inputs", 17, 0.0, 0.75), ("low", 17, -0.5, None), ("high", 13, None, 0.25),
        ("attributes", 10, 0.0, 0.5),
    ]:
        model = Model(f"clip_{label}", opset=opset)
        if opset < 11:
            model.add("Clip", ["features"], "clipped", min=low, max=high)
        else:
            inputs = ["features", "" if low is None else model.constant("low", low)]
            model.add("Clip", inputs + ([] if high is None else [model.constant("high", high)]), "clipped")
        model.write()
    model = Model("softmax_old", opset=11, side=1, channels=7)
    model.add("Softmax", ["features"], "probabilities")
    model.write()


def windows():
    for operation in ["MaxPool", "AveragePool"]:
        for label, side, options in [
            ("2", 8, dict(kernel_shape=[2, 2], strides=[2, 2])),
            ("3_ceiling", 8, dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
            ("3_padded", 8, dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
            ("3_padded_ceiling", 8,
             dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)),
            ("3_same", 7, dict(kernel_shape=[3, 3], auto_pad="SAME_UPPER")),
        ]:
            model = Model(f"{operation.lower()}_{label}", side=side, opset=19)
            model.add(operation, ["features"], "pooled", **options)
            model.write()
    model = Model("maxpool_uneven")
    model.add("MaxPool", ["features"], "pooled", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
    model.write()
    for label, pads in [("counted", [1, 1, 1, 1]), ("counted_uneven", [0, 1, 1, 0])]:
        model = Model(f"averagepool_{label}")
        model.add("AveragePool", ["features"], "pooled", kernel_shape=[3, 3], strides=[2, 2], pads=pads,
                  count_include_pad=1)
        model.write()
    model = Model("globalaveragepool")
    model.add("GlobalAveragePool", ["features"], "pooled")
    model.write()
    for label, opset, keeps in [("attribute", 13, 1), ("attribute_dropped", 13, 0), ("input", 18, 0)]:
        model = Model(f"reducemean_{label}", opset=opset)
        if opset < 18:
            model.add("ReduceMean", ["features"], "mean", axes=[2, 3], keepdims=keeps)
        else:
            model.add("ReduceMean", ["features", model.integers("axes", [-2, -1])], "mean", keepdims=keeps)
        model.write()
    model = Model("pad", opset=13)
    model.add("Pad", ["features", model.integers("pads", [0, 0, 1, 2, 0, 0, 3, 0]),
                      model.constant("value", 0.5)], "padded")
    model.write()
    model = Model("pad_attribute", opset=10)
    model.add("Pad", ["features"], "padded", pads=[0, 0, 0, 1, 0, 0, 2, 0])
    model.write()


def normalizations():
    model = Model("batchnormalization")
    model.add("BatchNormalization", ["features"] + [
        model.weight(name, (4,), low, 2) for name, low in
        [("scale", -2), ("shift", -2), ("mean", -2), ("variance", 0.5)]], "normal", epsilon=1e-3)
    model.write()
    model = Model("lrn", channels=9)
    model.add("LRN", ["features"], "normal", size=5, alpha=0.5, beta=0.6, bias=2.0)
    model.write()


def arithmetic():
    for operation in ["Add", "Mul", "Sub", "Div"]:
        for label, shape in [("channels", (4, 1, 1)), ("single", ()), ("four_axes", (1, 4, 1, 1))]:
            model = Model(f"{operation.lower()}_{label}")
            model.add(operation, ["features", model.weight("other", shape, 0.5, 2)], "result")
            model.write()
    for operation in ["Add", "Sub", "Mul"]:
        model = Model(f"{operation.lower()}_reversed")
        model.add(operation, [model.weight("other", (4, 1, 1)), "features"], "result")
        model.write()
    for operation in ["Add", "Mul"]:
        model = Model(f"{operation.lower()}_features")
        model.add("Relu", ["features"], "positive")
        model.add(operation, ["positive", "features"], "result")
        model.write()
        model = Model(f"{operation.lower()}_pixel")  # squeeze and excitation
        model.add("GlobalAveragePool", ["features"], "mean")
        model.add("Conv", ["mean", model.weight("squeeze", (4, 4, 1, 1))], "squeezed")
        model.add("Sigmoid", ["squeezed"], "gate")
        model.add(operation, ["gate", "features"], "result")
        model.write()
    model = Model("mul_mask")
    model.add("Conv", ["features", model.weight("one", (1, 4, 1, 1))], "mask")
    model.add("Mul", ["features", "mask"], "result")
    model.write()
    model = Model("concat")
    model.add("Conv", ["features", model.weight("other", (3, 4, 1, 1))], "branch")
    model.add("Concat", ["branch", "features", "branch"], "joined", axis=1)
    model.write()


def shapes():
    # As exporters flatten: Shape, Gather, Unsqueeze, Concat, Reshape.
    model = Model("reshape_computed", side=4, opset=12, sides=["batch", 3, 4, 4])
    model.add("Shape", ["features"], "extents")
    model.add("Gather", ["extents", model.integers("zero", 0)], "count", axis=0)
    model.add("Unsqueeze", ["count"], "counts", axes=[0])
    model.add("Concat", ["counts", model.integers("rest", [-1])], "shape", axis=0)
    model.add("Reshape", ["features", "shape"], "flat")
    model.add("Gemm", ["flat", model.weight("matrix", (64, 5)), model.weight("bias", (5,))], "scores")
    model.write(compared=["features", "flat", "scores"])
    model = Model("reshape_sliced", side=4, opset=13)
    model.add("Shape", ["features"], "extents")
    model.add("Slice", ["extents", model.integers("from", [0]), model.integers("to", [1])], "count")
    model.add("Cast", ["count"], "whole", to=TensorProto.INT64)
    model.add("Concat", ["whole", model.integers("rest", [64, 1, 1])], "shape", axis=0)
    model.add("Reshape", ["features", "shape"], "flat")
    model.write(compared=["flat"])
    # As PyTorch writes F.pad.
    model = Model("pad_computed", opset=13)
    model.add("ConstantOfShape", [model.integers("four", [4])], "zeros",
              value=numpy_helper.from_array(np.array([0], np.int64)))
    model.add("Concat", [model.integers("given", [1, 0, 2, 3]), "zeros"], "all", axis=0)
    model.add("Reshape", ["all", model.integers("pairs", [-1, 2])], "table")
    model.add("Slice", ["table", model.integers("from", [-1]), model.integers("to", [-2**63 + 1]),
                        model.integers("axis", [0]), model.integers("step", [-1])], "reversed")
    model.add("Transpose", ["reversed"], "turned", perm=[1, 0])
    model.add("Reshape", ["turned", model.integers("line", [-1])], "pads")
    model.add("Pad", ["features", "pads"], "padded")
    model.write(compared=["padded"])
    model = Model("squeeze", opset=13)
    model.add("GlobalAveragePool", ["features"], "mean")
    model.add("Squeeze", ["mean", model.integers("last", [3])], "three")
    model.add("Squeeze", ["three", model.integers("third", [2])], "two")
    model.add("Unsqueeze", ["two", model.integers("new", [2, 3])], "four")
    model.add("Add", ["four", "features"], "result")
    model.write(compared=["mean", "two", "four", "result"])
    # torchvision's GoogLeNet takes pictures as Caffe's does.
    for take in ["gather", "slice"]:
        model = Model(f"transform_input_{take}", channels=0, opset=13)
        for index, (scale, shift) in enumerate([(0.458, -0.03), (0.448, -0.088), (0.45, -0.188)]):
            if take == "gather":
                model.add("Gather", ["x", model.integers(f"place{index}", index)], f"plane{index}", axis=1)
                model.add("Unsqueeze", [f"plane{index}", model.integers(f"axis{index}", [1])], f"channel{index}")
            else:
                model.add("Slice", ["x", model.integers(f"from{index}", [index]),
                                    model.integers(f"to{index}", [index + 1]),
                                    model.integers(f"axis{index}", [1])], f"channel{index}")
            model.add("Mul", [f"channel{index}", model.constant(f"scale{index}", scale)], f"scaled{index}")
            model.add("Add", [f"scaled{index}", model.constant(f"shift{index}", shift)], f"moved{index}")
        model.add("Concat", ["moved0", "moved1", "moved2"], "joined", axis=1)
        model.add("Conv", ["joined", model.weight("kernel", (4, 3, 3, 3))], "convolved")
        model.write(compared=["joined", "convolved"])
    model = Model("channels_last", channels=0, sides=[1, 8, 8, 3], is_channels_last=True)
    model.add("Transpose", ["x"], "picture", perm=[0, 3, 1, 2])
    model.add("Conv", ["picture", model.weight("kernel", (4, 3, 3, 3))], "convolved")
    model.add("Transpose", ["convolved"], "last", perm=[0, 2, 3, 1])
    model.add("Mul", ["last", model.weight("scale", (4,))], "scaled")
    model.add("ReduceMean", ["scaled"], "mean", axes=[1, 2], keepdims=0)
    model.write(compared=["convolved", "mean"])


def versions():
    """The same classifier in several versions of the operator set."""
    for opset in [7, 9, 15, 21, 22, 24]:
        model = Model(f"version_{opset}", opset=opset, kernel=3)
        model.add("BatchNormalization", ["features"] + [
            model.weight(name, (4,), low, 2) for name, low in
            [("scale", -2), ("shift", -2), ("mean", -2), ("variance", 0.5)]], "normal")
        model.add("LeakyRelu", ["normal"], "active", alpha=0.125)
        model.add("MaxPool", ["active"], "pooled", kernel_shape=[2, 2], strides=[2, 2])
        model.add("AveragePool", ["pooled"], "averaged", kernel_shape=[3, 3])
        model.add("Dropout", ["averaged"], "kept")
        model.add("Flatten", ["kept"], "flat")
        model.add("Gemm", ["flat", model.weight("matrix", (4, 5)), model.weight("bias", (5,))], "scores")
        model.add("Softmax", ["scores"], "probabilities", axis=1)
        model.write()


def storage():
    """The same numbers as they may be stored."""
    values = hashed("storage.kernel", (4, 3, 2, 2)).numpy().astype(np.float16).astype(np.float32)

    def model(name, tensor):
        graph = helper.make_graph(
            [helper.make_node("Conv", ["x", "kernel"], ["y"], name="conv")], name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 4, 4])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [tensor])
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="preimage")

    flat = values.reshape(-1)
    tensors = {
        "raw": numpy_helper.from_array(values, "kernel"),
        "floats": helper.make_tensor("kernel", TensorProto.FLOAT, values.shape, flat),
        "raw_half": numpy_helper.from_array(values.astype(np.float16), "kernel"),
        "halves": helper.make_tensor("kernel", TensorProto.FLOAT16, values.shape, flat),
        "doubles": helper.make_tensor("kernel", TensorProto.DOUBLE, values.shape, flat),
    }
    for name, tensor in tensors.items():
        path = os.path.join(folder, f"storage_{name}.onnx")
        with open(path, "wb") as file:
            file.write(model("storage", tensor).SerializeToString())
    outside = model("storage", tensors["raw"])
    tensor = outside.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in [("location", "storage.data"), ("offset", "16"), ("length", str(values.nbytes))]:
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    with open(os.path.join(folder, "storage_external.onnx"), "wb") as file:
        file.write(outside.SerializeToString())
    with open(os.path.join(folder, "storage.data"), "wb") as file:
        file.write(b"\0" * 16 + values.tobytes())
    check("storage", model("storage", tensors["raw"]), 4, data=False)


# Whole networks by PyTorch's exporters, with hashed weights.


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = self.squeeze(x).relu()
        return torch.cat([self.expand1x1(x).relu(), self.expand3x3(x).relu()], 1)


class FireNet(nn.Module):
    """A small SqueezeNet."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, stride=2)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.fire2 = Fire(8, 4, 6)
        self.fire3 = Fire(12, 4, 6)
        self.drop = nn.Dropout()
        self.conv10 = nn.Conv2d(12, 10, 1)

    def forward(self, x):
        x = self.pool1(self.conv1(x).relu())
        x = self.conv10(self.drop(self.fire3(self.fire2(x)))).relu()
        return nn.functional.adaptive_avg_pool2d(x, 1).flatten(1)


class Block(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or inputs != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class ResidualNet(nn.Module):
    """A small ResNet."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = Block(8, 8, 1)
        self.layer2 = Block(8, 12, 2)
        self.fc = nn.Linear(12, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(self.maxpool(self.bn1(self.conv1(x)).relu())))
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


class MobileNet(nn.Module):
    """A small MobileNetV3: depthwise convolutions, hard swish, squeeze and excitation, a clip."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.depthwise = nn.Conv2d(8, 8, 5, 1, 2, groups=8)
        self.reduce = nn.Conv2d(8, 4, 1)
        self.expand = nn.Conv2d(4, 8, 1)
        self.project = nn.Conv2d(8, 8, 1)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = nn.functional.hardswish(self.stem(x))
        y = nn.functional.relu6(self.depthwise(x))
        gate = self.expand(self.reduce(y.mean((2, 3), keepdim=True)).relu())
        y = self.project(y * nn.functional.hardsigmoid(gate))
        return self.fc(nn.functional.silu(x + y).mean((2, 3)))


def fill(net, name):
    """Hashed weights, small enough that activations stay near 1."""
    for key, value in net.state_dict().items():
        if value.ndim == 0:
            continue
        if key.endswith("running_var"):
            low, high = 0.5, 1.5
        elif value.ndim == 1 and key.endswith("weight"):
            low, high = 0.5, 1.5
        else:
            high = (3 / max(1, value[0].numel())) ** 0.5 if value.ndim > 1 else 0.25
            low = -high
        value.copy_(hashed(f"{name}.{key}", list(value.shape), low, high).float())
    return net


def networks():
    torch.set_default_dtype(torch.float32)
    for name, make, side in [("fire", FireNet, 35), ("residual", ResidualNet, 32),
                             ("mobile", MobileNet, 24)]:
        net = fill(make().eval(), name)
        picture = torch.zeros(1, 3, side, side)
        for exporter, options in [
            ("dynamo", dict(dynamo=True, opset_version=18, verbose=False)),
            ("legacy", dict(dynamo=False, opset_version=13)),
            # Normalisations stay as they are.
            ("unfolded", dict(dynamo=False, opset_version=13, do_constant_folding=False,
                              training=torch.onnx.TrainingMode.PRESERVE)),
        ]:
            if exporter == "unfolded" and name == "mobile":
                continue
            file = io.BytesIO()
            if exporter == "dynamo":
                torch.onnx.export(net, (picture,), input_names=["picture"], external_data=False,
                                  **options).save(os.path.join(folder, "temporary.onnx"))
                model = onnx.load(os.path.join(folder, "temporary.onnx"))
                os.remove(os.path.join(folder, "temporary.onnx"))
                for node in model.graph.node:  # where the exporting code lies
                    del node.metadata_props[:]
                    node.doc_string = ""
            else:
                torch.onnx.export(net, (picture,), file, input_names=["picture"],
                                  dynamic_axes={"picture": {0: "n", 2: "h", 3: "w"}}, **options)
                model = onnx.load_from_string(file.getvalue())
            del model.metadata_props[:]
            del model.graph.metadata_props[:]
            for values in [model.graph.value_info, model.graph.input, model.graph.output]:
                for value in values:
                    del value.metadata_props[:]
            outputs = [output.name for output in model.graph.output]
            convolutions = [node.output[0] for node in model.graph.node
                            if node.op_type in ("Conv", "Concat", "Add", "Mul", "HardSwish", "Gemm")]
            check(f"{name}_{exporter}", model, side, compared=outputs + convolutions[:6])
    torch.set_default_dtype(torch.float64)


if __name__ == "__main__":
    os.makedirs(folder, exist_ok=True)
    convolutions()
    dense()
    activations()
    windows()
    normalizations()
    arithmetic()
    shapes()
    versions()
    storage()
    networks()
    golden.write()
