"""Trains the demo trio, writes public/models/demo/ and measures it.

    python -m zoo.train                    everything, from the fixed seeds
    python -m zoo.train --only data        sheets and manifest
    python -m zoo.train --only evidence    figures again, without training

Run it from the repository's root. Finished trainings are kept in --work and taken from there by the next call.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_model, save_model
from transformers import LlamaForCausalLM

from .evidence import Trio, measure
from .manifest import write_manifest
from .models import new_base, new_vlm, save_checkpoint
from .sheets import write_data
from .stages import MILD, Plan, train_base, train_lrm, train_vlm
from .table import markdown

ROOT = Path(__file__).resolve().parent.parent
DEMO, EVIDENCE = ROOT / "public" / "models" / "demo", ROOT / "zoo" / "evidence.json"
BASE_SEED, VLM_SEED = 20260101, 20260102
LRM_SEEDS = (20260103, 20260104, 20260105)


def cached(
    path: Path, empty: Callable[[], torch.nn.Module], train: Callable[[], torch.nn.Module]
) -> torch.nn.Module:
    """The model stored at `path`, or else the trained one, which is then stored there with its time."""
    if path.exists():
        model = empty()
        load_model(model, str(path))
        return model.eval()
    started = time.time()
    model = train()
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, str(path))
    path.with_suffix(".json").write_text(json.dumps({"seconds": round(time.time() - started)}) + "\n")
    return model


def train_all(plan: Plan, work: Path) -> tuple[Trio, list[tuple[str, LlamaForCausalLM]]]:
    """The trio, and the other reasoning models that only the evidence needs."""
    base = cached(work / "base.safetensors", lambda: new_base(0), lambda: train_base(plan, BASE_SEED))
    vlm = cached(work / "vlm.safetensors", lambda: new_vlm(base, 0), lambda: train_vlm(base, plan, VLM_SEED))
    lrms = [
        cached(
            work / f"lrm-{seed}.safetensors",
            lambda: new_base(0),
            lambda seed=seed: train_lrm(base, plan, seed),
        )
        for seed in LRM_SEEDS
    ]
    others = [(f"seed {seed}", lrm) for seed, lrm in zip(LRM_SEEDS[1:], lrms[1:], strict=True)]
    mild = cached(
        work / "lrm-mild.safetensors", lambda: new_base(0), lambda: train_lrm(base, MILD, LRM_SEEDS[0])
    )
    return Trio(base, lrms[0], vlm), [*others, ("mild", mild)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=["data", "weights", "evidence"])
    parser.add_argument("--work", type=Path, default=ROOT / "zoo" / ".work")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.only in (None, "data"):
        write_data(DEMO / "data")
        write_manifest(DEMO)
    if options.only == "data":
        return
    trio, others = train_all(Plan(), options.work)
    if options.only in (None, "weights"):
        for name, model in [("base", trio.base), ("lrm", trio.lrm), ("vlm", trio.vlm)]:
            save_checkpoint(model, DEMO / name)
    if options.only in (None, "evidence"):
        print(markdown(measure(trio, others, EVIDENCE)))


if __name__ == "__main__":
    main()
