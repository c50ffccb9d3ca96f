"""Makes the golden data of attributions: Captum's, of the shipped network on the middle of the shipped picture, in
double precision.

    pip install torch==2.15.0 captum==0.9.0 h5py pillow numpy
    python Tools/reference/attribution_goldens.py Tests/Fixtures/golden

The network is that of Sources/PretrainedNets/Architectures/TextureNetwork.swift, its weights those of
weights/textures.h5.
"""

import os

import captum.attr
import h5py
import numpy as np
import torch
import torch.nn as nn
from PIL import Image

from golden import GoldenFile

SHIPPED = os.path.join(os.path.dirname(__file__), "..", "..", "weights")
CLASSES = {"spirals": 4, "rings": 3, "dots": 13}


class Symmetric(nn.Module):
    def forward(self, picture):
        return picture * 2 - 1


def pool():
    return nn.MaxPool2d(3, 2, ceil_mode=True)


NETWORK = nn.Sequential()
for name, layer in {
    "symmetric": Symmetric(),
    "conv1": nn.Conv2d(3, 32, 5, 2, 2), "relu1": nn.ReLU(), "pool1": pool(),
    "conv2": nn.Conv2d(32, 64, 5, 1, 2), "relu2": nn.ReLU(), "pool2": pool(),
    "conv3": nn.Conv2d(64, 128, 3, 1, 1), "relu3": nn.ReLU(),
    "conv4": nn.Conv2d(128, 128, 3, 1, 1), "relu4": nn.ReLU(),
    "conv5": nn.Conv2d(128, 128, 3, 1, 1), "relu5": nn.ReLU(), "pool5": pool(),
    "flatten": nn.Flatten(),
    "fc6": nn.Linear(2048, 256), "relu6": nn.ReLU(),
    "fc7": nn.Linear(256, 128), "relu7": nn.ReLU(), "fc8": nn.Linear(128, 20),
}.items():
    NETWORK.add_module(name, layer)
with h5py.File(os.path.join(SHIPPED, "textures.h5")) as file:
    for name, layer in NETWORK.named_children():
        if name in file["data"]:
            layer.weight.data = torch.from_numpy(file[f"data/{name}/0"][:]).double()
            layer.bias.data = torch.from_numpy(file[f"data/{name}/1"][:]).double()

pixels = np.asarray(Image.open(os.path.join(SHIPPED, "spirals.png")), dtype=np.float32)[64:128, 64:128]
picture = torch.from_numpy((pixels / np.float32(255)).astype(np.float64)).permute(2, 0, 1)[None]
grey = torch.full_like(picture, 0.5)

golden = GoldenFile("attributions")
for name, target in CLASSES.items():
    golden.add(f"{name}.score", NETWORK(picture)[:, target])
    golden.add(
        f"{name}.gradient",
        captum.attr.Saliency(NETWORK).attribute(picture.clone().requires_grad_(), target, abs=False))
    golden.add(
        f"{name}.integrated",
        captum.attr.IntegratedGradients(NETWORK).attribute(
            picture, grey, target, n_steps=20, method="riemann_middle"))
    for layer in ["pool2", "conv5", "relu5"]:
        golden.add(
            f"{name}.gradcam.{layer}",
            captum.attr.LayerGradCam(NETWORK, NETWORK.get_submodule(layer)).attribute(
                picture, target, relu_attributions=True))
    golden.add(
        f"{name}.occlusion",
        captum.attr.Occlusion(NETWORK).attribute(
            picture, sliding_window_shapes=(3, 12, 12), strides=(3, 5, 5), target=target,
            baselines=grey)[:, :1])
golden.write()
