"""Makes the golden data of the priors' networks: results of their blocks, gradients of their parameters,
and losses of Adam, by PyTorch in double precision.

    pip install torch==2.15.0 numpy==2.4.6
    python Tools/reference/network_goldens.py Tests/Fixtures/golden

The networks are those of DmitryUlyanov/deep-image-prior (models/skip.py, resnet.py, unet.py and
common.py) and of reinhardh/supplement_deep_decoder (decodernw in include/decoder.py), with names for
their blocks. The loss is the mean squared error to a hashed picture.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from golden import GoldenFile, hashed
from operation_goldens import centre, pad, shrink


@dataclass
class Network:
    down: list
    up: list
    skip: list
    down_kernels: list
    up_kernels: list
    downsampling: str = "stride"
    upsampling: str = "bilinear"
    border: str = "reflection"
    activation: str = "leakyReLU"
    skip_kernel: int = 1
    mixes: bool = True
    bias: bool = True
    sigmoid: bool = True


ACTIVATIONS = {
    "leakyReLU": lambda x: F.leaky_relu(x, 0.2),
    "swish": lambda x: x * torch.sigmoid(x),
    "elu": F.elu,
    "none": lambda x: x,
}
HALVINGS = {
    "average": lambda x: F.avg_pool2d(x, 2),
    "maximum": lambda x: F.max_pool2d(x, 2),
    "lanczos2": lambda x: shrink(x, 2, "lanczos2"),
    "lanczos3": lambda x: shrink(x, 2, "lanczos3"),
}


class Run:
    """One forward pass; parameters are made from their names when first met, and kept."""

    def __init__(self, case, network, parameters=None):
        self.case, self.network = case, network
        self.parameters = {} if parameters is None else parameters
        self.blocks = {}

    def parameter(self, name, shape, low, high):
        if name not in self.parameters:
            value = hashed(f"{self.case}.{name}", shape, low, high)
            self.parameters[name] = value.requires_grad_()
        return self.parameters[name]

    def convolve(self, x, name, channels, kernel, stride=1):
        bound = (x.shape[1] * kernel * kernel) ** -0.5
        weight = self.parameter(
            f"{name}.conv.weight", [channels, x.shape[1], kernel, kernel], -bound, bound)
        bias = None
        if self.network.bias:
            bias = self.parameter(f"{name}.conv.bias", [channels], -bound, bound)
        return F.conv2d(pad(x, (kernel - 1) // 2, self.network.border), weight, bias, stride)

    def normalize(self, x, name):
        weight = self.parameter(f"{name}.norm.weight", [x.shape[1]], 0.5, 1.5)
        bias = self.parameter(f"{name}.norm.bias", [x.shape[1]], -0.1, 0.1)
        return F.batch_norm(x, None, None, weight, bias, training=True, eps=1e-5)

    def block(self, x, name, channels, kernel, downsampling=None):
        x = self.convolve(x, name, channels, kernel, 2 if downsampling == "stride" else 1)
        if downsampling not in [None, "stride"]:
            x = HALVINGS[downsampling](x)
        self.blocks[name] = ACTIVATIONS[self.network.activation](self.normalize(x, name))
        return self.blocks[name]

    def scale(self, i, x):
        net, name = self.network, f"scale{i}"
        branches = []
        if net.skip[i]:
            branches.append(self.block(x, f"{name}.skip", net.skip[i], net.skip_kernel))
        x = self.block(x, f"{name}.down", net.down[i], net.down_kernels[i], net.downsampling)
        x = self.block(x, f"{name}.deeper", net.down[i], net.down_kernels[i])
        if i + 1 < len(net.down):
            x = self.scale(i + 1, x)
        corners = {"align_corners": False} if net.upsampling == "bilinear" else {}
        x = F.interpolate(x, scale_factor=2, mode=net.upsampling, **corners)
        self.blocks[f"{name}.upsampled"] = x
        branches.append(x)
        height, width = (min(branch.shape[axis] for branch in branches) for axis in (2, 3))
        x = torch.cat([centre(branch, height, width) for branch in branches], dim=1)
        x = self.blocks[f"{name}.join"] = self.normalize(x, f"{name}.join")
        x = self.block(x, f"{name}.up", net.up[i], net.up_kernels[i])
        return self.block(x, f"{name}.mix", net.up[i], 1) if net.mixes else x

    def output(self, x):
        x = self.convolve(self.scale(0, x), "output", 3, 1)
        self.blocks["output"] = torch.sigmoid(x) if self.network.sigmoid else x
        return self.blocks["output"]


class Layers:
    """The layers of the other networks, with parameters made from their names as those of Run."""

    def __init__(self, case):
        self.case, self.parameters, self.blocks = case, {}, {}

    parameter, normalize = Run.parameter, Run.normalize

    def convolve(self, x, name, channels, kernel, border="zero", bias=True):
        bound = (x.shape[1] * kernel * kernel) ** -0.5
        weight = self.parameter(
            f"{name}.conv.weight", [channels, x.shape[1], kernel, kernel], -bound, bound)
        bias = self.parameter(f"{name}.conv.bias", [channels], -bound, bound) if bias else None
        return F.conv2d(pad(x, kernel // 2, border), weight, bias)

    def finish(self, x, kernel=1, border="zero", bias=True):
        x = self.convolve(x, "output", 3, kernel, border, bias)
        self.blocks["output"] = torch.sigmoid(x)
        return self.blocks["output"]


class Decoder(Layers):
    def __init__(self, case, channels, depth):
        super().__init__(case)
        self.channels, self.depth = channels, depth

    def output(self, x):
        for i in range(self.depth + 1):
            name = f"block{i}"
            x = self.convolve(x, name, self.channels, 1, bias=False)
            if i < self.depth:
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = self.blocks[name] = self.normalize(F.relu(x), name)
        return self.finish(x, bias=False)


class ResNet(Layers):
    def __init__(self, case, channels, depth):
        super().__init__(case)
        self.channels, self.depth = channels, depth

    def inner(self, x, name):
        return self.normalize(self.convolve(x, name, self.channels, 3, bias=False), name)

    def output(self, x):
        x = F.leaky_relu(self.convolve(x, "first", self.channels, 3, "reflection"), 0.2)
        self.blocks["first"] = x
        for i in range(self.depth):
            inside = F.leaky_relu(self.inner(x, f"block{i}.first"), 0.2)
            x = self.blocks[f"block{i}"] = x + self.inner(inside, f"block{i}.second")
        x = self.normalize(self.convolve(x, "last", self.channels, 3), "last")
        self.blocks["last"] = x
        return self.finish(x, 3, "reflection")


class UNet(Layers):
    def __init__(self, case, channels, upsampling):
        super().__init__(case)
        self.channels, self.upsampling = channels, upsampling

    def twice(self, x, name, channels, normalizes):
        for position in ["first", "second"]:
            x = self.convolve(x, f"{name}.{position}", channels, 3)
            x = F.relu(F.instance_norm(x) if normalizes else x)
        self.blocks[name] = x
        return x

    def enlarge(self, x, name, channels):
        if self.upsampling != "transposedConvolution":
            corners = {"align_corners": False} if self.upsampling == "bilinear" else {}
            x = F.interpolate(x, scale_factor=2, mode=self.upsampling, **corners)
            return self.convolve(x, name, channels, 3)
        bound = (channels * 16) ** -0.5
        weight = self.parameter(f"{name}.conv.weight", [x.shape[1], channels, 4, 4], -bound, bound)
        bias = self.parameter(f"{name}.conv.bias", [channels], -bound, bound)
        return F.conv_transpose2d(x, weight, bias, 2, 1)

    def output(self, x):
        scales = []
        for i, channels in enumerate(self.channels):
            x = self.twice(F.max_pool2d(x, 2) if i else x, f"down{i}", channels, True)
            scales.append(x)
        for i in reversed(range(len(self.channels) - 1)):
            x = self.enlarge(x, f"up{i}.enlarge", self.channels[i])
            skip = centre(scales[i], x.shape[2], x.shape[3])
            x = self.twice(torch.cat([x, skip], 1), f"up{i}", self.channels[i], False)
        return self.finish(x)


def case(file, name, network, x):
    run = Run(name, network) if isinstance(network, Network) else network
    output = run.output(x)
    target = hashed(f"{name}.target", list(output.shape), 0, 1)
    loss = F.mse_loss(output, target)
    gradients = torch.autograd.grad(loss, list(run.parameters.values()))
    file.add(f"{name}.loss", loss)
    for key, block in run.blocks.items():
        file.add(f"{name}.block {key}", block)
    for key, gradient in zip(run.parameters, gradients):
        file.add(f"{name}.d {key}", gradient)
    count = sum(tensor.numel() for tensor in run.parameters.values())
    print(f"{name}: {count} parameters, output {list(output.shape)}")


def noise(name, channels, height, width):
    return hashed(f"{name}.input", [1, channels, height, width])


STANDARD = Network([128] * 5, [128] * 5, [4] * 5, [3] * 5, [3] * 5)
CHANNELS = [16, 32, 64, 128, 128, 128]
INVERSION = Network(
    CHANNELS, CHANNELS, [4] * 6, [7, 7, 5, 5, 3, 3], [7, 7, 5, 5, 3, 3], "average", "nearest", "zero")
MAXIMIZATION = Network(
    CHANNELS, CHANNELS, [0, 4, 4, 4, 4, 4], [5, 3, 5, 5, 3, 5], [5, 3, 5, 3, 5, 3], "average")


def hourglasses():
    file = GoldenFile("hourglasses", limit=64)
    for label, network, sizes in [
        ("standard", STANDARD, [(64, 64), (69, 75)]),
        ("inversion", INVERSION, [(128, 128), (133, 141)]),
        ("maximization", MAXIMIZATION, [(192, 192), (197, 203)]),
    ]:
        for height, width in sizes:
            for activation in ["leakyReLU", "swish"]:
                name = f"{label} {activation} {height}x{width}"
                case(file, name, replace(network, activation=activation),
                     noise(name, 32, height, width))
    file.write()


def options():
    file = GoldenFile("hourglass_options", limit=64)
    channels = dict(
        down=[6, 8, 10], up=[5, 7, 9], skip=[2, 0, 3], down_kernels=[5, 3, 3], up_kernels=[3, 5, 3])
    for name, changes in {
        "average": dict(downsampling="average", upsampling="nearest", activation="swish",
                        border="zero", mixes=False),
        "maximum": dict(downsampling="maximum", activation="elu", border="replication",
                        skip_kernel=3),
        "lanczos2": dict(downsampling="lanczos2", activation="none", sigmoid=False),
        "lanczos3": dict(downsampling="lanczos3", upsampling="nearest", bias=False),
    }.items():
        case(file, name, Network(**channels, **changes), noise(name, 3, 37, 43))
    rows, columns = torch.meshgrid(
        torch.arange(37) / 36.0, torch.arange(43) / 42.0, indexing="ij")
    grid = torch.stack([columns, rows])[None].float().double()
    without_skips = Network(**(channels | {"skip": [0, 0, 0]}))
    case(file, "meshgrid", without_skips, grid)
    file.write()


def denoising():
    """The losses of the standard network, as it starts, on a hashed picture in hashed noise."""
    file = GoldenFile("denoising")
    side = 128
    picture = F.interpolate(hashed("denoising.picture", [1, 3, 8, 8], 0.1, 0.9), scale_factor=16)
    picture = picture + hashed("denoising.noise", [1, 3, side, side], -0.1, 0.1)
    picture = picture.float().double()
    x = hashed("denoising.input", [1, 32, side, side], 0, 0.1)
    for activation in ["leakyReLU", "swish"]:
        network = replace(STANDARD, activation=activation)
        run = Run("denoising", network)
        run.output(x)
        for name, parameter in run.parameters.items():
            if ".norm." in name:
                parameter.data.fill_(1 if name.endswith("weight") else 0)
        optimizer = torch.optim.Adam(run.parameters.values(), lr=0.01)
        losses = []
        for _ in range(6):
            optimizer.zero_grad()
            loss = F.mse_loss(Run("denoising", network, run.parameters).output(x), picture)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        file.add(activation, torch.stack(losses))
    file.write()


def others():
    file = GoldenFile("other_networks", limit=64)
    for name, network, x in [
        ("decoder", Decoder("decoder", 64, 5), [1, 64, 3, 4]),
        ("shallow decoder", Decoder("shallow decoder", 10, 2), [1, 10, 9, 7]),
        ("resnet", ResNet("resnet", 32, 8), [1, 1, 37, 43]),
        ("small resnet", ResNet("small resnet", 6, 2), [1, 3, 16, 9]),
        ("unet", UNet("unet", [8, 16, 32, 64, 128, 128], "transposedConvolution"), [1, 1, 96, 128]),
        ("unet nearest", UNet("unet nearest", [6, 8, 10], "nearest"), [1, 3, 37, 43]),
        ("unet bilinear", UNet("unet bilinear", [6, 8, 10], "bilinear"), [1, 3, 36, 44]),
    ]:
        case(file, name, network, hashed(f"{name}.input", x))
    file.write()


def spectra():
    """Pictures of Fourier coefficients as lucid writes them (optvis/param/spatial.py and color.py), and of
    phases alone with magnitudes of 1/f."""
    file = GoldenFile("spectra", limit=64)
    root = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0, -0.05], [0.27, -0.09, 0.03]])
    root = root / root.norm(dim=0).max()
    for name, channels, height, width in [
        ("fourier", 3, 12, 16), ("fourier odd", 3, 15, 11), ("fourier grey", 1, 10, 13),
        ("maco", 3, 12, 16), ("maco odd", 3, 15, 11),
    ]:
        columns = width // 2 + 1
        rows = torch.fft.fftfreq(height)[:, None]
        frequencies = torch.sqrt(rows**2 + torch.fft.rfftfreq(width)[None] ** 2)
        magnitudes = 1 / frequencies.clamp(min=1 / max(width, height))
        if name.startswith("fourier"):
            code = hashed(f"{name}.code", [2, channels, height, columns], -0.5, 0.5).requires_grad_()
            scaled = code * magnitudes * (width * height) ** 0.5 / 4
            spectrum = torch.complex(scaled[:1], scaled[1:])
        else:
            # Waves of a deviation of 1, by Parseval.
            times = torch.full([columns], 2.0)
            times[0] = 1
            if width % 2 == 0:
                times[-1] = 1
            energy = (times * magnitudes**2).sum() - magnitudes[0, 0] ** 2
            code = hashed(f"{name}.code", [1, channels, height, columns], -3, 3).requires_grad_()
            spectrum = torch.polar(magnitudes * height * width / energy.sqrt(), code)
        picture = torch.fft.irfft2(spectrum, s=(height, width))
        if channels == 3:
            picture = torch.einsum("ij,njhw->nihw", root, picture)
        picture = torch.sigmoid(picture)
        loss = F.mse_loss(picture, hashed(f"{name}.target", list(picture.shape), 0, 1))
        file.add(f"{name}.picture", picture)
        file.add(f"{name}.d code", torch.autograd.grad(loss, code)[0])
    file.write()


if __name__ == "__main__":
    spectra()
    others()
    hourglasses()
    options()
    denoising()
