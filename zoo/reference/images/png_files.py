"""PNG of every colour type and depth, put together from chunks, and as Pillow writes them."""

import struct
import zlib

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from zoo.reference.images.pictures import exif_of, picture, put, saved, xmp_of

signature = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, depth):
    """Rows of samples (height × values a row) as PNG packs them, each behind filter type 0."""
    out = b""
    for row in samples:
        if depth == 16:
            data = row.astype(">u2").tobytes()
        elif depth == 8:
            data = row.astype(np.uint8).tobytes()
        else:
            bits = ((row[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).ravel()
            data = np.packbits(bits).tobytes()
        out += b"\0" + data
    return out


def filtered(samples):
    """8-bit samples (height × width × channels) with each row behind another filter: None, Sub, Up, Average, Paeth."""
    height, width, channels = samples.shape
    out = b""
    above = np.zeros(width * channels, int)
    for y in range(height):
        row = samples[y].astype(int).ravel()
        left = np.concatenate([np.zeros(channels, int), row[:-channels]])
        corner = np.concatenate([np.zeros(channels, int), above[:-channels]])
        p = left + above - corner
        a, b, c = abs(p - left), abs(p - above), abs(p - corner)
        paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))
        guess = [np.zeros_like(row), left, above, (left + above) // 2, paeth][y % 5]
        out += bytes([y % 5]) + ((row - guess) & 255).astype(np.uint8).tobytes()
        above = row
    return out


adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, depth, colour, *, interlaced=False, chunks=(), every_filter=False):
    """@param samples height × width × channels @param chunks between IHDR and IDAT"""
    height, width, channels = samples.shape
    if interlaced:
        passes = [samples[y0::dy, x0::dx] for x0, y0, dx, dy in adam7]
        data = b"".join(packed(one.reshape(one.shape[0], -1), depth) for one in passes if one.size)
    elif every_filter:
        data = filtered(samples)
    else:
        data = packed(samples.reshape(height, -1), depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return b"".join(
        [signature, chunk(b"IHDR", header), *(chunk(*one) for one in chunks)]
        + [chunk(b"IDAT", zlib.compress(data, 9)), chunk(b"IEND", b"")]
    )


def make_png():
    width, height = 21, 13
    rgb = picture(width, height)
    grey = np.asarray(Image.fromarray(rgb).convert("L"))
    alpha = (np.mgrid[0:height, 0:width][1] * 255 // (width - 1)).astype(np.uint8)
    fine = np.random.default_rng(5).integers(0, 256, (height, width, 4))
    for interlaced in (False, True):
        tail = "-interlaced.png" if interlaced else ".png"
        for depth in (1, 2, 4, 8, 16):
            shade = grey.astype(int) >> (8 - depth) if depth < 16 else grey.astype(int) * 256 + fine[:, :, 0]
            put(f"grey-{depth}{tail}", png(shade[:, :, None], depth, 0, interlaced=interlaced))
            if depth == 16:
                continue
            key = struct.pack(">H", int(shade[height // 2, width // 2]))
            if not interlaced:
                put(f"grey-{depth}-trns.png", png(shade[:, :, None], depth, 0, chunks=[(b"tRNS", key)]))
                if depth == 8:
                    continue
            colours = Image.fromarray(rgb).quantize(2**depth)
            palette = bytes(colours.getpalette()[: 3 * 2**depth])
            index = np.asarray(colours)[:, :, None]
            put(
                f"palette-{depth}{tail}",
                png(index, depth, 3, interlaced=interlaced, chunks=[(b"PLTE", palette)]),
            )
            if not interlaced:
                half = bytes(range(0, 250, 90))[: 2**depth]
                put(
                    f"palette-{depth}-trns.png",
                    png(index, depth, 3, chunks=[(b"PLTE", palette), (b"tRNS", half)]),
                )
        for depth in (8, 16):
            at = (lambda a, i: a) if depth == 8 else (lambda a, i: a.astype(int) * 256 + fine[:, :, i])
            three = np.stack([at(rgb[:, :, i], i) for i in range(3)], 2)
            four = np.concatenate([three, at(alpha, 3)[:, :, None]], 2)
            two = np.stack([at(grey, 0), at(alpha, 3)], 2)
            put(f"rgb-{depth}{tail}", png(three, depth, 2, interlaced=interlaced))
            put(f"rgba-{depth}{tail}", png(four, depth, 6, interlaced=interlaced))
            put(f"grey-alpha-{depth}{tail}", png(two, depth, 4, interlaced=interlaced))
    put("every-filter.png", png(rgb, 8, 2, every_filter=True))
    put("every-filter-grey-alpha.png", png(np.stack([grey, alpha], 2), 8, 4, every_filter=True))
    red = struct.pack(">HHH", 250, 10, 20)
    put("rgb-8-trns.png", png(rgb, 8, 2, chunks=[(b"tRNS", red)]))
    # A palette that a truecolour image only suggests, gamma and a profile that says nothing: no pixel changes.
    put("rgb-8-suggested-palette.png", png(rgb, 8, 2, chunks=[(b"PLTE", bytes(range(30)))]))
    put("rgb-8-gamma.png", png(rgb, 8, 2, chunks=[(b"gAMA", struct.pack(">I", 100000)), (b"sRGB", b"\0")]))
    one = png(np.array([[[250, 10, 20]]]), 8, 2, chunks=[(b"tRNS", struct.pack(">HHH", 1, 2, 3))])
    put("one-pixel-trns.png", one)
    # As Pillow itself writes them.
    image = Image.fromarray(rgb)
    put("pillow-1.png", saved(image.convert("1"), "PNG"))
    put("pillow-palette-16.png", saved(image.quantize(16), "PNG"))
    put("pillow-palette-256.png", saved(image.quantize(200), "PNG"))
    put("pillow-animated.png", saved(image, "PNG", save_all=True, append_images=[image.rotate(180)]))
    for orientation in (3, 6):
        put(f"orientation-{orientation}.png", saved(image, "PNG", exif=exif_of(orientation)))
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", xmp_of(8).decode())
    put("orientation-8-xmp.png", saved(image, "PNG", pnginfo=text))
