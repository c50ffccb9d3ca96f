"""Makes the golden data of the engine's optimisers: losses and parameters of steps by PyTorch in double
precision.

    pip install torch==2.15.0 numpy==2.4.6
    python Tools/reference/optimizer_goldens.py Tests/Fixtures/golden

The problem is a convolution and a hyperbolic tangent that shall give a hashed picture: smooth, and
neither linear nor quadratic. The pre-image descent, which PyTorch lacks, is written here.
"""

import torch
import torch.nn.functional as F

from golden import GoldenFile, hashed

file = GoldenFile("optimizers")

PICTURE = hashed("optimizers.picture", [1, 3, 9, 8])
TARGET = hashed("optimizers.target", [1, 4, 7, 6])


def parameters():
    return [
        hashed("optimizers.weights", [4, 3, 3, 3], -0.5, 0.5).requires_grad_(),
        hashed("optimizers.bias", [4], -0.5, 0.5).requires_grad_(),
    ]


def loss_of(weights, bias, picture=PICTURE):
    return F.mse_loss(torch.tanh(F.conv2d(picture, weights, bias)), TARGET)


def descend(name, make, steps, steepness=1):
    weights, bias = parameters()
    optimizer = make([weights, bias])
    losses = []

    def closure():
        optimizer.zero_grad()
        loss = steepness * loss_of(weights, bias)
        loss.backward()
        return loss.detach()

    for _ in range(steps):
        losses.append(float(optimizer.step(closure)))
    losses.append(float(closure()))
    file.add(f"{name}.losses", torch.tensor(losses))
    file.add(f"{name}.weights", weights)
    file.add(f"{name}.bias", bias)


def descend_to_preimage(steps, rate, momentum, radius):
    """Mahendran and Vedaldi, IJCV 2016: the steps of adaptive gradients, inside balls of pixels."""
    weights, bias = (tensor.detach() for tensor in parameters())
    picture = PICTURE.clone()
    velocity, squares, losses = torch.zeros_like(picture), torch.zeros_like(picture), []
    for _ in range(steps):
        picture.requires_grad_()
        loss = loss_of(weights, bias, picture)
        losses.append(float(loss.detach()))
        (gradient,) = torch.autograd.grad(loss, picture)
        squares = momentum * squares + gradient**2
        velocity = momentum * velocity - gradient / (1 / rate + squares.sqrt())
        picture = (picture + velocity).detach()
        lengths = picture.norm(dim=1, keepdim=True)
        outside = int((lengths > radius).sum())
        picture = picture * (radius / lengths).clamp(max=1)
    assert 0 < outside < lengths.numel()
    losses.append(float(loss_of(weights, bias, picture)))
    file.add("pre-image.losses", torch.tensor(losses))
    file.add("pre-image.picture", picture)


descend("Adam", lambda tensors: torch.optim.Adam(tensors, lr=0.01), 5)
descend("momentum", lambda tensors: torch.optim.SGD(tensors, lr=0.1, momentum=0.9), 10)
# One iteration a step, and no tolerance that would end it early.
descend(
    "L-BFGS", lambda tensors: torch.optim.LBFGS(
        tensors, lr=1, max_iter=1, tolerance_grad=0, tolerance_change=0, history_size=100), 12)
descend(
    "L-BFGS of short memory", lambda tensors: torch.optim.LBFGS(
        tensors, lr=0.5, max_iter=1, tolerance_grad=0, tolerance_change=0, history_size=3), 12)
# The first step is scaled by a ten-millionth.
descend(
    "L-BFGS on a steep slope", lambda tensors: torch.optim.LBFGS(
        tensors, lr=0.5, max_iter=1, tolerance_grad=0, tolerance_change=0), 6, steepness=2**20)
descend_to_preimage(steps=10, rate=2, momentum=0.9, radius=1.25)
file.write()
