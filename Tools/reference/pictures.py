"""Makes Tests/Fixtures/pictures: PNG and JPEG files of every kind, odd and hostile ones, and the
numbers that scikit-image and Pillow compute from two of them.

    pip install numpy==2.4.6 pillow==13.0.0 scikit-image==0.26.0
    python Tools/reference/pictures.py Tests/Fixtures/pictures

The PNG files of kinds/ are written byte by byte: sample c at (x, y) is
(37 x + 101 y + 59 c + x y) mod 2^depth, entry i of a palette is (7 i, 29 i, 83 i) mod 256 and its
alpha 255 - 16 i in the files with transparency. The tests know these rules.
"""

import io
import json
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps
from scipy.ndimage import gaussian_filter
from skimage.color import rgb2lab, rgb2ycbcr
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

folder = sys.argv[1]
for name in ("kinds", "orientation", "jpeg", "hostile", "numbers"):
    os.makedirs(os.path.join(folder, name), exist_ok=True)


def keep(name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


# PNG, byte by byte.

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(rows, depth):
    """Filter type 0 before each row; samples of a row packed into bytes, the first in the high bits."""
    out = b""
    for row in rows:
        bits = "".join(format(int(sample), f"0{depth}b") for sample in row)
        bits += "0" * (-len(bits) % 8)
        out += b"\0" + bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return out


def png(samples, colour, depth, interlaced=False, before=b"", after=b"", size=None):
    """samples is [H, W, C]; before and after are chunks around the data."""
    height, width = size or samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    passes = [samples]
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
    data = b"".join(
        packed(part.reshape(part.shape[0], -1), depth) for part in passes if part.size
    )
    return (
        SIGNATURE + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(data, 9))
        + after + chunk(b"IEND", b"")
    )


def rule(height, width, channels, depth):
    y, x, c = np.mgrid[:height, :width, :channels]
    return (37 * x + 101 * y + 59 * c + x * y) % (1 << depth)


def palette(count):
    entries = np.arange(count)
    return chunk(b"PLTE", bytes((entries[:, None] * [7, 29, 83] % 256).astype(np.uint8).ravel()))


def kinds():
    depths = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    for colour, sizes in depths.items():
        for depth in sizes:
            for interlaced in (False, True):
                samples = rule(9, 11, CHANNELS[colour], depth)
                colours = palette(1 << depth) if colour == 3 else b""
                name = f"kinds/{colour}_{depth}{'_interlaced' if interlaced else ''}"
                keep(name + ".png", png(samples, colour, depth, interlaced, colours))
                # The colour at (3, 2) is the transparent one.
                if colour in (0, 2):
                    key = struct.pack(f">{CHANNELS[colour]}H", *(int(s) for s in samples[2, 3]))
                elif colour == 3:
                    key = bytes(255 - 16 * i for i in range(min(1 << depth, 10)))
                else:
                    continue
                keep(
                    name + "_transparent.png",
                    png(samples, colour, depth, interlaced, colours + chunk(b"tRNS", key)),
                )
    ancillary = (
        chunk(b"gAMA", struct.pack(">I", 10000)) + chunk(b"sRGB", b"\0") + chunk(b"sBIT", b"\1\1\1")
        + chunk(b"bKGD", struct.pack(">3H", 1, 2, 3)) + chunk(b"pHYs", struct.pack(">IIB", 1, 2, 1))
        + chunk(b"tEXt", b"Comment\0none") + chunk(b"prVt", b"unknown")
    )
    keep("kinds/2_8_ancillary.png", png(rule(9, 11, 3, 8), 2, 8, False, ancillary))
    # 16 MiB of nothing in 16 KiB, which need not be unpacked.
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(16 << 20), 9))
    keep("kinds/2_8_text_bomb.png", png(rule(9, 11, 3, 8), 2, 8, False, bomb))


def scene(height, width):
    """A smooth picture without symmetry, which JPEG keeps well."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    red = 0.2 + 0.7 * x
    green = 0.9 - 0.6 * y - 0.2 * x * y
    blue = 0.5 + 0.4 * np.sin(5 * x + 2 * y)
    return Image.fromarray((255 * np.stack([red, green, blue], -1)).round().astype(np.uint8))


def jpeg(image, **options):
    file = io.BytesIO()
    image.save(file, "JPEG", **{"quality": 95, "subsampling": 0, **options})
    return file.getvalue()


# EXIF orientations: stored so that each is shown as the same picture.

STORED = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}


def exif(orientation, order):
    """Three entries in either byte order, the orientation in the middle."""
    mark = b"II" if order == "<" else b"MM"
    entries = struct.pack(order + "HHIHH", 256, 3, 1, 24, 0)
    entries += struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0)
    entries += struct.pack(order + "HHIHH", 296, 3, 1, 2, 0)
    return mark + struct.pack(order + "HIH", 42, 8, 3) + entries + struct.pack(order + "I", 0)


def orientations():
    shown = scene(16, 24)
    keep("orientation/shown.png", png(np.asarray(shown), 2, 8))
    for orientation, method in STORED.items():
        stored = shown if method is None else shown.transpose(method)
        block = exif(orientation, "<" if orientation % 2 else ">")
        data = jpeg(stored, exif=b"Exif\0\0" + block)
        assert ImageOps.exif_transpose(Image.open(io.BytesIO(data))).size == shown.size
        keep(f"orientation/{orientation}.jpg", data)
        where = {"before" if orientation < 5 else "after": chunk(b"eXIf", block)}
        data = png(np.asarray(stored), 2, 8, **where)
        assert np.array_equal(ImageOps.exif_transpose(Image.open(io.BytesIO(data))), shown)
        keep(f"orientation/{orientation}.png", data)
    # Broken blocks are no reason not to show the picture.
    block = b"Exif\0\0" + exif(3, "<")
    keep("orientation/cut.jpg", jpeg(shown, exif=block[:20]))
    keep("orientation/nine.jpg", jpeg(shown, exif=b"Exif\0\0" + exif(9, "<")))
    keep("orientation/astray.jpg", jpeg(shown, exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))


# JPEG of every kind, with Pillow's decoding.


def without_adobe(data):
    """The file without its APP14 segment."""
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0] :]


def jpegs():
    rgb = scene(33, 47)
    cmyk = Image.merge("CMYK", [*rgb.split(), rgb.convert("L").point(lambda v: v // 3)])
    adobe = jpeg(cmyk)
    transform = adobe.index(b"Adobe") + 11
    files = {
        "grey": jpeg(rgb.convert("L")),
        "rgb_444": jpeg(rgb),
        "rgb_420": jpeg(rgb, subsampling=2),
        "progressive": jpeg(rgb, progressive=True),
        "restarts": jpeg(rgb, restart_marker_rows=1),
        "rgb_untransformed": jpeg(rgb, keep_rgb=True),
        "cmyk_adobe": adobe,
        "ycck_adobe": adobe[:transform] + b"\2" + adobe[transform + 1 :],
    }
    for name, data in files.items():
        keep(f"jpeg/{name}.jpg", data)
        image = Image.open(io.BytesIO(data))
        image = np.asarray(image if image.mode == "L" else image.convert("RGB"))
        keep(f"jpeg/{name}.png", png(np.atleast_3d(image), 0 if image.ndim == 2 else 2, 8))
    # Without Adobe's marker the numbers are ink: inverting them all gives the file with the marker.
    inverted = Image.merge("CMYK", [plane.point(lambda v: 255 - v) for plane in cmyk.split()])
    keep("jpeg/cmyk_plain.jpg", without_adobe(jpeg(inverted)))
    # Bytes before a marker are passed over with a warning.
    data = files["rgb_444"]
    at = data.index(b"\xff\xc4")
    keep("jpeg/extraneous.jpg", data[:at] + b"junk" + data[at:])


def hostile():
    keep("hostile/huge.png", png(rule(2, 2, 3, 8), 2, 8, size=(40000, 40000)))
    # The limit itself is refused for want of data, not for its size.
    keep("hostile/limit.png", png(rule(2, 2, 1, 8), 0, 8, size=(8192, 8192)))
    data = jpeg(scene(16, 24))
    at = data.index(b"\xff\xc0") + 5
    keep("hostile/huge.jpg", data[:at] + struct.pack(">HH", 40000, 40000) + data[at + 4 :])


# Numbers of scikit-image and Pillow.


def small_window_ssim(a, b):
    """As scikit-image, with the window of the largest odd side that fits."""
    side = min(11, *a.shape[:2])
    side -= 1 - side % 2
    bell = np.exp(-0.5 * ((np.arange(side) - side // 2) / 1.5) ** 2)
    window = np.outer(bell, bell) / bell.sum() ** 2

    def mean(plane):
        windows = np.lib.stride_tricks.sliding_window_view(plane, (side, side))
        return (windows * window).sum((2, 3))

    means = []
    for x, y in ((a[..., c], b[..., c]) for c in range(a.shape[2])):
        mx, my = mean(x), mean(y)
        vx, vy, vxy = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
        top = (2 * mx * my + 1e-4) * (2 * vxy + 9e-4)
        means.append((top / ((mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4))).mean())
    return float(np.mean(means))


def correlation(a, b):
    """Of arrays that are each about its mean already."""
    return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


def numbers():
    generator = np.random.default_rng(7)
    clean = np.asarray(scene(37, 45)).astype(np.int64)
    clean = clean // 2 + 100 * ((np.mgrid[:37, :45].sum(0) // 6) % 2)[..., None]
    noisy = clean + np.rint(generator.normal(0, 20, clean.shape)).astype(np.int64)
    clean, noisy = (np.clip(p, 0, 255).astype(np.uint8) for p in (clean, noisy))
    keep("numbers/clean.png", png(clean, 2, 8))
    keep("numbers/noisy.png", png(noisy, 2, 8))
    a, b = clean / 255.0, noisy / 255.0
    options = dict(
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1, channel_axis=2
    )
    ssim = float(structural_similarity(a, b, **options))
    assert abs(ssim - small_window_ssim(a, b)) < 1e-12
    lab = [rgb2lab(p) for p in (a, b)]
    chroma = [p[..., 1:] - p[..., 1:].mean((0, 1)) for p in lab]
    # Both let a Gaussian of 2 pixels end after 6, and repeat the edges.
    detail = [p[..., 0] - gaussian_filter(p[..., 0], 2, mode="nearest", truncate=3) for p in lab]
    measured = {
        "colourError": float(np.sqrt(((lab[0] - lab[1])[..., 1:] ** 2).sum(-1).mean())),
        "colourCorrelation": correlation(*chroma),
        "detailCorrelation": float(np.corrcoef(*(p.ravel() for p in detail))[0, 1]),
        "meanSquaredError": float(mean_squared_error(a, b)),
        "psnr": float(peak_signal_noise_ratio(a, b, data_range=1)),
        "ssim": ssim,
        "ssimOfFirstChannel": float(structural_similarity(a[..., :1], b[..., :1], **options)),
        # Cut to 8 rows and 20 columns, and to one row.
        "ssimOfEightRows": small_window_ssim(a[:8, :20], b[:8, :20]),
        "ssimOfOneRow": small_window_ssim(a[:1, :20], b[:1, :20]),
        # Of the luma of BT.601's studio range, without a border of 4.
        "psnrOfLuma": float(
            peak_signal_noise_ratio(
                *(rgb2ycbcr(p)[4:-4, 4:-4, 0] for p in (a, b)), data_range=255
            )
        ),
    }
    # What Pillow makes of 8-bit pictures, and its JPEG of them.
    small = Image.fromarray(noisy).resize((15, 12), Image.Resampling.LANCZOS)
    keep("numbers/shrunk.png", png(np.asarray(small), 2, 8))
    large = Image.fromarray(noisy).resize((50, 48), Image.Resampling.BICUBIC)
    keep("numbers/enlarged.png", png(np.asarray(large), 2, 8))
    for name, image in (("rgb", Image.fromarray(clean)), ("grey", Image.fromarray(clean[..., 0]))):
        saved = np.asarray(Image.open(io.BytesIO(jpeg(image, quality=10, subsampling=2))))
        saved = np.atleast_3d(saved)
        keep(f"numbers/{name}_quality10.png", png(saved, 0 if name == "grey" else 2, 8))
    # Pillow's resampling of floating-point pictures, on 13 rows and 11 columns of the first channel.
    source = Image.fromarray(b[:13, :11, 0].astype(np.float32), mode=None)
    assert source.mode == "F"
    filters = {
        "box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
        "bicubic": Image.Resampling.BICUBIC, "lanczos3": Image.Resampling.LANCZOS,
    }
    resized = []
    for name, method in filters.items():
        for height, width in ((5, 4), (13, 29), (31, 11), (26, 22), (9, 17), (1, 1)):
            values = np.asarray(source.resize((width, height), method)).ravel()
            resized.append(
                dict(filter=name, height=height, width=width, values=[float(f"{v:.8g}") for v in values])
            )
    text = json.dumps({"measured": measured, "resized": resized})
    keep("numbers/numbers.json", text.encode() + b"\n")


kinds()
orientations()
jpegs()
hostile()
numbers()
