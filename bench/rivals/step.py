"""PyTorch's distillation step: eager, float32, on the demo trio with the studio's default options.

Same arithmetic as ours, written by zoo/frism.py: KL over the vocabulary at the answer positions of 32 calibration items to the teacher's cached
log-probabilities, plus the injection term; autograd through W + lambda U diag(sigmoid(g) S) V^T of all 28 layers; Adam on g. The model is
transformers' own LlamaForCausalLM with its default (scaled dot product) attention; as published, it computes the logits of all positions.

    method "run"   {"n": 5}     n further steps of one run -> {"ms": [...], "cpuMs": [...], "loss": [...]}
    method "step"  {"times": 1} the mean of further steps  -> {"ms": ..., "cpuMs": ...}
"""

import argparse
import json
import sys
from pathlib import Path

from serve import need, serve, timed

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

torch, transformers, np, image = need("torch", "transformers", "numpy", "PIL.Image")

from zoo.calibrate import Eye, vision_examples  # noqa: E402
from zoo.frism import Settings, _logits, _Shuffled, decompose, kl_to_teacher, merge  # noqa: E402
from zoo.models import load_checkpoint  # noqa: E402


def tiles(folder: Path, name: str) -> "tuple[np.ndarray, list[str]]":
    """uint8 [n, tile, tile, 3] and the prompts of a data set of the trio."""
    head = json.loads((folder / "data" / f"{name}.json").read_text())
    sheet, size = np.asarray(image.open(folder / "data" / head["sheet"]).convert("RGB")), head["tile"]
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
        self.source = _Shuffled(
            vision_examples(eye, *tiles(folder, "calibration")), settings.batch, settings.seed
        )
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=ROOT / "public" / "models" / "demo")
    torch.set_num_threads(1)
    run = Run(parser.parse_args().folder, Settings())

    def steps(n: int) -> dict[str, list[float]]:
        loss: list[float] = []
        times = [timed(lambda: loss.append(run.step())) for _ in range(n)]
        return {"ms": [t["ms"] for t in times], "cpuMs": [t["cpuMs"] for t in times], "loss": loss}

    label = f"PyTorch {torch.__version__}, transformers {transformers.__version__}, eager, {torch.get_num_threads()} thread"
    serve(label, run=steps, step=lambda times=1: timed(run.step, times))


if __name__ == "__main__":
    main()
