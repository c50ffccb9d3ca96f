"""Makes the damaged, hostile and unsupported ONNX models of Tests/Fixtures/onnx/hostile.

    pip install numpy==2.4.6 onnx==1.23.2
    python Tools/reference/onnx_hostile.py Tests/Fixtures/onnx/hostile
"""

import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
KERNEL = (np.arange(12, dtype=np.float32) / 8).reshape(4, 3, 1, 1)


def tensor(name, values):
    return numpy_helper.from_array(np.asarray(values), name)


def node(operation, inputs, outputs, name=None, **attributes):
    return helper.make_node(operation, inputs, outputs, name=name or operation.lower(), **attributes)


CONV = node("Conv", ["x", "kernel"], ["features"])


def model(nodes, initializers=(), sides=(1, 3, 4, 4), opset=13, output=None, inputs=None):
    graph = helper.make_graph(
        nodes, "hostile",
        inputs or [helper.make_tensor_value_info("x", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info(output or nodes[-1].output[0], TensorProto.FLOAT, None)],
        [tensor("kernel", KERNEL), *initializers])
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="preimage")


def write(name, made):
    with open(os.path.join(folder, name + ".onnx"), "wb") as file:
        file.write(made.SerializeToString())


def spoiled(name, spoil):
    """The plain model with its kernel's tensor changed."""
    made = model([CONV])
    spoil(made.graph.initializer[0])
    write(name, made)


def external(tensor, **entries):
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


# The graph.
write("cycle", model([CONV, node("Add", ["features", "b"], ["a"]), node("Relu", ["a"], ["b"])]))
write("missing", model([CONV, node("Add", ["features", "nowhere"], ["y"])]))
write("twice", model([CONV, node("Relu", ["features"], ["features"])]))
write("two_kernels", model([CONV], [tensor("kernel", KERNEL)]))
write("unsupported", model([CONV, node("GridSample", ["features", "features"], ["y"], name="sampler")]))
write("foreign", model([CONV, node("FusedConv", ["features"], ["y"], domain="com.microsoft")]))
write("nameless", model([CONV, helper.make_node("Einsum", ["features"], ["y"])]))
write("no_input", model([CONV], inputs=[helper.make_tensor_value_info("kernel", TensorProto.FLOAT, None)]))
write("two_inputs", model([CONV], inputs=[
    helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 4, 4]) for name in ["x", "z"]]))
write("grey", model([CONV], sides=(1, 1, 4, 4)))
write("oblong", model([CONV], sides=(1, 3, 4, 6)))
write("huge_picture", model([CONV], sides=(1, 3, 2**40, 2**40)))
write("negative_picture", model([CONV], sides=(1, 3, -4, -4)))
write("old", model([CONV], opset=6))
write("future", model([CONV], opset=99))
write("no_weights", model([node("Relu", ["x"], ["y"])]))
write("no_output", model([CONV], output="kernel"))
doubling = [CONV] + [
    node("Concat", [previous, previous], [f"c{i}"], name=f"concat{i}", axis=1)
    for i, previous in enumerate(["features"] + [f"c{i}" for i in range(60)])]
write("doubling", model(doubling))
write("huge_pads", model([node("Conv", ["x", "kernel"], ["features"], pads=[2**62] * 4)]))
write("growing_pads", model([CONV] + [
    node("Pad", [previous, "pads"], [f"p{i}"], name=f"pad{i}")
    for i, previous in enumerate(["features"] + [f"p{i}" for i in range(20)])],
    [tensor("pads", np.int64([0, 0, 4096, 4096, 0, 0, 4096, 4096]))]))
write("many_groups", model([node("Conv", ["x", "kernel"], ["features"], group=2**62)]))
write("no_stride", model([node("Conv", ["x", "kernel"], ["features"], strides=[0, 0])]))
write("dilated", model([node("Conv", ["x", "kernel"], ["features"], dilations=[2, 2])]))
write("strides", model([node("Conv", ["x", "kernel"], ["features"], strides=[1, 2])]))
write("too_small", model(
    [CONV, node("MaxPool", ["features"], ["y"], kernel_shape=[9, 9])]))
write("channels", model([CONV, node("Conv", ["features", "kernel"], ["y"], name="second")]))
write("reshape", model(
    [CONV, node("Reshape", ["features", "shape"], ["y"])], [tensor("shape", np.int64([2, 2, 4, 4]))]))
write("reshape_overflow", model(
    [CONV, node("Reshape", ["features", "shape"], ["y"])],
    [tensor("shape", np.int64([-1, 2**62, 2**62]))]))
write("zeros", model(
    [node("ConstantOfShape", ["shape"], ["many"]), CONV], [tensor("shape", np.int64([2**31, 2**31]))]))
write("nan_scale", model([CONV, node("Mul", ["features", "scale"], ["y"])],
                         [tensor("scale", np.float32(np.nan))]))
write("nan_attribute", model([CONV, node("LeakyRelu", ["features"], ["y"], alpha=float("nan"))]))
write("repeated", model(
    [node("ConstantOfShape", ["shape"], ["many"]), node("ConstantOfShape", ["sides"], ["table"]),
     node("Gather", ["table", "many"], ["more"]), CONV],
    [tensor("shape", np.int64([65536])), tensor("sides", np.int64([2, 32768]))]))
write("joined", model(
    [node("ConstantOfShape", ["shape"], ["many"]), node("Concat", ["many"] * 300, ["more"], axis=0), CONV],
    [tensor("shape", np.int64([65536]))]))
nested = helper.make_graph([node("Relu", ["a"], ["b"])], "g", [], [])
for _ in range(25):
    nested = helper.make_graph([node("If", ["a"], ["b"], then_branch=nested)], "g", [], [])
write("nested", model([CONV, node("If", ["features"], ["y"], then_branch=nested)]))

# Its tensors.
spoiled("short_raw", lambda t: setattr(t, "raw_data", t.raw_data[:-4]))
spoiled("long_raw", lambda t: setattr(t, "raw_data", t.raw_data + b"\0\0\0\0"))


def negative(t):
    t.dims[0] = -4


def overflowing(t):
    t.dims[:] = [2**62, 2**62, 3, 2**62]


def not_finite(t):
    t.raw_data = t.raw_data[:8] + np.float32(np.nan).tobytes() + t.raw_data[12:]


def scattered(t):
    t.ClearField("raw_data")
    t.float_data.extend([1.0] * 11)


spoiled("negative", negative)
spoiled("overflow", overflowing)
spoiled("nan", not_finite)
spoiled("few_floats", scattered)
spoiled("text", lambda t: t.CopyFrom(helper.make_tensor("kernel", TensorProto.STRING, [12], [b"a"] * 12)))
spoiled("outside_up", lambda t: external(t, location="../nan.onnx"))
spoiled("outside_root", lambda t: external(t, location="/etc/passwd"))
spoiled("outside_link", lambda t: external(t, location="link"))
spoiled("outside_absent", lambda t: external(t, location="absent.data"))
spoiled("outside_nowhere", lambda t: external(t))
spoiled("outside_beyond", lambda t: external(t, location="nan.onnx", offset=str(2**63), length="48"))
spoiled("outside_length", lambda t: external(t, location="nan.onnx", offset="0", length="many"))
spoiled("outside_short", lambda t: external(t, location="nan.onnx", offset="0", length="44"))
