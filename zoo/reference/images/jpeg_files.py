"""JPEG of every kind that libjpeg-turbo reads; what Pillow does not write is patched into what it does."""

import struct

import numpy as np
from PIL import Image

from zoo.reference.images.pictures import exif_of, picture, put, saved, xmp_of


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
