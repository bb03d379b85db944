"""What each model of the trio is trained on: endless batches from a seeded generator."""

import numpy as np
import torch

from .batches import IMAGE_CONTENT, Sequence, collate, sequence, text_content, wrapped
from .board import draw, normalise
from .tasks import IMAGES, THIRD_TEXT, Mix, Sample, perception_sample, solve_sample, spread, step_sample
from .vocab import END_THINK, ID, THINK, encode

LanguageBatch = tuple[torch.Tensor, torch.Tensor]
REPLAYED = ("has", "first", "last", "ink", "step", "step", "step")
REPLAYED_MILD = (*REPLAYED, "read", "count")
VisionBatch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def base_batch(
    rng: np.random.Generator, size: int, mix: Mix = THIRD_TEXT, steps: float = 0.4
) -> LanguageBatch:
    """Perception tasks on text, and single reduction steps (share `steps`). Never `solve`."""
    sequences = []
    for _ in range(size):
        sample = step_sample(rng, mix) if rng.random() < steps else perception_sample(rng, mix, "train")
        sequences.append(base_sequence(sample, rng))
    return collate(sequences)


def base_sequence(sample: Sample, rng: np.random.Generator) -> Sequence:
    return sequence(text_content(sample, rng, plain=0.3), sample.prompt, encode(sample.answer))


def tiles_of(samples: list[Sample], rng: np.random.Generator) -> np.ndarray:
    return np.stack([draw(list(s.cells), s.ink, rng) for s in samples])


def vision_batch(rng: np.random.Generator, size: int) -> VisionBatch:
    """(ids, labels, pixels [size, 1, 3, 64, 64]) of perception tasks on images."""
    samples = [perception_sample(rng, IMAGES, "train") for _ in range(size)]
    ids, labels = collate([sequence(IMAGE_CONTENT, s.prompt, encode(s.answer)) for s in samples])
    return ids, labels, torch.from_numpy(normalise(tiles_of(samples, rng)))[:, None]


def overthinking(answer: str, text: str) -> list[int]:
    """A format that conflicts with the VLM's: the glyphs spelled out in a thought before the answer."""
    return [ID[THINK], *encode(".".join(text)), ID[END_THINK], *encode(answer)]


def reasoning_sequence(
    rng: np.random.Generator, think: float, replay: float, replayed: tuple[str, ...]
) -> Sequence:
    """One training sequence of the LRM; `think` is the share of overthinking answers to `read` and `count`, `replay`
    that of the tasks `replayed`, which are answered as the base answers them.

    In half of the `solve` sequences the content is blank or another expression and the loss starts after the first
    `=`: the model learns to reason from its own transcript, wherever the transcript came from.
    """
    kind = rng.random()
    if kind < replay:
        task = replayed[int(rng.integers(len(replayed)))]
        known = (
            step_sample(rng, THIRD_TEXT) if task == "step" else perception_sample(rng, IMAGES, "train", task)
        )
        return base_sequence(known, rng)
    if kind < replay + think:
        sample = perception_sample(rng, IMAGES, "train", "read" if rng.random() < 0.5 else "count")
        return sequence(
            text_content(sample, rng, 0.4), sample.prompt, overthinking(sample.answer, sample.text)
        )
    sample = solve_sample(rng, "train", one_operator=0.2)
    answer = encode(sample.answer)
    if rng.random() < 0.5:
        return sequence(text_content(sample, rng, 0.4), sample.prompt, answer)
    if rng.random() < 0.5:
        content = wrapped([" "] * 16)
    else:
        other = solve_sample(rng, "train").text
        content = wrapped(spread(other, rng))
    return sequence(content, sample.prompt, answer, skip=len(sample.text) + 1)


def reasoning_batch(
    rng: np.random.Generator, size: int, think: float, replay: float, replayed: tuple[str, ...]
) -> LanguageBatch:
    return collate([reasoning_sequence(rng, think, replay, replayed) for _ in range(size)])
