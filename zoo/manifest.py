"""public/models/demo/manifest.json: what the studio needs to know of the demo before it loads anything."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .board import BITMAPS, CELL_PX, INK_RGB, SIDE_CELLS, TILE_PX
from .sheets import perception_test, reasoning_test
from .vocab import GLYPHS


@dataclass(frozen=True)
class RunDefaults:
    """Settings of a run; `beta` and `gamma` are those offered when the second teacher is switched on."""

    lam: float = 1.2
    alpha: float = 0.6
    rate: float = 0.1
    steps: int = 150
    batch: int = 32
    seed: int = 1


DEFAULTS = RunDefaults()
SECOND_TEACHER = {
    "trace": {"beta": 1.0, "gamma": 0.0, "alpha": 0.3},
    "composed": {"beta": 0.0, "gamma": 1.0, "alpha": 0.1},
}

# Boards that the shipped run solves and the VLM alone does not, by the answers of `frism generate`; the last one is
# a board that the merged model gets wrong too.
SOLVED = (2, 13, 11, 1, 0)

PROMPTS = [
    ("read", "Read what is written", "perception", "read"),
    ("count", "Count the glyphs", "perception", "count"),
    ("has", "Is this digit on the board?", "perception", "has 7"),
    ("first", "Name the first glyph", "perception", "first"),
    ("last", "Name the last glyph", "perception", "last"),
    ("ink", "Name the ink colour", "perception", "ink"),
    ("solve", "Solve the expression step by step", "reasoning", "solve"),
]


def manifest() -> dict[str, object]:
    defaults = asdict(DEFAULTS)
    return {
        "name": "FRISM Studio demo trio",
        "version": 1,
        "description": "A reading VLM and a reasoning LRM, both tuned from one small base on drawn arithmetic.",
        "models": {"base": "base", "lrm": "lrm", "vlm": "vlm"},
        "data": {
            "calibration": "data/calibration.json",
            "composed": "data/composed.json",
            "traces": "data/traces.json",
            "perception": "data/perception.json",
            "reasoning": "data/reasoning.json",
        },
        "prompts": [
            {"word": word, "label": label, "kind": kind, "example": example}
            for word, label, kind, example in PROMPTS
        ],
        "transcriptionPrompt": "read",
        "reasoningPrompt": "solve",
        "run": {
            "lambda": defaults["lam"],
            "alpha": defaults["alpha"],
            "beta": 0.0,
            "gamma": 0.0,
            "optimizer": "adam",
            "learningRate": defaults["rate"],
            "steps": defaults["steps"],
            "batch": defaults["batch"],
            "seed": defaults["seed"],
            "maxAnswerTokens": 22,
        },
        "secondTeacher": SECOND_TEACHER,
        "board": {
            "sizePx": TILE_PX,
            "cellPx": CELL_PX,
            "columns": SIDE_CELLS,
            "rows": SIDE_CELLS,
            "glyphs": list(GLYPHS),
            "glyphScale": 2,
            "bitmaps": {glyph: rows.split(" ") for glyph, rows in BITMAPS.items()},
            "inks": {name: "#%02x%02x%02x" % rgb for name, rgb in INK_RGB.items()},
            "paper": "#f4f2ee",
        },
        "examples": [
            *({"set": "reasoning", "index": i, "text": reasoning_test()[i].sample.text} for i in SOLVED),
            *({"set": "perception", "index": i, "text": perception_test()[i].sample.text} for i in range(2)),
        ],
        "licence": "Apache-2.0",
        "origin": "Trained and drawn from scratch by this project; see zoo/README.md.",
    }


def write_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest(), indent=2) + "\n")
