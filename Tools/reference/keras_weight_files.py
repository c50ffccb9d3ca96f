"""Makes files of weights of the toy network of toy_network.py by Keras itself, and one in the layout of
convnets-keras, in Tests/Fixtures/weights.

    pip install keras==3.15.1 torch==2.15.0 h5py==3.16.0 numpy
    KERAS_BACKEND=torch python Tools/reference/keras_weight_files.py Tests/Fixtures/weights

`keras3.weights.h5` is what `save_weights` of Keras 3 writes, `keras_model.h5` the older whole-model file of
a compiled and trained model. `convnets_keras.h5` has a first convolution, one of two groups and a dense
layer as heuritech/convnets-keras keeps AlexNet (Keras 1 on Theano cannot be installed any more, so h5py
writes it).
"""

import os
import sys

import h5py
import keras
import numpy as np

from toy_network import NET, keras as as_keras, numbers

folder = sys.argv[1]


model = keras.Sequential([
    keras.layers.Input((2, 3, 3)),
    keras.layers.Conv2D(4, 3, padding="same", name="conv1_1"),
    keras.layers.ReLU(),
    keras.layers.Conv2D(2, 1, name="fire2_squeeze1x1"),
    keras.layers.Flatten(),
    keras.layers.Dense(5, name="fc6"),
])
model.compile("adam", "mse")
model.fit(np.zeros((1, 2, 3, 3)), np.zeros((1, 5)), verbose=0)  # gives the file an optimiser's state
for index, (weight, bias) in zip((0, 2, 4), NET.values()):
    model.layers[index].set_weights([as_keras(weight), bias])
model.save_weights(os.path.join(folder, "keras3.weights.h5"))
model.save(os.path.join(folder, "keras_model.h5"))

with h5py.File(os.path.join(folder, "convnets_keras.h5"), "w") as f:
    second, bias = numbers((4, 2, 3, 3), 3), numbers((4,), 4)
    layers = {
        "conv_1": (numbers((4, 3, 3, 3), 1), numbers((4,), 2)),
        "conv_2_1": (second[:2], bias[:2]),
        "conv_2_2": (second[2:], bias[2:]),
        "dense_1": (numbers((5, 12), 5), numbers((5,), 6)),
    }
    for layer, (weight, bias) in layers.items():
        f[f"{layer}/{layer}_W"] = weight[:, :, ::-1, ::-1] if weight.ndim == 4 else weight.T
        f[f"{layer}/{layer}_b"] = bias
