"""What the images of every format are made of, and where they are written."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

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


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def xmp_of(orientation):
    about = f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/>'
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>{about}</rdf:RDF></x:xmpmeta>'.encode()
