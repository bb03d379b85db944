"""Data files of the demo: PNG sheets of 64x64 tiles and JSON beside them.

Every set has a seed of its own, so each can be made again alone. Calibration, composed and trace prompts are unlabeled
and come from the training pool; perception and reasoning are the test pool. The development pool is not shipped.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .board import TILE_PX, draw
from .tasks import IMAGES, Pool, Sample, perception_sample, solve_sample
from .vocab import PERCEPTION

CALIBRATION_COUNT = 384
PERCEPTION_PER_TASK = 90
REASONING_COUNT = 420
SEEDS = {"calibration": 11, "composed": 12, "traces": 13, "perception": 14, "reasoning": 15}
DEV_SEED_OFFSET = 1000


@dataclass(frozen=True)
class Board:
    """A question and the tile it is asked about, uint8 [64, 64, 3]."""

    sample: Sample
    tile: np.ndarray


def perception_set(seed: int, pool: Pool, per_task: int) -> list[Board]:
    """The same number for each task, in turn."""
    rng = np.random.default_rng(seed)
    samples = [perception_sample(rng, IMAGES, pool, task) for _ in range(per_task) for task in PERCEPTION]
    return [Board(s, draw(list(s.cells), s.ink, rng)) for s in samples]


def solve_set(seed: int, pool: Pool, count: int) -> list[Board]:
    rng = np.random.default_rng(seed)
    samples = [solve_sample(rng, pool) for _ in range(count)]
    return [Board(s, draw(list(s.cells), s.ink, rng)) for s in samples]


def trace_set(seed: int, count: int) -> list[str]:
    """Text contents for the reasoning model: as a VLM transcribes them, or with the blanks of the 16 cells."""
    rng = np.random.default_rng(seed)
    samples = [solve_sample(rng, "train") for _ in range(count)]
    return [s.text if rng.random() < 0.5 else "".join(s.cells) for s in samples]


def calibration_set() -> list[Board]:
    return perception_set(SEEDS["calibration"], "train", CALIBRATION_COUNT // len(PERCEPTION))


def composed_set() -> list[Board]:
    return solve_set(SEEDS["composed"], "train", CALIBRATION_COUNT)


def traces() -> list[str]:
    return trace_set(SEEDS["traces"], CALIBRATION_COUNT)


def perception_test() -> list[Board]:
    return perception_set(SEEDS["perception"], "test", PERCEPTION_PER_TASK)


def reasoning_test() -> list[Board]:
    return solve_set(SEEDS["reasoning"], "test", REASONING_COUNT)


def perception_dev(per_task: int = 60) -> list[Board]:
    return perception_set(SEEDS["perception"] + DEV_SEED_OFFSET, "dev", per_task)


def reasoning_dev(count: int = 300) -> list[Board]:
    return solve_set(SEEDS["reasoning"] + DEV_SEED_OFFSET, "dev", count)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


def write_sheet(
    folder: Path, name: str, boards: list[Board], labelled: bool, scoring: str | None = None
) -> None:
    """`name`.png and `name`.json; tile i is at row i // columns, column i % columns."""
    columns = math.ceil(math.sqrt(len(boards)))
    rows = math.ceil(len(boards) / columns)
    sheet = np.full((rows * TILE_PX, columns * TILE_PX, 3), 255, np.uint8)
    items = []
    for index, board in enumerate(boards):
        top, left = index // columns * TILE_PX, index % columns * TILE_PX
        sheet[top : top + TILE_PX, left : left + TILE_PX] = board.tile
        item: dict[str, object] = {"index": index, "prompt": board.sample.prompt}
        if labelled:
            item = {"index": index, "task": board.sample.task, "prompt": board.sample.prompt}
            item["answer"] = board.sample.answer
        items.append(item)
    head: dict[str, object] = {
        "tile": TILE_PX,
        "columns": columns,
        "count": len(boards),
        "sheet": f"{name}.png",
    }
    if scoring:
        head["scoring"] = scoring
    Image.fromarray(sheet).save(folder / f"{name}.png", optimize=True)
    _write_json(folder / f"{name}.json", {**head, "items": items})


def write_data(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_sheet(folder, "calibration", calibration_set(), labelled=False)
    write_sheet(folder, "composed", composed_set(), labelled=False)
    write_sheet(folder, "perception", perception_test(), labelled=True, scoring="exact")
    write_sheet(folder, "reasoning", reasoning_test(), labelled=True, scoring="final")
    items = [{"index": i, "content": content, "prompt": "solve"} for i, content in enumerate(traces())]
    _write_json(folder / "traces.json", {"count": len(items), "items": items})
