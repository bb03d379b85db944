"""Unlabeled examples for the distillation: a student's prompt, a teacher's greedy answer, the teacher's log-probs."""

from dataclasses import dataclass

import numpy as np
import torch
from transformers import Idefics3ForConditionalGeneration, LlamaForCausalLM

from .batches import IMAGE_CONTENT, prompt_ids
from .board import normalise
from .evaluate import answer_all
from .models import language_model
from .vocab import BOS_ID, EOS_ID, IMAGE_ID, SPECIAL, encode


@dataclass(frozen=True)
class Example:
    """`prompt` [t, d] and `answer` [n, d] are the student's embeddings; `log_teacher` [n, vocabulary] is the
    teacher's log-probabilities of the n answer tokens, the closing `<eos>` among them."""

    prompt: torch.Tensor
    answer: torch.Tensor
    log_teacher: torch.Tensor


def pad_batch(batch: list[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(embeds [b, longest, d], rows, columns): the logits at [rows, columns] predict the answers, in order."""
    length = max(len(e.prompt) + len(e.answer) for e in batch)
    embeds = torch.zeros(len(batch), length, batch[0].prompt.shape[1])
    rows, columns = [], []
    for row, e in enumerate(batch):
        start, end = len(e.prompt), len(e.prompt) + len(e.answer)
        embeds[row, :start], embeds[row, start:end] = e.prompt, e.answer
        rows += [row] * len(e.answer)
        columns += range(start - 1, end - 1)
    return embeds, torch.tensor(rows), torch.tensor(columns)


class Eye:
    """The VLM's frozen half: images and prompts to embeddings of its language model."""

    def __init__(self, vlm: Idefics3ForConditionalGeneration) -> None:
        self.vlm, self.language = vlm, language_model(vlm).eval()

    def embed(self, ids: list[int]) -> torch.Tensor:
        return self.language.model.embed_tokens.weight.detach()[torch.tensor(ids, dtype=torch.long)]

    @torch.no_grad()
    def features(self, tiles: np.ndarray) -> torch.Tensor:
        """uint8 [n, 64, 64, 3] to [n, 16, d]."""
        pixels = torch.from_numpy(normalise(tiles))
        parts = [
            torch.stack(list(self.vlm.model.get_image_features(part[:, None]).pooler_output))
            for part in pixels.split(256)
        ]
        return torch.cat(parts).reshape(len(tiles), -1, parts[0].shape[-1])

    def prompts(self, tiles: np.ndarray, prompts: list[str]) -> list[torch.Tensor]:
        """Embedded prompts [t, d] with each image's features at its `<image>` tokens."""
        embedded = []
        for features, prompt in zip(self.features(tiles), prompts, strict=True):
            ids = [BOS_ID, *IMAGE_CONTENT, *prompt_ids(prompt)]
            row = self.embed(ids).clone()
            row[torch.tensor(ids) == IMAGE_ID] = features
            embedded.append(row)
        return embedded


def text_prompt(content: list[int], prompt: str) -> list[int]:
    return [BOS_ID, *content, *prompt_ids(prompt)]


def embed_with(model: LlamaForCausalLM, ids: list[int]) -> torch.Tensor:
    return model.model.embed_tokens.weight.detach()[torch.tensor(ids, dtype=torch.long)]


@torch.no_grad()
def log_probabilities(
    model: LlamaForCausalLM, prompts: list[torch.Tensor], answers: list[list[int]], size: int = 128
) -> list[torch.Tensor]:
    """The model's log-probabilities [n, vocabulary] of each answer's tokens after its prompt."""
    blank = torch.empty(0)
    examples = [Example(p, embed_with(model, a), blank) for p, a in zip(prompts, answers, strict=True)]
    found: list[torch.Tensor] = []
    for start in range(0, len(examples), size):
        batch = examples[start : start + size]
        embeds, rows, columns = pad_batch(batch)
        chosen = model(inputs_embeds=embeds, use_cache=False).logits[rows, columns].log_softmax(-1)
        found += chosen.split([len(e.answer) for e in batch])
    return found


def taught(
    teacher: LlamaForCausalLM, heard: list[torch.Tensor], student: LlamaForCausalLM, shown: list[torch.Tensor]
) -> list[Example]:
    """Examples in which the teacher answers `heard` and the student is to answer the same on `shown`."""
    answers = answer_all(teacher, heard)
    log_teacher = log_probabilities(teacher, heard, answers)
    return [
        Example(prompt, embed_with(student, answer), targets)
        for prompt, answer, targets in zip(shown, answers, log_teacher, strict=True)
    ]


def vision_examples(eye: Eye, tiles: np.ndarray, prompts: list[str]) -> list[Example]:
    """L_distill: the VLM teaches its own answers."""
    embedded = eye.prompts(tiles, prompts)
    return taught(eye.language, embedded, eye.language, embedded)


def trace_examples(eye: Eye, lrm: LlamaForCausalLM, contents: list[str]) -> list[Example]:
    """L_trace: the LRM's own answers on text prompts, in the student's embeddings."""
    ids = [text_prompt(encode(content), "solve") for content in contents]
    return taught(lrm, [embed_with(lrm, i) for i in ids], eye.language, [eye.embed(i) for i in ids])


def transcribe(eye: Eye, tiles: np.ndarray) -> list[list[int]]:
    """What the VLM reads on each image: ids without special tokens."""
    answers = answer_all(eye.language, eye.prompts(tiles, ["read"] * len(tiles)))
    return [[i for i in answer if i >= len(SPECIAL) and i != EOS_ID] for answer in answers]


def composed_examples(eye: Eye, lrm: LlamaForCausalLM, tiles: np.ndarray) -> list[Example]:
    """L_composed: the LRM reasons on what the VLM transcribes; the student is to do so on the image."""
    heard = [embed_with(lrm, text_prompt(ids, "solve")) for ids in transcribe(eye, tiles)]
    return taught(lrm, heard, eye.language, eye.prompts(tiles, ["solve"] * len(tiles)))
