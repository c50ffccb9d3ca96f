"""Makes the golden data of the classifiers: the output of every layer and the gradient of the scores to the
picture, by PyTorch in double precision.

    pip install torch==2.15.0 torchvision==0.29.2 numpy==2.4.6
    python Tools/reference/architecture_goldens.py Tests/Fixtures/golden [NUMBERS]

The networks are torchvision's where it has them, and its modules' names are the layers'. Those of Caffe are
written here after the prototxt files of BVLC/caffe (models/bvlc_alexnet, bvlc_reference_caffenet and
bvlc_googlenet), CaffeNet in Keras after heuritech/convnets-keras, and Darknet Tiny after cfg/tiny.cfg of
pjreddie/darknet. Weights and pictures are hashed.

NUMBERS (12) is how many numbers of a layer are kept. With a billion the file holds them all, and the tests
compare every element.
"""

import math
import sys

import torch
import torch.nn.functional as F
import torchvision

from golden import GoldenFile, hashed

IMAGENET = torchvision.models.AlexNet_Weights.IMAGENET1K_V1.transforms()
# Order of the channels, what 0 ... 1 is multiplied by, mean, deviation.
PREPROCESSING = {
    "caffenet": ([2, 1, 0], 255, [104.00699, 116.66877, 122.67891], [1, 1, 1]),
    "squeezenet": ([2, 1, 0], 255, [104, 117, 123], [1, 1, 1]),
    "vgg": ([2, 1, 0], 255, [103.939, 116.779, 123.68], [1, 1, 1]),
    "convnets-keras": ([0, 1, 2], 255, [123.68, 116.779, 103.939], [1, 1, 1]),
    "torchvision": ([0, 1, 2], 1, IMAGENET.mean, IMAGENET.std),
    "plain": ([0, 1, 2], 1, [0, 0, 0], [1, 1, 1]),
    "symmetric": ([0, 1, 2], 2, [1, 1, 1], [1, 1, 1]),
}


def preprocess(picture, name):
    order, scale, mean, deviation = PREPROCESSING[name]
    mean, deviation = (torch.tensor(v).double().view(1, 3, 1, 1) for v in (mean, deviation))
    return (picture[:, order] * scale - mean) / deviation


class Weights:
    """Parameters by the names of layers: kernels keep the size of what they see (He et al., ICCV 2015), and
    biases are a quarter of the picture's numbers.

    The last layer, whose name and gain are given, brings scores to where a softmax tells them apart."""

    def __init__(self, case, unit, last, gain):
        self.case, self.unit, self.last, self.gain = case, unit, last, gain

    def kernel(self, layer, shape):
        bound = math.sqrt(6 / math.prod(shape[1:])) * (self.gain if layer == self.last else 1)
        return hashed(f"{self.case}.{layer}.weight", shape, -bound, bound)

    def bias(self, layer, channels):
        bound = 0.25 * (1 if layer == self.last else self.unit)
        return hashed(f"{self.case}.{layer}.bias", [channels], -bound, bound)

    def normalization(self, layer, channels):
        """Scale, shift, mean and variance."""
        ranges = {"scale": (0.5, 1.5), "shift": (-0.25, 0.25), "mean": (-0.5, 0.5), "variance": (1, 4)}
        return [hashed(f"{self.case}.{layer}.{role}", [channels], low, high)
                for role, (low, high) in ranges.items()]


class Layers:
    """Applies layers by name and keeps what comes out of each."""

    def __init__(self, weights):
        self.weights = weights
        self.outputs = {}

    def keep(self, name, x):
        assert name not in self.outputs, name
        self.outputs[name] = x
        return x

    def conv(self, x, name, channels, kernel, stride=1, pad=0, group=1, bias=True):
        weight = self.weights.kernel(name, [channels, x.shape[1] // group, kernel, kernel])
        bias = self.weights.bias(name, channels) if bias else None
        return self.keep(name, F.conv2d(x, weight, bias, stride, pad, groups=group))

    def dense(self, x, name, channels):
        x = x.flatten(1)
        weight = self.weights.kernel(name, [channels, x.shape[1]])
        x = F.linear(x, weight, self.weights.bias(name, channels))
        return self.keep(name, x[:, :, None, None])

    def relu(self, x, name):
        return self.keep(name, F.relu(x))

    def lrn(self, x, name, alpha=1e-4, k=1):
        return self.keep(name, F.local_response_norm(x, 5, alpha, 0.75, k))

    def max_pool(self, x, name, kernel=3, stride=2, pad=0):
        return self.keep(name, F.max_pool2d(x, kernel, stride, pad, ceil_mode=True))

    def batch_norm(self, x, name, eps):
        scale, shift, mean, variance = self.weights.normalization(name, x.shape[1])
        return self.keep(name, F.batch_norm(x, mean, variance, scale, shift, eps=eps))


def caffe_alexnet(net, x, pools_first, **lrn):
    """AlexNet normalises and pools, CaffeNet pools and normalises."""
    def block(x, i):
        x = net.relu(x, f"relu{i}")
        if pools_first:
            return net.lrn(net.max_pool(x, f"pool{i}"), f"norm{i}", **lrn)
        return net.max_pool(net.lrn(x, f"norm{i}", **lrn), f"pool{i}")
    x = block(net.conv(x, "conv1", 96, 11, stride=4), 1)
    x = block(net.conv(x, "conv2", 256, 5, pad=2, group=2), 2)
    x = net.relu(net.conv(x, "conv3", 384, 3, pad=1), "relu3")
    x = net.relu(net.conv(x, "conv4", 384, 3, pad=1, group=2), "relu4")
    x = net.relu(net.conv(x, "conv5", 256, 3, pad=1, group=2), "relu5")
    x = net.max_pool(x, "pool5")
    x = net.keep("drop6", net.relu(net.dense(x, "fc6", 4096), "relu6"))
    x = net.keep("drop7", net.relu(net.dense(x, "fc7", 4096), "relu7"))
    return net.dense(x, "fc8", 1000)


INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(net, x):
    def unit(x, block, name, channels, kernel, **geometry):
        return net.relu(net.conv(x, f"{block}/{name}", channels, kernel, **geometry),
                        f"{block}/relu_{name.removesuffix('_s2')}")
    x = unit(x, "conv1", "7x7_s2", 64, 7, stride=2, pad=3)
    x = net.lrn(net.max_pool(x, "pool1/3x3_s2"), "pool1/norm1")
    x = unit(x, "conv2", "3x3_reduce", 64, 1)
    x = unit(x, "conv2", "3x3", 192, 3, pad=1)
    x = net.max_pool(net.lrn(x, "conv2/norm2"), "pool2/3x3_s2")
    for number, (ones, reduced3, threes, reduced5, fives, projected) in INCEPTIONS.items():
        block = f"inception_{number}"
        if number == "4a":
            x = net.max_pool(x, "pool3/3x3_s2")
        if number == "5a":
            x = net.max_pool(x, "pool4/3x3_s2")
        branches = [
            unit(x, block, "1x1", ones, 1),
            unit(unit(x, block, "3x3_reduce", reduced3, 1), block, "3x3", threes, 3, pad=1),
            unit(unit(x, block, "5x5_reduce", reduced5, 1), block, "5x5", fives, 5, pad=2),
            unit(net.max_pool(x, f"{block}/pool", stride=1, pad=1), block, "pool_proj", projected, 1),
        ]
        x = net.keep(f"{block}/output", torch.cat(branches, dim=1))
    x = net.keep("pool5/drop_7x7_s1", net.keep("pool5/7x7_s1", F.avg_pool2d(x, 7, 1)))
    return net.dense(x, "loss3/classifier", 1000)


def darknet_tiny(net, x):
    filters = [16, 32, 16, 128, 16, 128, 32, 256, 32, 256, 64, 512, 64, 512, 128, 1000]
    for i, channels in enumerate(filters, start=1):
        kernel = 3 if i in [1, 2, 4, 6, 8, 10, 12, 14] else 1
        x = net.conv(x, f"conv{i}", channels, kernel, pad=kernel // 2, bias=i == 16)
        if i < 16:
            x = net.keep(f"leaky{i}", F.leaky_relu(net.batch_norm(x, f"bn{i}", 1e-3), 0.1))
        if i in [1, 2, 6, 10]:
            x = net.max_pool(x, f"pool{i}", kernel=2)
    return net.keep("avgpool", x.mean((2, 3), keepdim=True))


def textures(net, x):
    """The networks that ship, after Sources/PretrainedNets/Architectures/TextureNetwork.swift."""
    x = net.relu(net.conv(x, "conv1", 32, 5, stride=2, pad=2), "relu1")
    x = net.relu(net.conv(net.max_pool(x, "pool1"), "conv2", 64, 5, pad=2), "relu2")
    x = net.max_pool(x, "pool2")
    for i in [3, 4, 5]:
        x = net.relu(net.conv(x, f"conv{i}", 128, 3, pad=1), f"relu{i}")
    x = net.relu(net.dense(net.max_pool(x, "pool5"), "fc6", 256), "relu6")
    x = net.relu(net.dense(x, "fc7", 128), "relu7")
    return net.dense(x, "fc8", 20)


def from_torchvision(make):
    """A network of torchvision: each module's output, by its name. The rectifier of a residual block runs
    several times: its results are numbered, but the last is the block's, and what goes into that the sum."""

    def run(net, x):
        with torch.device("meta"):
            model = make().eval()
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.ReLU):
                module.inplace = False
            if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
                weight = net.weights.kernel(name, list(module.weight.shape))
                module.weight = torch.nn.Parameter(weight, requires_grad=False)
                if module.bias is not None:
                    bias = net.weights.bias(name, len(module.bias))
                    module.bias = torch.nn.Parameter(bias, requires_grad=False)
            if isinstance(module, torch.nn.BatchNorm2d):
                scale, shift, mean, variance = net.weights.normalization(name, module.num_features)
                module.weight = torch.nn.Parameter(scale, requires_grad=False)
                module.bias = torch.nn.Parameter(shift, requires_grad=False)
                module.running_mean, module.running_var = mean, variance

        modules = dict(model.named_modules())
        calls = {}

        def keep(name):
            block = modules.get(name.removesuffix(".relu"))
            is_in_block = name.endswith(".relu") and isinstance(
                block, (torchvision.models.resnet.BasicBlock, torchvision.models.resnet.Bottleneck))
            rectifiers = 3 if hasattr(block, "conv3") else 2

            def hook(module, inputs, output):
                calls[name] = calls.get(name, 0) + 1
                if isinstance(module, torch.nn.Dropout):
                    # A picture that is already a vector for the dense layer behind it.
                    output = output.reshape(list(net.outputs.values())[-1].shape)
                if not is_in_block:
                    # A block adds its input to what it has in place.
                    net.keep(name, (output if output.dim() == 4 else output[:, :, None, None]).clone())
                elif calls[name] < rectifiers:
                    net.keep(f"{name}{calls[name]}", output)
                else:
                    net.keep(f"{name.removesuffix('.relu')}.add", inputs[0])
            return hook

        for name, module in modules.items():
            # Sequences end as their last modules do; average pooling to the size that is there does nothing.
            is_identity = name == "avgpool" and module.output_size != (1, 1)
            if not isinstance(module, torch.nn.Sequential) and not is_identity and name:
                module.register_forward_hook(keep(name))
        return model(x)[:, :, None, None]
    return run


def padded_squeezenet1_0():
    """The authors' network pads the last convolution."""
    model = torchvision.models.squeezenet1_0()
    model.classifier[1].padding = (1, 1)
    return model


CASES = [
    # Network, family of its files, height, width, preprocessing, network, last layer and its gain.
    ("alexnet", "caffe", 227, 227, "caffenet",
     lambda net, x: caffe_alexnet(net, x, pools_first=False), "fc8", 0.01),
    ("caffenet", "caffe", 227, 227, "caffenet",
     lambda net, x: caffe_alexnet(net, x, pools_first=True), "fc8", 0.01),
    # α is not divided by the window's size.
    ("caffenet", "convnets-keras", 227, 227, "convnets-keras",
     lambda net, x: caffe_alexnet(net, x, pools_first=True, alpha=5e-4, k=2), "fc8", 0.01),
    ("alexnet_torchvision", "torch", 224, 224, "torchvision",
     from_torchvision(torchvision.models.alexnet), "classifier.6", 0.1),
    ("vgg16", "torch", 224, 224, "torchvision",
     from_torchvision(torchvision.models.vgg16), "classifier.6", 0.1),
    ("vgg19", "caffe", 224, 224, "vgg",
     from_torchvision(torchvision.models.vgg19), "classifier.6", 0.01),
    ("squeezenet1_0", "caffe", 91, 107, "squeezenet",
     from_torchvision(padded_squeezenet1_0), "classifier.1", 0.01),
    ("squeezenet1_0", "torch", 96, 83, "torchvision",
     from_torchvision(torchvision.models.squeezenet1_0), "classifier.1", 0.1),
    ("squeezenet1_1", "caffe", 91, 107, "squeezenet",
     from_torchvision(torchvision.models.squeezenet1_1), "classifier.1", 0.01),
    ("googlenet", "caffe", 224, 224, "squeezenet", googlenet, "loss3/classifier", 0.01),
    ("resnet18", "torch", 91, 110, "torchvision",
     from_torchvision(torchvision.models.resnet18), "fc", 1),
    ("resnet50", "torch", 91, 110, "torchvision",
     from_torchvision(torchvision.models.resnet50), "fc", 1),
    ("darknet_tiny", "torch", 75, 90, "plain", darknet_tiny, "conv16", 1),
    ("textures", "caffe", 64, 64, "symmetric", textures, "fc8", 1),
    ("textures_faulty", "caffe", 64, 64, "symmetric", textures, "fc8", 1),
]


if __name__ == "__main__":
    file = GoldenFile("architectures", limit=int(sys.argv[2]) if len(sys.argv) > 2 else 12)
    for name, family, height, width, preprocessing, network, last, gain in CASES:
        case = f"{name} {family}"
        picture = hashed(f"{case}.picture", [1, 3, height, width], 0, 1).requires_grad_()
        # The size of what the network sees.
        unit = 100 if PREPROCESSING[preprocessing][1] == 255 else 1
        net = Layers(Weights(case, unit, last, gain))
        scores = network(net, preprocess(picture, preprocessing))
        is_torchvision = name in ["alexnet_torchvision", "resnet18", "resnet50", "darknet_tiny"]
        net.keep("softmax" if is_torchvision else "prob", scores.softmax(dim=1))
        for layer, output in net.outputs.items():
            file.add(f"{case}.{layer}", output)
        functional = hashed(f"{case}.functional", list(scores.shape))
        gradient, = torch.autograd.grad((scores * functional).sum(), picture)
        file.add(f"{case} d picture", gradient)
        sizes = [float(output.detach().square().mean().sqrt()) for output in net.outputs.values()]
        print(f"{case}: {len(net.outputs)} layers of size {min(sizes[:-1]):.2g} to {max(sizes):.2g}, "
              f"scores of {sizes[-2]:.2g}, gradient of {float(gradient.square().mean().sqrt()):.2g}")
    file.write()
