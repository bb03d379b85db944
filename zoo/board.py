"""Drawing: glyphs in the cells of a 4x4 board, 64x64 pixels, RGB.

A glyph fills one 16x16 cell, so that with patches of 8 pixels and a pixel shuffle of 2 it becomes one image token.
"""

import numpy as np

from .vocab import GLYPHS, INKS

TILE_PX, CELL_PX, SIDE_CELLS = 64, 16, 4
CELLS = SIDE_CELLS * SIDE_CELLS
IMAGE_MEAN, IMAGE_STD = (0.91, 0.91, 0.91), (0.16, 0.16, 0.16)

INK_RGB = {
    "black": (25, 25, 28),
    "red": (205, 30, 35),
    "green": (20, 140, 45),
    "blue": (30, 60, 210),
    "purple": (150, 40, 175),
}

# 5x7 bitmaps, top row first; "#" is ink.
BITMAPS = {
    "0": ".###. #...# #..## #.#.# ##..# #...# .###.",
    "1": "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
    "2": ".###. #...# ....# ...#. ..#.. .#... #####",
    "3": "##### ...#. ..#.. ...#. ....# #...# .###.",
    "4": "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    "5": "##### #.... ####. ....# ....# #...# .###.",
    "6": "..##. .#... #.... ####. #...# #...# .###.",
    "7": "##### ....# ...#. ..#.. .#... .#... .#...",
    "8": ".###. #...# #...# .###. #...# #...# .###.",
    "9": ".###. #...# #...# .#### ....# ...#. .##..",
    "+": "..... ..#.. ..#.. ##### ..#.. ..#.. .....",
    "-": "..... ..... ..... ##### ..... ..... .....",
    "*": "..... #...# .#.#. ..#.. .#.#. #...# .....",
}
MASKS = {
    glyph: np.kron(np.array([[c == "#" for c in row] for row in BITMAPS[glyph].split()]), np.ones((2, 2))) > 0
    for glyph in GLYPHS
}
_HEIGHT_PX, _WIDTH_PX = 14, 10


def draw(cells: list[str], ink: str, rng: np.random.Generator) -> np.ndarray:
    """One tile, uint8 [64, 64, 3].

    `cells`: 16 strings in reading order, each a glyph or " ". The background tint, the ink's shade, the place of
    each glyph within its cell and the pixel noise come from `rng`.
    """
    paper = rng.uniform(228, 255, size=3)
    shade = np.asarray(INK_RGB[ink]) + rng.uniform(-18, 18, size=3)
    tile = np.broadcast_to(paper, (TILE_PX, TILE_PX, 3)).copy()
    for index, glyph in enumerate(cells):
        if glyph == " ":
            continue
        row, column = divmod(index, SIDE_CELLS)
        top = row * CELL_PX + int(rng.integers(0, CELL_PX - _HEIGHT_PX + 1))
        left = column * CELL_PX + int(rng.integers(1, CELL_PX - _WIDTH_PX))
        tile[top : top + _HEIGHT_PX, left : left + _WIDTH_PX][MASKS[glyph]] = shade
    # Grey specks on a few pixels: noise that PNG can still compress.
    specks = rng.random((TILE_PX, TILE_PX)) < 0.08
    tile += np.where(specks, rng.choice([-26.0, 18.0], size=specks.shape), 0.0)[:, :, None]
    return np.clip(np.rint(tile), 0, 255).astype(np.uint8)


def normalise(tiles: np.ndarray) -> np.ndarray:
    """uint8 [n, 64, 64, 3] to float32 [n, 3, 64, 64], as the image processor of the checkpoint does."""
    scaled = tiles.astype(np.float32) / 255.0
    scaled = (scaled - np.float32(IMAGE_MEAN)) / np.float32(IMAGE_STD)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


assert set(INK_RGB) == set(INKS)
