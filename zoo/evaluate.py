"""Greedy answers and their scores.

Scoring: perception answers must match exactly. `solve` is scored by the final value: what follows the last `=` of the
generated text equals what follows the last `=` of the answer ("final"); the exact match of the whole text is stated
beside it ("exact"). An exact score counts a VLM that starts to think aloud as wrong, since it has changed. Whether it
can still *see* is another question, and "content" answers it: what follows the last closing thought tag must match.
"""

import math
from dataclasses import dataclass

import torch
from transformers import LlamaForCausalLM

from .vocab import EOS_ID, decode

MAX_ANSWER_TOKENS = 22
# A thought spells every character out before the answer comes.
MAX_THOUGHT_TOKENS = 80
END_OF_THOUGHT = "</think>"


@dataclass(frozen=True)
class Score:
    right: int
    total: int

    @property
    def rate(self) -> float:
        return self.right / self.total

    def wilson(self, z: float = 1.96) -> tuple[float, float]:
        """Wilson's 95 % interval of a rate."""
        n, p = self.total, self.rate
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - half, middle + half

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.total + other.total)


@torch.no_grad()
def generate(
    model: LlamaForCausalLM, embeds: torch.Tensor, limit: int = MAX_ANSWER_TOKENS
) -> list[list[int]]:
    """Greedy continuation of prompts of equal length; embeds [b, t, d]. Each answer ends with EOS or at the limit."""
    output = model(inputs_embeds=embeds, use_cache=True)
    answers: list[list[int]] = [[] for _ in range(len(embeds))]
    alive = torch.ones(len(embeds), dtype=torch.bool)
    for step in range(limit):
        token = output.logits[:, -1].argmax(-1)
        for row in alive.nonzero().flatten().tolist():
            answers[row].append(int(token[row]))
        alive &= token != EOS_ID
        if not alive.any() or step == limit - 1:
            break
        output = model(input_ids=token[:, None], past_key_values=output.past_key_values, use_cache=True)
    return answers


def answer_all(
    model: LlamaForCausalLM, prompts: list[torch.Tensor], batch: int = 256, limit: int = MAX_ANSWER_TOKENS
) -> list[list[int]]:
    """`generate` for prompts [t_i, d] of any length, grouped by length; answers in the given order."""
    answers: list[list[int]] = [[] for _ in prompts]
    lengths: dict[int, list[int]] = {}
    for index, prompt in enumerate(prompts):
        lengths.setdefault(len(prompt), []).append(index)
    for indices in lengths.values():
        for start in range(0, len(indices), batch):
            chunk = indices[start : start + batch]
            for index, ids in zip(
                chunk, generate(model, torch.stack([prompts[i] for i in chunk]), limit), strict=True
            ):
                answers[index] = ids
    return answers


def is_right(generated: str, answer: str, scoring: str) -> bool:
    if scoring == "final":
        return "=" in generated and generated.rsplit("=", 1)[1] == answer.rsplit("=", 1)[1]
    if scoring == "content":
        return generated.rsplit(END_OF_THOUGHT, 1)[-1] == answer
    return generated == answer


def score(answers: list[list[int]], truths: list[str], scoring: str = "exact") -> Score:
    texts = [decode(ids) for ids in answers]
    return Score(sum(is_right(t, a, scoring) for t, a in zip(texts, truths, strict=True)), len(truths))
