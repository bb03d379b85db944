"""The rival of a distillation step: PyTorch eager on one thread, float32, on the demo trio with the studio's default options.

    python bench/rivals/step.py [--folder public/models/demo] [--threads 1]

Speaks JSON lines. First it prints `{"ready": true, ...}`; then for each line `{"cmd": "run", "n": 5}` on stdin it takes n further steps
of one run and answers `{"ms": [...], "loss": [...]}`, the milliseconds and the total loss of each. The end of stdin ends it.

Same arithmetic as ours: zoo/frism.py's objective (KL over the vocabulary at answer positions of 32 calibration items to
the teacher's cached log-probabilities, plus the injection term), autograd through W + λ U diag(sigmoid(g) S) Vᵀ of all 28 layers, Adam on g.
The model is `transformers`' own LlamaForCausalLM.
"""

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from PIL import Image  # noqa: E402

from zoo.calibrate import Eye, vision_examples  # noqa: E402
from zoo.frism import Settings, _logits, _Shuffled, decompose, kl_to_teacher, merge  # noqa: E402
from zoo.models import load_checkpoint  # noqa: E402


def tiles(folder: Path, name: str) -> tuple[np.ndarray, list[str]]:
    """uint8 [n, tile, tile, 3] and the prompts of a data set of the trio."""
    head = json.loads((folder / "data" / f"{name}.json").read_text())
    sheet, size = np.asarray(Image.open(folder / "data" / head["sheet"]).convert("RGB")), head["tile"]
    places = [divmod(item["index"], head["columns"]) for item in head["items"]]
    cut = [sheet[r * size : (r + 1) * size, c * size : (c + 1) * size] for r, c in places]
    return np.stack(cut), [item["prompt"] for item in head["items"]]


class Run:
    """One FRISM run, a step at a time."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        vlm = load_checkpoint(folder / "vlm")
        self.settings, eye = settings, Eye(vlm)
        self.language = eye.language.requires_grad_(False)
        self.factors = decompose(load_checkpoint(folder / "base"), load_checkpoint(folder / "lrm"))
        self.frozen = {name: tensor.detach() for name, tensor in self.language.state_dict().items()}
        self.source = _Shuffled(vision_examples(eye, *tiles(folder, "calibration")), settings.batch, settings.seed)
        self.logits = _logits(self.factors, "subspace")
        self.optimiser = torch.optim.Adam(list(self.logits.values()), lr=settings.rate)
        self.energy = sum((f.s**2).sum() for f in self.factors.values())

    def step(self) -> float:
        gates = {name: torch.sigmoid(g) for name, g in self.logits.items()}
        weights = merge(self.frozen, self.factors, gates, self.settings.lam)
        inject = -sum(((gates[name] * f.s) ** 2).sum() for name, f in self.factors.items()) / self.energy
        loss = self.settings.alpha * inject + kl_to_teacher(self.language, weights, self.source.next())
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return loss.item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "public" / "models" / "demo")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run = Run(arguments.folder, Settings())
    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "threads": torch.get_num_threads()}
    print(json.dumps({"ready": True, **versions}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if command["cmd"] != "run":
            raise SystemExit(f"unknown command {command['cmd']}")
        times, losses = [], []
        for _ in range(command["n"]):
            started = time.perf_counter()
            losses.append(run.step())
            times.append(1000 * (time.perf_counter() - started))
        print(json.dumps({"ms": times, "loss": losses}), flush=True)


if __name__ == "__main__":
    main()
