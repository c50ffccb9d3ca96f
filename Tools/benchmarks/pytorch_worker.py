"""Does the work of `bench worker NAME` in PyTorch and speaks with the driver as it does: answers each
line `run COUNT` of its input by one of JSON, and ends when the input does.

    pip install torch==2.15.0 numpy==2.4.6
    python Tools/benchmarks/pytorch_worker.py hourglass-256 --threads 2 --mode float32

The hourglass is that of DmitryUlyanov/deep-image-prior (skip() of models/skip.py with the settings of
denoising.ipynb and feature_inversion.ipynb), module by module, and an iteration is what the notebooks'
closures compute: noise, both passes, Adam, the average. The classifiers have random weights, which
cost what trained ones do. Of the modes, float32 is how the original runs; bfloat16 is automatic mixed
precision with channels last, the fastest way found where the processor multiplies such numbers.
"""

import argparse
import contextlib
import json
import sys
import time

try:
    import torch
    from torch import nn
except ImportError as error:
    sys.exit(f"{sys.executable} cannot import torch ({error}); install torch and numpy for it")


def convolution(inputs, outputs, kernel, stride, border):
    """A convolution that keeps the size, by the original's own padding module where it mirrors."""
    padding = (kernel - 1) // 2
    if border == "zero":
        return [nn.Conv2d(inputs, outputs, kernel, stride, padding)]
    return [nn.ReflectionPad2d(padding), nn.Conv2d(inputs, outputs, kernel, stride)]


def block(inputs, outputs, kernel, border, stride=1, pool=False):
    layers = convolution(inputs, outputs, kernel, stride, border)
    if pool:
        layers.append(nn.AvgPool2d(2, 2))
    return layers + [nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2, inplace=True)]


class Scale(nn.Module):
    """One scale of the hourglass and, within, all that are coarser."""

    def __init__(self, inputs, channels, kernels, border, pool, upsampling):
        super().__init__()
        own, kernel, skip = channels[0], kernels[0], 4
        self.skip = nn.Sequential(*block(inputs, skip, 1, border))
        self.down = nn.Sequential(
            *block(inputs, own, kernel, border, 1 if pool else 2, pool),
            *block(own, own, kernel, border))
        self.deeper = nn.Identity()
        if channels[1:]:
            self.deeper = Scale(own, channels[1:], kernels[1:], border, pool, upsampling)
        self.enlarge = nn.Upsample(scale_factor=2, mode=upsampling)
        joined = skip + (channels[1] if channels[1:] else own)
        self.up = nn.Sequential(
            nn.BatchNorm2d(joined), *block(joined, own, kernel, border), *block(own, own, 1, border))

    def forward(self, x):
        return self.up(torch.cat([self.skip(x), self.enlarge(self.deeper(self.down(x)))], 1))


def hourglass(channels, kernels, border, pool, upsampling, parameters):
    network = nn.Sequential(
        Scale(32, channels, kernels, border, pool, upsampling),
        *convolution(channels[0], 3, 1, 1, border), nn.Sigmoid())
    count = sum(p.numel() for p in network.parameters())
    assert count == parameters, f"{count} parameters instead of {parameters}"
    return network


class Denoising:
    """denoising.ipynb, of a square picture."""

    def __init__(self, side, place):
        self.network = place(hourglass([128] * 5, [3] * 5, "reflection", False, "bilinear", 2217831))
        self.fixed = place(torch.rand(1, 32, side, side) * 0.1)
        self.noise = torch.empty_like(self.fixed)
        self.picture = place(torch.rand(1, 3, side, side))
        self.average = None
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=0.01)

    def loss(self):
        output = self.network(self.fixed + self.noise.normal_() / 30)
        found = output.detach()
        self.average = found if self.average is None else self.average * 0.99 + found * 0.01
        return nn.functional.mse_loss(output, self.picture)


class Inversion:
    """feature_inversion.ipynb, of a picture of 224×224 pixels and with the network given."""

    def __init__(self, features, place):
        self.network = place(
            hourglass(
                [16, 32, 64, 128, 128, 128], [7, 7, 5, 5, 3, 3], "zero", True, "nearest", 2606763))
        self.fixed = place(torch.rand(1, 32, 256, 256) * 0.1)
        self.features = place(features).requires_grad_(False)
        self.mean = torch.tensor([104.0, 117.0, 123.0]).view(1, 3, 1, 1)
        with torch.no_grad():
            self.target = self.describe(torch.rand(1, 3, 224, 224))
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=0.001)

    def describe(self, picture):
        return self.features(picture.flip(1) * 255 - self.mean)

    def loss(self):
        seen = self.network(self.fixed)[:, :, :224, :224]
        return nn.functional.mse_loss(self.describe(seen), self.target)


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Sequential(nn.Conv2d(inputs, squeeze, 1), nn.ReLU(inplace=True))
        self.narrow = nn.Sequential(nn.Conv2d(squeeze, expand, 1), nn.ReLU(inplace=True))
        self.wide = nn.Sequential(nn.Conv2d(squeeze, expand, 3, padding=1), nn.ReLU(inplace=True))

    def forward(self, x):
        x = self.squeeze(x)
        return torch.cat([self.narrow(x), self.wide(x)], 1)


def squeezenet():
    """SqueezeNet 1.1 to fire4/concat."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(64, 16, 64), Fire(128, 16, 64), nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(128, 32, 128))


def vgg16():
    """VGG-16 to conv3_3."""
    layers, inputs = [], 3
    for channels, depth in ((64, 2), (128, 2), (256, 3)):
        for _ in range(depth):
            layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU(inplace=True)]
            inputs = channels
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers[:-2])


def kept_alive(features):
    """Weights under which no depth dies out."""
    for layer in features.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return features


WORKLOADS = {
    "hourglass-256": lambda place: Denoising(256, place),
    "hourglass-512": lambda place: Denoising(512, place),
    "hourglass-1024": lambda place: Denoising(1024, place),
    "inversion-squeezenet": lambda place: Inversion(kept_alive(squeezenet()), place),
    "inversion-vgg16": lambda place: Inversion(kept_alive(vgg16()), place),
}


def peak_bytes():
    """The most memory that this process has had, where the system tells."""
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def say(**message):
    print(json.dumps(message), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("name", choices=WORKLOADS)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--mode", choices=["float32", "bfloat16"], default="float32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    is_mixed = options.mode == "bfloat16"
    layout = torch.channels_last if is_mixed else torch.contiguous_format
    workload = WORKLOADS[options.name](lambda thing: thing.to(memory_format=layout))

    def iterate():
        workload.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_mixed):
            loss = workload.loss()
        loss.backward()
        workload.optimizer.step()

    say(ready=True, gflop=None, version=f"PyTorch {torch.__version__}")
    for line in sys.stdin:
        command, count = line.split()
        assert command == "run", f"a worker takes lines 'run COUNT', not '{line.strip()}'"
        start = time.perf_counter()
        for _ in range(int(count)):
            iterate()
        say(seconds=time.perf_counter() - start, allocations=None, peakBytes=peak_bytes())


main()
