"""Makes the golden data of the engine's operations: outputs and gradients computed by PyTorch, or by
formulas written here, in double precision.

    pip install torch==2.15.0 numpy==2.4.6
    python Tools/reference/operation_goldens.py Tests/Fixtures/golden

Writes layers, places and scalars.safetensors. The gradients are those of the inner product of the output
with a hashed cotangent. Formulas are those of the papers that the Swift operations name, of Caffe for
pooling and of DmitryUlyanov/deep-image-prior for the filters (models/downsampler.py).
"""

import numpy as np
import torch
import torch.nn.functional as F

from golden import GoldenFile, hashed


def turned(x, scale, angle):
    """By PyTorch's sampling at places that are a scale and an angle about the middle from their own."""
    height, width = x.shape[2:]
    down, right = torch.meshgrid(
        torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    grid = torch.stack([
        (sine * down + cosine * right) * 2 / (width - 1),
        (cosine * down - sine * right) * 2 / (height - 1)], dim=-1)
    return F.grid_sample(
        x, grid.expand(x.shape[0], -1, -1, -1), padding_mode="border", align_corners=True)


def case(file, name, function, inputs, fixed=()):
    """`inputs` maps names to a shape or to (shape, low, high); no gradient is taken for `fixed`."""
    values = {}
    for key, spec in inputs.items():
        shape, *span = spec if isinstance(spec, tuple) else (spec,)
        values[key] = hashed(f"{name}.{key}", shape, *span).requires_grad_(key not in fixed)
    output = function(*values.values())
    cotangent = hashed(f"{name}.cotangent", list(output.shape))
    file.add(f"{name}.output", output)
    wanted = [key for key in inputs if key not in fixed]
    gradients = torch.autograd.grad((output * cotangent).sum(), [values[key] for key in wanted])
    for key, gradient in zip(wanted, gradients):
        file.add(f"{name}.d {key}", gradient)


def pad(x, amount, border):
    if amount == 0 or border == "zero":
        return F.pad(x, [amount] * 4)
    return F.pad(x, [amount] * 4, mode={"reflection": "reflect", "replication": "replicate"}[border])


def convolution(file, name, x, weights, stride=1, padding=0, border="zero", groups=1, bias=True):
    def function(x, w, b=None):
        return F.conv2d(pad(x, padding, border), w, b, stride=stride, groups=groups)

    inputs = {"x": x, "weights": weights}
    if bias:
        inputs["bias"] = [weights[0]]
    case(file, name, function, inputs)


def caffe_pool(x, kind, kernel, stride, padding=0, ceil=False, counts_padding=True):
    """Caffe's PoolingLayer, window by window."""
    extents = []
    for side in x.shape[2:]:
        room = (side + 2 * padding - kernel) / stride
        count = int(np.ceil(room) if ceil else np.floor(room)) + 1
        # Caffe: "If we have padding, ensure that the last pooling starts strictly inside the image".
        if padding and (count - 1) * stride >= side + padding:
            count -= 1
        extents.append(count)
    rows = []
    for i in range(extents[0]):
        row = []
        for j in range(extents[1]):
            (top, bottom), (left, right) = (
                (k * stride - padding, min(k * stride - padding + kernel, side + padding))
                for k, side in zip((i, j), x.shape[2:]))
            area = (bottom - top) * (right - left)
            window = x[:, :, max(top, 0):bottom, max(left, 0):right]
            if kind == "maximum":
                row.append(window.amax(dim=(2, 3)))
            else:
                count = area if counts_padding else window.shape[2] * window.shape[3]
                row.append(window.sum(dim=(2, 3)) / count)
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)


def layers():
    file = GoldenFile("layers")
    convolution(file, "convolution 1x1", [2, 5, 4, 6], [3, 5, 1, 1])
    convolution(file, "convolution 1x1 stride 2", [1, 5, 7, 6], [3, 5, 1, 1], stride=2, bias=False)
    for border in ["zero", "reflection", "replication"]:
        for kernel in [3, 5, 7, 11]:
            for stride in [1, 2, 4]:
                convolution(
                    file, f"convolution {kernel}x{kernel} stride {stride} {border}", [1, 3, 13, 15],
                    [4, 3, kernel, kernel], stride, kernel // 2, border)
    convolution(file, "convolution of AlexNet", [1, 3, 39, 43], [8, 3, 11, 11], stride=4)
    convolution(file, "convolution in groups", [2, 6, 9, 8], [4, 3, 5, 5], padding=2, groups=2)
    convolution(
        file, "convolution by channel", [1, 6, 9, 8], [6, 1, 3, 3], stride=2, padding=1,
        border="reflection", groups=6, bias=False)
    convolution(
        file, "convolution of the hourglass", [1, 32, 37, 45], [96, 32, 3, 3], padding=1,
        border="reflection")
    convolution(
        file, "convolution to the hourglass", [1, 48, 38, 44], [32, 48, 3, 3], 2, 1, "reflection")

    case(file, "transposed convolution", lambda x, w, b: F.conv_transpose2d(x, w, b, 2, 1),
         {"x": [1, 5, 6, 7], "weights": [5, 3, 4, 4], "bias": [3]})
    case(file, "transposed convolution of two", lambda x, w, b: F.conv_transpose2d(x, w, b),
         {"x": [2, 18, 6, 5], "weights": [18, 4, 3, 3], "bias": [4]})

    def normalized(x, scale, shift):
        return F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-5)

    per_channel = {"scale": ([5], 0.5, 1.5), "shift": [5]}
    case(file, "batch normalisation", normalized, {"x": [1, 5, 12, 11], **per_channel})
    case(file, "batch normalisation of two", normalized, {"x": [2, 5, 3, 4], **per_channel})
    case(file, "batch normalisation far from 0", normalized,
         {"x": ([1, 5, 6, 7], 2, 4), **per_channel})
    case(file, "stored batch normalisation",
         lambda x, scale, shift, mean, variance: F.batch_norm(
             x, mean, variance, scale, shift, training=False, eps=1e-5),
         {"x": [2, 5, 6, 7], **per_channel, "mean": [5], "variance": ([5], 0.25, 4)},
         fixed=("mean", "variance"))
    case(file, "leaky ReLU", lambda x: F.leaky_relu(x, 0.2), {"x": [1, 3, 9, 11]})
    for name, function in {"ReLU": F.relu, "ELU": F.elu, "swish": F.silu, "sigmoid": torch.sigmoid,
                           "tanh": torch.tanh}.items():
        case(file, name, function, {"x": ([1, 3, 9, 11], -8, 8)})
    case(file, "clipping", lambda x: x.clamp(-3, 4.5), {"x": ([1, 3, 9, 11], -8, 8)})
    for kind in ["maximum", "average"]:
        for label, x, options in [
            ("2 stride 2", [1, 2, 6, 8], dict(kernel=2, stride=2)),
            ("2 stride 2 odd", [1, 2, 7, 9], dict(kernel=2, stride=2)),
            ("3 stride 2", [2, 2, 8, 9], dict(kernel=3, stride=2)),
            ("3 stride 2 ceiling", [1, 2, 8, 10], dict(kernel=3, stride=2, ceil=True)),
            ("3 stride 1 padded", [1, 2, 5, 6], dict(kernel=3, stride=1, padding=1)),
            ("3 stride 2 padded ceiling", [1, 2, 7, 8],
             dict(kernel=3, stride=2, padding=1, ceil=True)),
            ("2 stride 3 padded ceiling", [1, 2, 6, 8],
             dict(kernel=2, stride=3, padding=1, ceil=True)),
        ]:
            case(file, f"{kind} pooling {label}",
                 lambda x: caffe_pool(x, kind, **options), {"x": x})
    case(file, "average pooling without padding",
         lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), {"x": [1, 2, 7, 8]})
    case(file, "global average pooling", lambda x: x.mean(dim=(2, 3), keepdim=True),
         {"x": [2, 3, 7, 5]})
    case(file, "response normalisation of AlexNet",
         lambda x: F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1),
         {"x": ([2, 12, 4, 5], -200, 200)})
    case(file, "response normalisation divided",
         lambda x: F.local_response_norm(x, 3, alpha=0.5, beta=0.6, k=2), {"x": [1, 7, 4, 5]})
    case(file, "response normalisation undivided",
         lambda x: F.local_response_norm(x, 5, alpha=5 * 0.5, beta=0.75, k=1), {"x": [1, 7, 4, 5]})
    case(file, "fully connected", lambda x, w, b: F.linear(x.flatten(1), w, b)[:, :, None, None],
         {"x": [2, 3, 4, 5], "weights": [7, 60], "bias": [7]})
    case(file, "fully connected large", lambda x, w: F.linear(x.flatten(1), w)[:, :, None, None],
         {"x": [1, 24, 6, 6], "weights": [600, 864]})
    for name, function in {"softmax": F.softmax, "log-softmax": F.log_softmax}.items():
        case(file, name, lambda x: function(x, dim=1), {"x": ([2, 10, 3, 4], -8, 8)})
        case(file, f"{name} of classes", lambda x: function(x, dim=1), {"x": ([1, 1000, 1, 1], -4, 4)})
    file.write()


def centre(x, height, width):
    top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
    return x[:, :, top:top + height, left:left + width]


FILTERS = ["lanczos2", "lanczos3", "bicubic", "gaussian", "box", "lanczos2Centred", "lanczos3Centred",
           "gaussianCentred", "wideGaussianCentred"]


def taps(factor, filter):
    """One axis of the kernels of a whole factor, the original's counted from 1 as there; box is a plain
    average.

    An odd factor has a pixel in the middle of those that become one, so that Lanczos sits on it (and its
    outermost taps are zero); the original puts it half a pixel off.
    """
    if filter == "box":
        return np.full(factor, 1 / factor)
    if filter in ["gaussianCentred", "wideGaussianCentred"]:
        width, sigma = (7, 1 / 2) if filter == "gaussianCentred" else (9, 1 / np.sqrt(2))
        di = (np.arange(1, width + 1) - (width + 1) / 2) / 2
        kernel = np.exp(-di**2 / (2 * sigma**2))
    else:
        support, centred = 3 if "3" in filter else 2, filter.endswith("Centred")
        width = 2 * support * factor + 1
        if centred:
            i = np.arange(1, width + 1)
        else:
            i = np.arange(1, width) + 0.5 if factor % 2 == 0 else np.arange(2, width)
        di = np.abs(i - (width + 1) / 2) / factor
        if filter == "bicubic":
            kernel = cubic(di)
        elif filter == "gaussian":
            kernel = np.exp(-(2 * di)**2 / 2)
        else:
            with np.errstate(invalid="ignore"):
                kernel = (
                    support * np.sin(np.pi * di) * np.sin(np.pi * di / support) / (np.pi * di)**2)
            kernel[di == 0] = 1
    return kernel / kernel.sum()


def cubic(x):
    """Keys' kernel with a = -1/2, x >= 0."""
    return np.where(x < 1, 1.5 * x**3 - 2.5 * x**2 + 1,
                    np.where(x < 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))


def shrink(x, factor, filter):
    kernel = torch.from_numpy(np.outer(taps(factor, filter), taps(factor, filter)))
    size = kernel.shape[0]
    padding = (size - 1) // 2 if filter.endswith("Centred") else (size - factor) // 2
    x = F.pad(x, [padding] * 4, mode="replicate")
    return F.conv2d(
        x, kernel.expand(x.shape[1], 1, size, size), stride=factor, groups=x.shape[1])


def axis(sources, targets, filter):
    """The matrix of one axis of any factor: all pixels far and wide, those outside added to the edges."""
    factor = sources / targets
    matrix = np.zeros((targets, sources))
    far = np.arange(-8 * sources, 9 * sources)
    for i in range(targets):
        di = np.abs(far - (i * factor if filter.endswith("Centred") else (i + 0.5) * factor - 0.5))
        if filter == "box":
            low, high = np.maximum(far, i * factor), np.minimum(far + 1, (i + 1) * factor)
            weights = np.maximum(0, high - low)
        elif filter.startswith("lanczos"):
            support = int(filter[7])
            x = di / factor
            weights = np.where(x < support, np.sinc(x) * np.sinc(x / support), 0)
        elif filter == "bicubic":
            weights = cubic(di / factor)
        elif filter == "gaussian":
            weights = np.where(di < 2 * factor - 1e-9, np.exp(-(2 * di / factor)**2 / 2), 0)
        else:
            reach, sigma = (3.5, 1) if filter == "gaussianCentred" else (4.5, np.sqrt(2))
            weights = np.where(di < reach, np.exp(-di**2 / (2 * sigma**2)), 0)
        np.add.at(matrix[i], far.clip(0, sources - 1), weights / weights.sum())
    return torch.from_numpy(matrix)


def resample(x, height, width, filter):
    return axis(x.shape[2], height, filter) @ x @ axis(x.shape[3], width, filter).T


def places():
    file = GoldenFile("places")

    def joined(*branches):
        height, width = (min(x.shape[axis] for x in branches) for axis in (2, 3))
        return torch.cat([centre(x, height, width) for x in branches], dim=1)

    case(file, "concatenation", joined, {"x": [2, 3, 5, 6], "y": [2, 4, 5, 6]})
    case(file, "concatenation with cuts", joined,
         {"x": [1, 3, 8, 7], "y": [1, 2, 5, 10], "z": [1, 1, 6, 6]})
    case(file, "crop", lambda x: x[:, :, 2:6, 1:8], {"x": [2, 3, 7, 9]})
    case(file, "shift", lambda x: torch.roll(x, (-3, -5), (2, 3)), {"x": [2, 3, 7, 9]})
    case(file, "shift of a part", lambda x: torch.roll(x, (-5, -6), (2, 3))[:, :, :4, :6],
         {"x": [1, 3, 7, 9]})
    for label, x, scale, angle in [("larger", [2, 3, 7, 9], 0.75, -0.5), ("smaller", [1, 2, 6, 5], 1.25, 2)]:
        case(file, f"similarity {label}", lambda x: turned(x, scale, angle), {"x": x})
    for height, width in [(6, 8), (7, 8), (6, 9), (5, 7), (1, 4), (48, 50)]:
        case(file, f"inverse Fourier transform to {height}x{width}",
             lambda x: torch.fft.irfft2(torch.complex(x[:1], x[1:]), s=(height, width)),
             {"x": [2, 3, height, width // 2 + 1]})
    case(file, "phasor", lambda x: torch.cat([torch.cos(x), torch.sin(x)]), {"x": ([1, 3, 5, 4], -4, 4)})
    case(file, "channel flip", lambda x: x.flip(1), {"x": [2, 5, 4, 3]})
    case(file, "padding", lambda x: F.pad(x, (2, 0, 1, 3), value=0.5), {"x": [2, 3, 4, 5]})
    case(file, "selection of channels", lambda x: x[:, 1:3], {"x": [2, 5, 4, 3]})
    case(file, "flattening", lambda x: x.flatten(1)[:, :, None, None], {"x": [2, 3, 4, 5]})
    case(file, "addition", torch.add, {"x": [2, 3, 4, 5], "y": [2, 3, 4, 5]})
    case(file, "addition of a pixel", torch.add, {"x": [2, 3, 4, 5], "y": [2, 3, 1, 1]})
    case(file, "scaling", lambda x: x * 0.375, {"x": [2, 3, 4, 5]})
    shift = torch.tensor([-0.5, 0.25, 2])
    case(file, "affine map", lambda x: x * 1.5 + shift[:, None, None], {"x": [2, 3, 4, 5]})
    case(file, "mask", torch.mul, {"x": [2, 3, 4, 5], "mask": [2, 1, 4, 5]}, fixed=("mask",))
    case(file, "weights", torch.mul, {"x": [2, 3, 4, 5], "mask": [2, 3, 4, 5]}, fixed=("mask",))
    for kind, y in {"": [2, 3, 4, 5], " by a channel": [2, 1, 4, 5], " by a pixel": [2, 3, 1, 1]}.items():
        case(file, f"multiplication{kind}", torch.mul, {"x": [2, 3, 4, 5], "y": y})
    for factor, x in [(2, [2, 3, 5, 6]), (2, [1, 2, 1, 1]), (3, [1, 2, 5, 4]), (8, [1, 1, 3, 4])]:
        label = f"by {factor} of {x[2]}x{x[3]}"
        case(file, f"nearest {label}", lambda x: F.interpolate(x, scale_factor=factor), {"x": x})
        case(file, f"bilinear {label}",
             lambda x: F.interpolate(
                 x, scale_factor=factor, mode="bilinear", align_corners=False), {"x": x})
    for filter in FILTERS:
        for factor, x in [(2, [2, 3, 12, 15]), (3, [1, 2, 18, 16]), (4, [1, 3, 24, 28])]:
            case(file, f"{filter} by {factor}", lambda x: shrink(x, factor, filter), {"x": x})
        for x, height, width in [([1, 2, 20, 17], 8, 11), ([1, 1, 9, 16], 7, 3), ([1, 1, 6, 7], 6, 7)]:
            case(file, f"{filter} to {height}x{width}",
                 lambda x: resample(x, height, width, filter), {"x": x})
    file.write()


def total_variation(x, beta):
    """The sum as it is, whose gradient counts squares below 1e-5 as 1e-5 where beta < 2."""
    down, right = F.pad(x.diff(dim=2), [0, 0, 0, 1]), F.pad(x.diff(dim=3), [0, 1])
    squares = down**2 + right**2
    value = (squares.detach() ** (beta / 2)).sum()
    floored = squares.detach().clamp(min=1e-5) if beta < 2 else squares.detach()
    tangent = (squares * (beta / 2) * floored ** (beta / 2 - 1)).sum()
    return value + tangent - tangent.detach()


def alpha_norm(x, alpha, per_pixel):
    return (x.norm(dim=1) if per_pixel else x.abs()).pow(alpha).sum()


def gram(x):
    n, c, h, w = x.shape
    features = x.reshape(n, c, h * w)
    return (features @ features.transpose(1, 2) / (c * h * w))[:, None]


def scalars():
    file = GoldenFile("scalars")
    pair = {"x": [2, 3, 9, 8], "y": [2, 3, 9, 8]}
    wide = {"x": ([2, 3, 9, 8], -2, 2), "y": [2, 3, 9, 8]}
    case(file, "mean squared error", F.mse_loss, pair)
    case(file, "mean absolute error", F.l1_loss, pair)
    case(file, "smooth absolute error", F.smooth_l1_loss, wide)
    case(file, "inner product", lambda x, y: (x * y).sum(), pair)
    case(file, "cosine similarity", lambda x, y: F.cosine_similarity(x.flatten(), y.flatten(), dim=0), pair)
    case(file, "box sum", lambda x: x[0, 1:3, 2:5, 3:4].sum(), {"x": [2, 4, 6, 7]})
    case(file, "neuron", lambda x: x[0, 3, 0, 0], {"x": [1, 6, 1, 1]})
    for beta in [1, 1.5, 2, 3, 4]:
        case(file, f"total variation {beta:g}", lambda x: total_variation(x, beta), {"x": [2, 3, 9, 8]})
    case(file, "total variation of a smooth picture", lambda x: total_variation(x, 1.5),
         {"x": ([1, 2, 9, 8], 0, 1 / 256)})
    for beta in [1, 2]:
        case(file, f"total variation {beta} of wide pictures", lambda x: total_variation(x, beta),
             {"x": [1, 2, 3, 517]})
    for alpha in [2, 3, 6]:
        for scope, per_pixel in [("of pixels", True), ("of numbers", False)]:
            case(file, f"alpha-norm {alpha} {scope}", lambda x: alpha_norm(x, alpha, per_pixel),
                 {"x": ([2, 3, 9, 8], -1.5, 1.5)})
    case(file, "alpha-norm of wide pictures", lambda x: alpha_norm(x, 6, True), {"x": [1, 3, 2, 259]})
    case(file, "Gram matrix", gram, {"x": [2, 11, 9, 8]})
    file.write()


if __name__ == "__main__":
    layers()
    places()
    scalars()
