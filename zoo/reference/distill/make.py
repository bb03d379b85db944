"""Reference of the whole objective and of a short run, in PyTorch, for workers/distill/objective.device.test.ts.

    python zoo/reference/distill/make.py

VLM: ../nn/tiny-idefics3. LRM: ../nn/tiny-llama. Task vectors: W_lrm − W_vlm, as if the VLM's text model were the base.
    L = L_distill + α L_inject + β L_trace + γ L_composed       (FRISM Eq. 7–10 and the second teacher)
All three KL terms average over all answer positions of all items. The same once more with KL over TOP + 1 outcomes: the teacher's most probable tokens, and
all others as one. Writes `reference.json` and `reference.safetensors` beside
this file: the losses and their parts, dL/dg at given g, and the gates after each of five Adam steps.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig, Idefics3ForConditionalGeneration, LlamaForCausalLM

HERE = Path(__file__).parent
NN = HERE.parent / "nn"
ALPHA, BETA, GAMMA, LAMBDA = 0.4, 0.7, 0.9, 0.3
RATE, STEPS = 0.1, 5
TOP = 8
STOP, IMAGE, TOKENS, IMAGE_TOKENS = 2, 4, 6, 16
LINEARS = [*(f"self_attn.{n}_proj" for n in "qkvo"), *(f"mlp.{n}_proj" for n in ("gate", "up", "down"))]


@dataclass
class Item:
    """Ids of both prompts, an image for the student or None, and the teacher's answer."""

    teacher_prompt: list[int]
    student_prompt: list[int]
    image: int | None
    answer: list[int]
    positions: int

    def sequence(self, prompt: list[int]) -> torch.Tensor:
        return torch.tensor([prompt + self.answer[: self.positions - 1]])

    def chosen(self, logits: torch.Tensor, prompt: list[int]) -> torch.Tensor:
        return logits[0, len(prompt) - 1 : len(prompt) - 1 + self.positions].log_softmax(-1)


def greedy(model: torch.nn.Module, prompt: list[int], image: dict) -> tuple[list[int], int]:
    """The answer without the stop id, and how many positions it has to teach."""
    settings = GenerationConfig(do_sample=False, max_new_tokens=TOKENS, eos_token_id=STOP, pad_token_id=0)
    ids = torch.tensor([prompt])
    new = model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=settings, **image
    )[0, len(prompt) :].tolist()
    answer = new[: new.index(STOP)] if STOP in new else new
    positions = len(answer) + (1 if STOP in new else 0)
    # An image token in an answer would stand for an image when it is read again: nothing is taught behind it.
    return (
        (answer[: answer.index(IMAGE)], answer.index(IMAGE) + 1) if IMAGE in answer else (answer, positions)
    )


def lump(log: torch.Tensor, top: torch.Tensor) -> torch.Tensor:
    """Log-probabilities of the tokens `top`, and last of all others together."""
    others = torch.ones_like(log, dtype=torch.bool).scatter(1, top, False)
    return torch.cat([log.gather(1, top), log.masked_fill(~others, -torch.inf).logsumexp(1, keepdim=True)], 1)


def main() -> None:
    vlm = (
        Idefics3ForConditionalGeneration.from_pretrained(NN / "tiny-idefics3", dtype=torch.float32)
        .eval()
        .requires_grad_(False)
    )
    lrm = (
        LlamaForCausalLM.from_pretrained(NN / "tiny-llama", dtype=torch.float32).eval().requires_grad_(False)
    )
    pixels = load_file(NN / "tiny-idefics3/reference.safetensors")["pixels"]
    image_of = lambda i: {} if i is None else {"pixel_values": pixels[i : i + 1, None]}  # noqa: E731

    seen = [[1, *([IMAGE] * IMAGE_TOKENS), *tail] for tail in ([7, 20], [9], [31, 8, 12])]
    texts = [[1, 33, 41], [1, 17, 9, 52, 28], [1, 6]]
    distill = [Item(p, p, i, *greedy(vlm, p, image_of(i))) for i, p in enumerate(seen)]
    trace = [Item(p, p, None, *greedy(lrm, p, {})) for p in texts]
    composed = [Item(texts[i], p, i, *greedy(lrm, texts[i], {})) for i, p in enumerate(seen)]

    text = vlm.model.text_model
    own = {
        f"layers.{i}.{n}": (layer.get_submodule(n), lrm.model.layers[i].get_submodule(n))
        for i, layer in enumerate(text.layers)
        for n in LINEARS
    }
    factors = {
        slot: torch.linalg.svd((b.weight - a.weight).double(), full_matrices=False)
        for slot, (a, b) in own.items()
    }
    names = {id(p): name for name, p in vlm.named_parameters()}
    ranks = [len(s) for _, s, _ in factors.values()]
    torch.manual_seed(9)
    logits_of_gates = torch.randn(sum(ranks), dtype=torch.float64, requires_grad=True)
    energy = sum((s**2).sum() for _, s, _ in factors.values())

    def divergence(
        items: list[Item],
        teacher: torch.nn.Module,
        merged: dict[str, torch.Tensor],
        teacher_sees: bool,
        k: int | None,
    ) -> torch.Tensor:
        total, positions = torch.zeros(()), 0
        for item in items:
            with torch.no_grad():
                image = image_of(item.image if teacher_sees else None)
                target = item.chosen(
                    teacher(input_ids=item.sequence(item.teacher_prompt), **image).logits, item.teacher_prompt
                )
            kwargs = {"input_ids": item.sequence(item.student_prompt), **image_of(item.image)}
            own_log = item.chosen(
                torch.func.functional_call(vlm, merged, kwargs=kwargs).logits, item.student_prompt
            )
            if k is not None:
                top = target.topk(k).indices
                target, own_log = lump(target, top), lump(own_log, top)
            total = total + (target.exp() * (target - own_log)).sum()
            positions += item.positions
        return total / positions

    def objective(k: int | None = None) -> dict[str, torch.Tensor]:
        gates = torch.sigmoid(logits_of_gates).split(ranks)
        merged = {
            names[id(own[slot][0].weight)]: own[slot][0].weight + (LAMBDA * (u * (gate * s)) @ vh).float()
            for (slot, (u, s, vh)), gate in zip(factors.items(), gates, strict=True)
        }
        parts = {
            "distill": divergence(distill, vlm, merged, True, k),
            "inject": -sum(
                ((gate * s) ** 2).sum() for (_, s, _), gate in zip(factors.values(), gates, strict=True)
            )
            / energy,
            "trace": divergence(trace, lrm, merged, False, k),
            "composed": divergence(composed, lrm, merged, False, k),
        }
        return parts | {
            "total": parts["distill"]
            + ALPHA * parts["inject"]
            + BETA * parts["trace"]
            + GAMMA * parts["composed"]
        }

    losses = objective()
    losses["total"].backward()
    arrays = {"g": logits_of_gates.detach().clone(), "dg": logits_of_gates.grad.clone()}
    logits_of_gates.grad = None
    lumped = objective(TOP)
    lumped["total"].backward()
    arrays["dg.lumped"] = logits_of_gates.grad.clone()
    optimiser = torch.optim.Adam([logits_of_gates], lr=RATE)
    for step in range(1, STEPS + 1):
        optimiser.zero_grad()
        objective()["total"].backward()
        optimiser.step()
        arrays[f"gates.{step}"] = torch.sigmoid(logits_of_gates).detach()

    save_file({k: v.float().contiguous() for k, v in arrays.items()}, HERE / "reference.safetensors")
    plain = lambda items: [vars(item) for item in items]  # noqa: E731
    facts = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "slots": list(own),
        "options": {
            "lambda": LAMBDA,
            "alpha": ALPHA,
            "beta": BETA,
            "gamma": GAMMA,
            "learningRate": RATE,
            "steps": STEPS,
        },
        "maxTokens": TOKENS,
        "stopId": STOP,
        "losses": {name: value.item() for name, value in losses.items()},
        "lumped": {"k": TOP, "losses": {name: value.item() for name, value in lumped.items()}},
        "distill": plain(distill),
        "trace": plain(trace),
        "composed": plain(composed),
    }
    (HERE / "reference.json").write_text(json.dumps(facts) + "\n")
    print(facts["losses"], arrays["dg"].abs().max().item())


if __name__ == "__main__":
    main()
