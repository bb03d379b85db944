"""The three trainings. Every stage starts from weights as they are stored (float16), so that the task vectors are
differences of shipped tensors and of nothing else."""

from dataclasses import dataclass

import numpy as np
import torch
from transformers import Idefics3ForConditionalGeneration, LlamaForCausalLM

from .loops import answer_loss, freeze, optimise
from .models import language_model, linear_names, new_base, new_vlm, round_to_stored, text_config
from .sources import REPLAYED, REPLAYED_MILD, base_batch, reasoning_batch, vision_batch
from .tasks import FIRST_TEXT, SECOND_TEXT, THIRD_TEXT, Mix

BATCH = 64


@dataclass(frozen=True)
class Plan:
    """Steps and peak learning rates of all stages."""

    first_steps: int = 5000
    first_rate: float = 2.5e-3
    second_steps: int = 3500
    second_rate: float = 2e-3
    third_steps: int = 1200
    third_rate: float = 1.5e-3
    frozen_steps: int = 700
    vision_steps: int = 450
    tower_rate: float = 1.5e-3
    language_rate: float = 1.5e-4
    polish_steps: int = 400
    polish_factor: float = 0.6
    text_every: int = 8
    reasoning_steps: int = 800
    reasoning_rate: float = 6e-4
    think: float = 0.15
    replay: float = 0.2
    replayed: tuple[str, ...] = REPLAYED


MILD = Plan(reasoning_steps=900, think=0.12, replay=0.22, replayed=REPLAYED_MILD)
"""A reasoning model that conflicts less with the VLM; not shipped, only measured."""


def train_base(plan: Plan, seed: int) -> LlamaForCausalLM:
    """Three lessons; between them the optimiser starts afresh."""
    base = new_base(seed)
    lessons = [
        (FIRST_TEXT, plan.first_steps, plan.first_rate),
        (SECOND_TEXT, plan.second_steps, plan.second_rate),
        (THIRD_TEXT, plan.third_steps, plan.third_rate),
    ]
    for lesson, (mix, steps, rate) in enumerate(lessons):
        rng = np.random.default_rng(seed + lesson)

        def loss(_: int, mix: Mix = mix, rng: np.random.Generator = rng) -> torch.Tensor:
            ids, labels = base_batch(rng, BATCH, mix)
            return answer_loss(base(input_ids=ids, use_cache=False).logits, labels)

        optimise(
            loss, [{"params": list(base.parameters()), "lr": rate}], steps, label=f"base, lesson {lesson + 1}"
        )
        round_to_stored(base)
    return base.eval()


def linears(model: LlamaForCausalLM) -> list[torch.nn.Parameter]:
    """The weights that a merge touches. Only these are fine-tuned: what a model learnt in its embeddings, norms or
    head would be lost in the merge."""
    parameters = dict(model.named_parameters())
    return [parameters[name] for name in linear_names(model.config.num_hidden_layers)]


def train_vlm(base: LlamaForCausalLM, plan: Plan, seed: int) -> Idefics3ForConditionalGeneration:
    """Tower and connector alone first, then the language model's linear layers with them, in two rounds; every
    `text_every`-th step of these is the base's own text."""
    vlm, rng = new_vlm(base, seed), np.random.default_rng(seed)
    language = linears(language_model(vlm))
    sight = [*vlm.model.vision_model.parameters(), *vlm.model.connector.parameters()]

    def image_loss(_: int) -> torch.Tensor:
        ids, labels, pixels = vision_batch(rng, BATCH)
        return answer_loss(vlm(input_ids=ids, pixel_values=pixels, use_cache=False).logits, labels)

    def mixed_loss(step: int) -> torch.Tensor:
        if step % plan.text_every:
            return image_loss(step)
        ids, labels = base_batch(rng, BATCH)
        return answer_loss(vlm(input_ids=ids, use_cache=False).logits, labels)

    def groups(factor: float) -> list[dict]:
        return [
            {"params": sight, "lr": plan.tower_rate * factor},
            {"params": language, "lr": plan.language_rate * factor},
        ]

    freeze(vlm.parameters(), True)
    freeze(sight, False)
    optimise(image_loss, groups(1)[:1], plan.frozen_steps, 50, "vlm, language frozen", 50)
    freeze(language, False)
    optimise(mixed_loss, groups(1), plan.vision_steps, 50, "vlm")
    round_to_stored(vlm)
    rng = np.random.default_rng(seed + 100)
    optimise(mixed_loss, groups(plan.polish_factor), plan.polish_steps, 50, "vlm, polish")
    round_to_stored(vlm)
    return vlm.eval()


def train_lrm(base: LlamaForCausalLM, plan: Plan, seed: int) -> LlamaForCausalLM:
    lrm, rng = LlamaForCausalLM(text_config()), np.random.default_rng(seed)
    lrm.load_state_dict(base.state_dict())

    def loss(_: int) -> torch.Tensor:
        ids, labels = reasoning_batch(rng, BATCH, plan.think, plan.replay, plan.replayed)
        return answer_loss(lrm(input_ids=ids, use_cache=False).logits, labels)

    freeze(lrm.parameters(), True)
    freeze(linears(lrm), False)
    optimise(loss, [{"params": linears(lrm), "lr": plan.reasoning_rate}], plan.reasoning_steps, 50, "lrm")
    round_to_stored(lrm)
    return lrm.eval()
