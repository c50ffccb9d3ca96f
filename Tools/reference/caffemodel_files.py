"""Makes the .caffemodel files of Tests/Fixtures/weights: the toy network of toy_network.py as Caffe's
versions write it.

    pip install protobuf==7.36.2 numpy==2.4.6
    python Tools/reference/caffemodel_files.py Tests/Fixtures/weights

The messages are built at run time with the fields of BVLC/caffe's caffe.proto that are written here, more
than are read.
"""

import os
import sys

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from toy_network import NET

folder = sys.argv[1]


F = descriptor_pb2.FieldDescriptorProto
FIELDS = {
    "BlobShape": [("dim", 1, F.TYPE_INT64, True, True)],
    "BlobProto": [
        ("shape", 7, "BlobShape", False, False), ("data", 5, F.TYPE_FLOAT, True, True),
        ("diff", 6, F.TYPE_FLOAT, True, True), ("double_data", 8, F.TYPE_DOUBLE, True, True),
        ("num", 1, F.TYPE_INT32, False, False), ("channels", 2, F.TYPE_INT32, False, False),
        ("height", 3, F.TYPE_INT32, False, False), ("width", 4, F.TYPE_INT32, False, False),
    ],
    "UnpackedBlob": [
        ("shape", 7, "BlobShape", False, False), ("data", 5, F.TYPE_FLOAT, True, False)],
    "LayerParameter": [
        ("name", 1, F.TYPE_STRING, False, False), ("type", 2, F.TYPE_STRING, False, False),
        ("bottom", 3, F.TYPE_STRING, True, False), ("top", 4, F.TYPE_STRING, True, False),
        ("blobs", 7, "BlobProto", True, False)],
    "UnpackedLayer": [
        ("name", 1, F.TYPE_STRING, False, False), ("blobs", 7, "UnpackedBlob", True, False)],
    "V1LayerParameter": [
        ("bottom", 2, F.TYPE_STRING, True, False), ("top", 3, F.TYPE_STRING, True, False),
        ("name", 4, F.TYPE_STRING, False, False), ("type", 5, F.TYPE_INT32, False, False),
        ("blobs", 6, "BlobProto", True, False)],
    "NetParameter": [
        ("name", 1, F.TYPE_STRING, False, False), ("layers", 2, "V1LayerParameter", True, False),
        ("input", 3, F.TYPE_STRING, True, False), ("input_dim", 4, F.TYPE_INT32, True, False),
        ("layer", 100, "LayerParameter", True, False)],
    "UnpackedNet": [("layer", 100, "UnpackedLayer", True, False)],
}
file = descriptor_pb2.FileDescriptorProto(name="toy.proto", package="toy", syntax="proto2")
for message, fields in FIELDS.items():
    descriptor = file.message_type.add(name=message)
    for name, number, kind, is_repeated, is_packed in fields:
        field = descriptor.field.add(
            name=name, number=number, label=F.LABEL_REPEATED if is_repeated else F.LABEL_OPTIONAL)
        if isinstance(kind, str):
            field.type, field.type_name = F.TYPE_MESSAGE, ".toy." + kind
        else:
            field.type = kind
        if is_packed:
            field.options.packed = True
pool = descriptor_pool.DescriptorPool()
pool.Add(file)


def new(message):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("toy." + message))()


def write(name, net):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(net.SerializeToString(deterministic=True))


def fill(blob, values):
    blob.shape.dim.extend(values.shape)
    blob.data.extend(values.reshape(-1))


net = new("NetParameter")  # as Caffe writes it since 2015, with gradients that are not to be read
net.name = "Toy"
net.input.append("data")
net.input_dim.extend([1, 3, 6, 7])
for layer, blobs in NET.items():
    added = net.layer.add(name=layer, type="Convolution" if blobs[0].ndim == 4 else "InnerProduct")
    added.bottom.append("below")
    added.top.append(layer)
    for values in blobs:
        blob = added.blobs.add()
        fill(blob, values)
        blob.diff.extend(-values.reshape(-1))
    if blobs[0].ndim == 4:
        net.layer.add(name=f"relu_{layer}", type="ReLU")
write("toy.caffemodel", net)

old = new("NetParameter")  # until 2015: layers with a number for their type, blobs of four axes
old.name = "Toy"
for layer, blobs in NET.items():
    added = old.layers.add(name=layer, type=4 if blobs[0].ndim == 4 else 14)
    for values in blobs:
        blob = added.blobs.add()
        blob.num, blob.channels, blob.height, blob.width = (1,) * (4 - values.ndim) + values.shape
        blob.data.extend(values.reshape(-1))
write("toy_old.caffemodel", old)

doubles = new("NetParameter")  # without a name
for layer, blobs in NET.items():
    added = doubles.layer.add(name=layer)
    for values in blobs:
        blob = added.blobs.add()
        blob.shape.dim.extend(values.shape)
        blob.double_data.extend(values.astype(np.float64).reshape(-1))
write("toy_doubles.caffemodel", doubles)

unpacked = new("UnpackedNet")  # each number with a tag of its own
for layer, blobs in NET.items():
    added = unpacked.layer.add(name=layer)
    for values in blobs:
        fill(added.blobs.add(), values)
write("toy_unpacked.caffemodel", unpacked)
