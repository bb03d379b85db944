"""Image files of every kind that people bring, with the pixels that Pillow reads from them.

    python -m zoo.reference.images.make

- files/: the images, a few hundred bytes each.
- expected.json: which versions made them; for each file its size as it is shown (turned as its EXIF data says),
  and where its pixels lie.
- pixels.bin: RGB, 8 bits, row by row; equal pictures are stored once.

What is expected is `ImageOps.exif_transpose(Image.open(file))`, laid on white where it is transparent, as RGB.
16 bits a channel: the high byte, where Pillow's own conversion of 16-bit grey would clip at 255.
Pillow writes no PNG of 2 or 4 bits without a palette, none of 16-bit colour and none that is interlaced: those
are put together here from chunks, and Pillow reads them back.
"""

import io
import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, features
from PIL import __version__ as pillow_version
from PIL.PngImagePlugin import PngInfo

here = Path(__file__).parent
files = here / "files"
written = []


def put(name, data):
    (files / name).write_bytes(data)
    written.append(name)


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def picture(width, height, seed=0):
    """Smooth ramps, a patch of noise and edges between saturated colours: RGB, uint8."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack(
        [x * 255 // (width - 1), y * 255 // (height - 1), (x + y) * 255 // (width + height - 2)], 2
    )
    rng = np.random.default_rng(seed)
    rgb[: height // 3, : width // 3] = rng.integers(0, 256, (height // 3, width // 3, 3))
    rgb[height // 2 :, width // 2 :] = [250, 10, 20]
    rgb[height // 2 + 2 : height - 2, width // 2 + 3 : width - 2] = [10, 40, 245]
    rgb[height // 2 + 4 : height - 4, width // 2 + 7 : width - 4] = [20, 240, 30]
    return rgb.astype(np.uint8)


# --- PNG -------------------------------------------------------------------------------------------------------

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


# --- JPEG ------------------------------------------------------------------------------------------------------


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def xmp_of(orientation):
    about = f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/>'
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>{about}</rdf:RDF></x:xmpmeta>'.encode()


def segments(data):
    """(marker, start, end) of what stands before the first scan."""
    at = 2
    while data[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        yield data[at + 1], at, end
        at = end


def patched(data, *, adobe=None, ids=None):
    """The Adobe marker's transform replaced (or, with `False`, the marker left out), and components' ids."""
    out = bytearray(data)
    cut = None
    for marker, start, end in segments(data):
        if marker == 0xEE and data[start + 4 : start + 9] == b"Adobe":
            if adobe is False:
                cut = (start, end)
            elif adobe is not None:
                out[end - 1] = adobe
        if marker in (0xC0, 0xC1, 0xC2) and ids:
            for i, component in enumerate(ids):
                out[start + 10 + 3 * i] = component
    if ids:
        # The scans name the components too.
        at = 2
        old = [
            data[s + 10 + 3 * i]
            for m, s, _ in segments(data)
            if m in (0xC0, 0xC1, 0xC2)
            for i in range(len(ids))
        ]
        while (at := data.find(b"\xff\xda", at)) >= 0:
            for i in range(data[at + 4]):
                out[at + 5 + 2 * i] = ids[old.index(data[at + 5 + 2 * i])]
            at += 2
    if cut:
        del out[cut[0] : cut[1]]
    return bytes(out)


def make_jpeg():
    width, height = 37, 29
    rgb = Image.fromarray(picture(width, height, 1))
    put("grey.jpg", saved(rgb.convert("L"), "JPEG", quality=85))
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        put(f"{name}.jpg", saved(rgb, "JPEG", quality=85, subsampling=subsampling))
        put(
            f"{name}-progressive.jpg",
            saved(rgb, "JPEG", quality=85, subsampling=subsampling, progressive=True),
        )
    put("420-restart.jpg", saved(rgb, "JPEG", quality=75, restart_marker_blocks=2))
    put(
        "444-progressive-restart.jpg",
        saved(rgb, "JPEG", subsampling=0, progressive=True, restart_marker_rows=1),
    )
    put("420-quality-30.jpg", saved(rgb, "JPEG", quality=30))
    put("420-odd.jpg", saved(rgb.crop((3, 2, 20, 35 - 8)), "JPEG", quality=90))
    put("one-pixel.jpg", saved(rgb.crop((0, 0, 1, 1)), "JPEG"))
    own = saved(rgb, "JPEG", quality=90, keep_rgb=True)
    put("rgb.jpg", own)
    put("rgb-by-adobe-alone.jpg", patched(own, adobe=0, ids=[1, 2, 3]))
    put("rgb-by-ids-alone.jpg", patched(own, adobe=False))
    put("ycc-by-adobe.jpg", patched(own, adobe=1, ids=[1, 2, 3]))
    put("ycc-without-jfif-and-adobe.jpg", patched(own, adobe=False, ids=[1, 2, 3]))
    ink = np.asarray(rgb.convert("CMYK")).copy()
    ink[:, :, 3] = np.mgrid[0:height, 0:width][1] * 180 // width
    cmyk = saved(Image.fromarray(ink, "CMYK"), "JPEG", quality=90)
    put("cmyk.jpg", cmyk)
    put("cmyk-progressive.jpg", saved(Image.fromarray(ink, "CMYK"), "JPEG", quality=90, progressive=True))
    put("cmyk-without-adobe.jpg", patched(cmyk, adobe=False))
    put("ycck.jpg", patched(cmyk, adobe=2))
    # Pillow halves the last three channels: as CMYK and, read as YCCK, luminance whole and chroma and black half.
    half = saved(Image.fromarray(ink, "CMYK"), "JPEG", quality=90, subsampling=2)
    put("cmyk-420.jpg", half)
    put("ycck-420.jpg", patched(half, adobe=2))
    half = saved(
        Image.fromarray(ink, "CMYK"), "JPEG", subsampling=1, progressive=True, restart_marker_blocks=2
    )
    put("ycck-422-progressive-restart.jpg", patched(half, adobe=2))
    put(
        "ycck-restart.jpg",
        patched(saved(Image.fromarray(ink, "CMYK"), "JPEG", restart_marker_blocks=3), adobe=2),
    )
    put(
        "ycck-progressive.jpg",
        patched(saved(Image.fromarray(ink, "CMYK"), "JPEG", quality=90, progressive=True), adobe=2),
    )
    small = rgb.crop((10, 4, 34, 22))
    for orientation in range(1, 9):
        data = saved(small, "JPEG", quality=90, subsampling=0, exif=exif_of(orientation))
        put(f"orientation-{orientation}.jpg", data)
    put("orientation-6-xmp.jpg", saved(small, "JPEG", quality=90, xmp=xmp_of(6)))
    both = saved(small, "JPEG", quality=90, exif=exif_of(3), xmp=xmp_of(6))
    put("orientation-3-before-xmp.jpg", both)
    big_endian = exif_of(6)
    big_endian.endian = ">"
    put("orientation-6-big-endian.jpg", saved(small, "JPEG", quality=90, exif=big_endian.tobytes()))
    put("orientation-9.jpg", saved(small, "JPEG", quality=90, exif=exif_of(9)))


# --- WebP, GIF, BMP --------------------------------------------------------------------------------------------


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
    put("part-of-canvas.gif", on_larger_canvas(saved(few, "GIF")))
    clear = int(few.getpixel((width - 5, height - 5)))
    put("part-of-canvas-transparent.gif", on_larger_canvas(saved(few, "GIF", transparency=clear)))
    put("1.bmp", saved(rgb.convert("1"), "BMP"))
    put("8-palette.bmp", saved(few, "BMP"))
    put("8-grey.bmp", saved(rgb.convert("L"), "BMP"))
    put("24.bmp", saved(rgb, "BMP"))
    put("32.bmp", saved(rgba, "BMP"))
    four = np.asarray(rgb.quantize(16))
    put("4-palette.bmp", bmp_of_4_bits(four, bytes(rgb.quantize(16).getpalette()[:48])))
    put("24-top-down.bmp", top_down(saved(rgb, "BMP")))


def on_larger_canvas(data):
    """A GIF's canvas made wider and higher, its first frame moved away from the corner."""
    out = bytearray(data)
    width, height = struct.unpack("<HH", data[6:10])
    out[6:10] = struct.pack("<HH", width + 7, height + 5)
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


# --- what Pillow sees ------------------------------------------------------------------------------------------


def seen(name):
    image = Image.open(files / name)
    image.seek(0)
    # Pillow scales grey of 2 and 4 bits to 8 and then compares it with tRNS as it stands in the file: a fault of it
    # (PNG 3, 11.3.1.1: the value is one of the image's own depth).
    if (depth := {"grey-2-trns.png": 2, "grey-4-trns.png": 4}.get(name)) is not None:
        image.info["transparency"] *= 255 // (2**depth - 1)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image).astype(int) >> 8).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, (255, 255, 255)), rgba)
    return np.asarray(image.convert("RGB"))


def main():
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    make_png()
    make_jpeg()
    make_others()
    pixels, places, expected = b"", {}, {}
    for name in written:
        rgb = seen(name)
        data = rgb.tobytes()
        if data not in places:
            places[data] = len(pixels)
            pixels += data
        expected[name] = {"width": rgb.shape[1], "height": rgb.shape[0], "at": places[data]}
    (here / "pixels.bin").write_bytes(pixels)
    made_by = {
        "pillow": pillow_version,
        "libjpeg_turbo": features.version("libjpeg_turbo"),
        "libwebp": features.version("webp"),
        "numpy": np.__version__,
    }
    text = json.dumps({"made_by": made_by, "images": expected}, indent=1)
    (here / "expected.json").write_text(text + "\n")
    total = sum(path.stat().st_size for path in here.rglob("*") if path.is_file())
    print(f"{len(written)} images, {total} bytes in all")


if __name__ == "__main__":
    main()
