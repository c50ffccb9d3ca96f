"""Exports SqueezeNet 1.1, Darknet Tiny and ResNet-18 to ONNX by PyTorch, as a user would, to compare them
with the networks of this package.

    pip install torch==2.15.0 numpy==2.4.6 h5py==3.16.0 safetensors==0.8.0 onnx==1.23.2 onnxscript==0.7.2
    python Tools/reference/onnx_exports.py FOLDER squeezenet1_1.caffemodel.h5 darknet_tiny.safetensors
    PREIMAGE_ONNX_EXPORTS=FOLDER swift test -c release --filter ONNXAgreementTests

ResNet-18 has random weights (seed 0). Each network is exported by both of PyTorch's exporters, and once by
the older with its normalisations as they are; that file names every weight as the network does.
"""

import os
import sys

import h5py
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

folder, squeezenet_weights, darknet_weights = sys.argv[1:]
torch.manual_seed(0)


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze1x1 = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze1x1(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    """Version 1.1 as its authors' Caffe model has it; gives the scores of classes."""

    side = 227

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 2)
        for index, sizes in enumerate([(64, 16, 64), (128, 16, 64), (128, 32, 128), (256, 32, 128),
                                       (256, 48, 192), (384, 48, 192), (384, 64, 256), (512, 64, 256)]):
            self.add_module(f"fire{index + 2}", Fire(*sizes))
        self.conv10 = nn.Conv2d(512, 1000, 1)
        with h5py.File(squeezenet_weights) as file:
            for name, module in self.named_modules():
                if isinstance(module, nn.Conv2d):
                    blobs = file["data/" + name.replace(".", "/")]
                    module.weight.data.copy_(torch.from_numpy(blobs["0"][()]))
                    module.bias.data.copy_(torch.from_numpy(blobs["1"][()]))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.fire3(self.fire2(x)), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.fire5(self.fire4(x)), 3, 2, ceil_mode=True)
        x = F.dropout(self.fire9(self.fire8(self.fire7(self.fire6(x)))), training=False)
        return F.adaptive_avg_pool2d(F.relu(self.conv10(x)), 1).flatten(1)


class Darknet(nn.Module):
    """Darknet Tiny; gives probabilities."""

    side = 224

    def __init__(self):
        super().__init__()
        widths = [3, 16, 32, 16, 128, 16, 128, 32, 256, 32, 256, 64, 512, 64, 512, 128, 1000]
        weights = load_file(darknet_weights)
        for i in range(1, 17):
            kernel = 3 if i in (1, 2) or (i % 2 == 0 and i < 16) else 1
            convolution = nn.Conv2d(widths[i - 1], widths[i], kernel, padding=kernel // 2, bias=i == 16)
            convolution.weight.data.copy_(weights[f"conv{i}.weight"])
            self.add_module(f"conv{i}", convolution)
            if i == 16:
                convolution.bias.data.copy_(weights[f"conv{i}.bias"])
                continue
            norm = nn.BatchNorm2d(widths[i], eps=1e-3)
            for own, theirs in [("weight", "gamma"), ("bias", "beta"), ("running_mean", "moving_mean"),
                                ("running_var", "moving_variance")]:
                getattr(norm, own).data.copy_(weights[f"bn{i}.{theirs}"])
            self.add_module(f"bn{i}", norm)

    def forward(self, x):
        for i in range(1, 16):
            convolution, norm = getattr(self, f"conv{i}"), getattr(self, f"bn{i}")
            x = F.leaky_relu(norm(convolution(x)), 0.1)
            if i in (1, 2, 6, 10):
                x = F.max_pool2d(x, 2, 2)
        return F.softmax(self.conv16(x).mean((2, 3)), dim=1)


class Block(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """ResNet-18 under torchvision's names; gives the scores of classes."""

    side = 224

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for index, channels in enumerate([64, 128, 256, 512]):
            self.add_module(f"layer{index + 1}", nn.Sequential(
                Block(inputs, channels, 1 if index == 0 else 2), Block(channels, channels, 1)))
            inputs = channels
        self.fc = nn.Linear(512, 1000)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)
                module.weight.data.uniform_(0.5, 1.5)
                module.bias.data.normal_(0, 0.1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


for name, make in [("squeezenet1_1", SqueezeNet), ("darknet_tiny", Darknet), ("resnet18", ResNet)]:
    net = make().eval()
    picture = torch.zeros(1, 3, net.side, net.side)
    path = os.path.join(folder, name)
    torch.onnx.export(net, (picture,), path + "_dynamo.onnx", dynamo=True, input_names=["picture"])
    torch.onnx.export(net, (picture,), path + "_legacy.onnx", dynamo=False, input_names=["picture"])
    torch.onnx.export(
        net, (picture,), path + "_unfolded.onnx", dynamo=False, input_names=["picture"],
        do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)
