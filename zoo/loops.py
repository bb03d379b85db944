"""Training loops: AdamW, cosine schedule, clipped gradients."""

import math
import time
from collections.abc import Callable, Iterable

import torch

Loss = Callable[[int], torch.Tensor]


def cosine(step: int, steps: int, warmup: int) -> float:
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def optimise(
    loss_at: Loss, groups: list[dict], steps: int, warmup: int = 100, label: str = "", every: int = 100
) -> float:
    """Runs `steps` updates of `loss_at(step)`; each group brings its own "lr". Returns the seconds taken."""
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)
    peaks = [group["lr"] for group in optimiser.param_groups]
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    started, total = time.time(), 0.0
    for step in range(steps):
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * cosine(step, steps, warmup)
        loss = loss_at(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        total += loss.item()
        if (step + 1) % every == 0:
            print(
                f"{label} {step + 1}/{steps} loss {total / every:.4f} {time.time() - started:.0f}s",
                flush=True,
            )
            total = 0.0
    return time.time() - started


def freeze(parameters: Iterable[torch.nn.Parameter], frozen: bool) -> None:
    for parameter in parameters:
        parameter.requires_grad_(not frozen)


def answer_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy over the labelled positions; logits [b, t, v], labels [b, t] with -100 elsewhere."""
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100
    )
