"""WebP, GIF and BMP."""

import struct

import numpy as np
from PIL import Image

from zoo.reference.images.pictures import exif_of, picture, put, saved, xmp_of


def make_others():
    width, height = 33, 22
    rgb = Image.fromarray(picture(width, height, 2))
    rgba = rgb.copy()
    rgba.putalpha(Image.fromarray((np.mgrid[0:height, 0:width][1] * 255 // (width - 1)).astype(np.uint8)))
    put("lossy.webp", saved(rgb, "WEBP", quality=70))
    put("lossy-alpha.webp", saved(rgba, "WEBP", quality=70))
    put("lossless.webp", saved(rgb, "WEBP", lossless=True))
    put("lossless-alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True))
    put("animated.webp", saved(rgb, "WEBP", lossless=True, save_all=True, append_images=[rgb.rotate(180)]))
    put(
        "animated-alpha.webp", saved(rgba, "WEBP", quality=60, save_all=True, append_images=[rgb.rotate(180)])
    )
    for orientation in (3, 6):
        put(f"orientation-{orientation}.webp", saved(rgb, "WEBP", lossless=True, exif=exif_of(orientation)))
    put("orientation-6-xmp.webp", saved(rgb, "WEBP", lossless=True, xmp=xmp_of(6)))
    few = rgb.quantize(40)
    put("palette.gif", saved(few, "GIF"))
    put("interlaced.gif", saved(few, "GIF", interlace=True))
    put("grey.gif", saved(rgb.convert("L"), "GIF"))
    put("transparent.gif", saved(few, "GIF", transparency=int(few.getpixel((width - 5, height - 5)))))
    put("animated.gif", saved(few, "GIF", save_all=True, append_images=[few.rotate(180)], loop=0))
    put("black-and-white.gif", saved(rgb.convert("1"), "GIF"))
    put("part-of-canvas.gif", on_another_canvas(saved(few, "GIF"), 7, 5))
    clear = int(few.getpixel((width - 5, height - 5)))
    put("part-of-canvas-transparent.gif", on_another_canvas(saved(few, "GIF", transparency=clear), 7, 5))
    put("beyond-canvas.gif", on_another_canvas(saved(few, "GIF"), -6, -4))
    put("beyond-canvas-below.gif", on_another_canvas(saved(few, "GIF"), 7, -4))
    put("1.bmp", saved(rgb.convert("1"), "BMP"))
    put("8-palette.bmp", saved(few, "BMP"))
    put("8-grey.bmp", saved(rgb.convert("L"), "BMP"))
    put("24.bmp", saved(rgb, "BMP"))
    put("32.bmp", saved(rgba, "BMP"))
    four = np.asarray(rgb.quantize(16))
    put("4-palette.bmp", bmp_of_4_bits(four, bytes(rgb.quantize(16).getpalette()[:48])))
    put("24-top-down.bmp", top_down(saved(rgb, "BMP")))


def on_another_canvas(data, wider, higher):
    """A GIF's canvas made wider and higher, or less so, its first frame moved away from the corner."""
    out = bytearray(data)
    width, height = struct.unpack("<HH", data[6:10])
    out[6:10] = struct.pack("<HH", width + wider, height + higher)
    at = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    while data[at] == 0x21:
        at += 2
        while data[at] > 0:
            at += 1 + data[at]
        at += 1
    assert data[at] == 0x2C
    out[at + 1 : at + 5] = struct.pack("<HH", 3, 2)
    return bytes(out)


def bmp_of_4_bits(index, palette):
    height, width = index.shape
    stride = (width * 4 + 31) // 32 * 4
    rows = b""
    for row in index[::-1]:
        even = np.concatenate([row, np.zeros(len(row) % 2, np.uint8)])
        rows += ((even[::2] << 4) | even[1::2]).astype(np.uint8).tobytes().ljust(stride, b"\0")
    table = b"".join(palette[i + 2 : i - 1 if i else None : -1] + b"\0" for i in range(0, 48, 3))
    offset = 54 + len(table)
    head = b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 4, 0, len(rows), 2835, 2835, 16, 0)
    return head + info + table + rows


def top_down(data):
    offset = struct.unpack("<I", data[10:14])[0]
    width, height = struct.unpack("<ii", data[18:26])
    stride = (width * 24 + 31) // 32 * 4
    rows = [data[offset + y * stride : offset + (y + 1) * stride] for y in range(height)]
    return data[:22] + struct.pack("<i", -height) + data[26:offset] + b"".join(reversed(rows))
