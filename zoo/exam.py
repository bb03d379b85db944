"""The held-out questions, embedded once for a VLM, and what a language model scores on them."""

from dataclasses import dataclass

import numpy as np
import torch
from transformers import LlamaForCausalLM

from .calibrate import Eye, embed_with, text_prompt
from .evaluate import Score, answer_all, score
from .sheets import Board
from .vocab import EOS_ID, SPECIAL, encode


@dataclass(frozen=True)
class Grade:
    """Perception (exact, all tasks), solve by final value and by exact text; perception by task."""

    perception: Score
    solve: Score
    solve_exact: Score
    tasks: dict[str, Score]

    def line(self) -> str:
        tasks = " ".join(f"{task} {s.rate:.3f}" for task, s in self.tasks.items())
        return (
            f"{self.perception.rate:.3f} / {self.solve.rate:.3f} (exact {self.solve_exact.rate:.3f}; {tasks})"
        )


class Exam:
    """Images go through the VLM's frozen tower, which no merge touches, so their embeddings are made once."""

    def __init__(self, eye: Eye, perception: list[Board], reasoning: list[Board]) -> None:
        self.perception, self.reasoning = perception, reasoning
        self.seen = eye.prompts(_tiles(perception), [b.sample.prompt for b in perception])
        self.solve = eye.prompts(_tiles(reasoning), ["solve"] * len(reasoning))

    def grade(self, model: LlamaForCausalLM) -> Grade:
        answers = answer_all(model, self.seen)
        tasks: dict[str, Score] = {}
        for board, answer in zip(self.perception, answers, strict=True):
            one = score([answer], [board.sample.answer])
            tasks[board.sample.task] = tasks[board.sample.task] + one if board.sample.task in tasks else one
        truths = [b.sample.answer for b in self.reasoning]
        solved = answer_all(model, self.solve)
        perception = Score(sum(t.right for t in tasks.values()), len(self.perception))
        return Grade(perception, score(solved, truths, "final"), score(solved, truths), tasks)


def grade_text(model: LlamaForCausalLM, boards: list[Board]) -> Score:
    """`solve` on plain left-justified text, in the model's own embeddings, by final value."""
    prompts = [embed_with(model, text_prompt(encode(b.sample.text), "solve")) for b in boards]
    return score(answer_all(model, prompts), [b.sample.answer for b in boards], "final")


def grade_relay(eye: Eye, lrm: LlamaForCausalLM, boards: list[Board]) -> Score:
    """The two models in turn, unmerged: the VLM transcribes, the LRM solves the transcript."""
    read = answer_all(eye.language, eye.prompts(_tiles(boards), ["read"] * len(boards)))
    texts = [[i for i in answer if i >= len(SPECIAL) and i != EOS_ID] for answer in read]
    prompts = [embed_with(lrm, text_prompt(ids, "solve")) for ids in texts]
    return score(answer_all(lrm, prompts), [b.sample.answer for b in boards], "final")


@torch.no_grad()
def grade_base_text(model: LlamaForCausalLM, boards: list[Board]) -> Score:
    """Perception prompts on plain text; "ink" is left out, which text does not have."""
    kept = [b for b in boards if b.sample.task != "ink"]
    prompts = [embed_with(model, text_prompt(encode(b.sample.text), b.sample.prompt)) for b in kept]
    return score(answer_all(model, prompts), [b.sample.answer for b in kept])


def _tiles(boards: list[Board]) -> np.ndarray:
    return np.stack([b.tile for b in boards])
