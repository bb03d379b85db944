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

import json
import shutil

import numpy as np
from PIL import Image, ImageOps, features
from PIL import __version__ as pillow_version

from zoo.reference.images.jpeg_files import make_jpeg
from zoo.reference.images.other_files import make_others
from zoo.reference.images.pictures import files, here, written
from zoo.reference.images.png_files import make_png


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
