"""The toy network whose weights the scripts beside this one write in the formats that weights come in.

It has a convolution `conv1_1` (4, 3, 3, 3), a convolution `fire2/squeeze1x1` (2, 4, 1, 1) and a dense layer
`fc6` (5, 12) over features of 2 channels, 2 rows and 3 columns.
"""

import numpy as np


def numbers(shape, seed):
    """Element i is ((i * 37 + seed) % 64 - 32) / 64, which half precision holds exactly."""
    index = np.arange(np.prod(shape), dtype=np.int64)
    return (((index * 37 + seed) % 64 - 32) / 64).astype(np.float32).reshape(shape)


NET = {
    "conv1_1": (numbers((4, 3, 3, 3), 1), numbers((4,), 2)),
    "fire2/squeeze1x1": (numbers((2, 4, 1, 1), 3), numbers((2,), 4)),
    "fc6": (numbers((5, 12), 5), numbers((5,), 6)),
}


def keras(weight):
    """(kh, kw, in, out), and dense rows in the order H, W, C."""
    if weight.ndim == 4:
        return weight.transpose(2, 3, 1, 0)
    return weight.reshape(5, 2, 2, 3).transpose(0, 2, 3, 1).reshape(5, 12).T
