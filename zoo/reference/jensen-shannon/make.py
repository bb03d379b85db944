"""Reference of the Jensen-Shannon divergence in PyTorch, float64.

    python zoo/reference/jensen-shannon/make.py

JS(P || Q) = KL(P || M) / 2 + KL(Q || M) / 2 with M = (P + Q) / 2, written out plainly; gradients are autograd's.

- `rows` and `wide` are for workers/kernels/divergence/jensen-shannon.device.test.ts: value and gradient by the
  student's logits, over all tokens and over the teacher's k most probable tokens and the rest as one; and one
  row over the vocabulary of Qwen2, whose logits both sides compute as 6 sin(0.7 j) and 6 sin(0.7 j + 0.4 sin(j)).
- `objective` is for workers/distill/objective.device.test.ts: the terms of ../distill/make.py with JS in place of
  KL, on its models, items and gates, with the models in float64, and dL/dg.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import load_file
from transformers import Idefics3ForConditionalGeneration, LlamaForCausalLM

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "distill"))
from make import ALPHA, BETA, GAMMA, LAMBDA, LINEARS, NN, Item

ROWS, VOCABULARY, KNOWN = 6, 23, 22
TOP = [1, 4, 21]
WIDE, EVERY = 151_936, 4000


def jensen_shannon(log_p: torch.Tensor, log_q: torch.Tensor) -> torch.Tensor:
    """Of each row of log-probabilities, in nats."""
    log_m = torch.logaddexp(log_p, log_q) - np.log(2)
    return 0.5 * (log_p.exp() * (log_p - log_m) + log_q.exp() * (log_q - log_m)).sum(-1)


def of_rows() -> dict:
    generator = torch.Generator().manual_seed(12)
    # From nearly uniform to nearly certain; float32 numbers, so that every side starts from the same.
    sharpness = torch.tensor([0.1, 1.0, 4.0, 12.0, 30.0, 30.0])[:, None]
    teacher = torch.randn(ROWS, KNOWN, generator=generator) * sharpness
    student = teacher.new_zeros(ROWS, VOCABULARY)
    student[:, :KNOWN] = teacher + torch.randn(ROWS, KNOWN, generator=generator) * sharpness.sqrt()
    student[:, KNOWN:] = torch.randn(ROWS, VOCABULARY - KNOWN, generator=generator)
    share = torch.tensor([0.5, 0.25, 0.125, 0.0625, 0.0625, 0.0])
    # What the student's side is given are float32 log-probabilities.
    log_p = teacher.double().log_softmax(-1)
    cases = []
    for k in [*TOP, None]:
        logits = student.double().requires_grad_()
        p, q = log_p, logits[:, :KNOWN].log_softmax(-1)
        if k is not None:
            top = p.topk(k).indices
            others = torch.ones_like(p, dtype=torch.bool).scatter(1, top, False)
            rest = lambda x: x.masked_fill(~others, -torch.inf).logsumexp(1, keepdim=True)  # noqa: B023
            p, q = (torch.cat([x.gather(1, top), rest(x)], 1) for x in (p, q))
        loss = (share.double() * jensen_shannon(p, q)).sum()
        (gradient,) = torch.autograd.grad(loss, logits)
        cases.append({"k": k, "loss": loss.item(), "gradient": gradient.flatten().tolist()})
    plain = {"teacher": teacher.tolist(), "student": student.tolist(), "share": share.tolist()}
    return {"known": KNOWN, **plain, "cases": cases}


def of_wide() -> dict:
    j = np.arange(WIDE, dtype=np.float64)
    teacher = torch.from_numpy(np.float32(6 * np.sin(0.7 * j))).double()
    student = torch.from_numpy(np.float32(6 * np.sin(0.7 * j + 0.4 * np.sin(j)))).double().requires_grad_()
    loss = jensen_shannon(teacher.log_softmax(-1), student.log_softmax(-1))
    (gradient,) = torch.autograd.grad(loss, student)
    return {
        "vocabulary": WIDE,
        "every": EVERY,
        "loss": loss.item(),
        "largest": gradient.abs().max().item(),
        "gradient": gradient[::EVERY].tolist(),
    }


def of_objective() -> dict:
    read = lambda model, path: model.from_pretrained(path, dtype=torch.float64).eval().requires_grad_(False)
    vlm = read(Idefics3ForConditionalGeneration, NN / "tiny-idefics3")
    lrm = read(LlamaForCausalLM, NN / "tiny-llama")
    pixels = load_file(NN / "tiny-idefics3/reference.safetensors")["pixels"].double()
    given = json.loads((HERE.parent / "distill/reference.json").read_text())
    items = {name: [Item(**item) for item in given[name]] for name in ("distill", "trace", "composed")}
    image_of = lambda i: {} if i is None else {"pixel_values": pixels[i : i + 1, None]}
    text = vlm.model.text_model
    own = {
        f"layers.{i}.{n}": (layer.get_submodule(n), lrm.model.layers[i].get_submodule(n))
        for i, layer in enumerate(text.layers)
        for n in LINEARS
    }
    factors = {
        slot: torch.linalg.svd(b.weight - a.weight, full_matrices=False) for slot, (a, b) in own.items()
    }
    names = {id(p): name for name, p in vlm.named_parameters()}
    g = load_file(HERE.parent / "distill/reference.safetensors")["g"].double().requires_grad_()
    gates = torch.sigmoid(g).split([len(s) for _, s, _ in factors.values()])
    merged = {
        names[id(own[slot][0].weight)]: own[slot][0].weight + LAMBDA * (u * (gate * s)) @ vh
        for (slot, (u, s, vh)), gate in zip(factors.items(), gates, strict=True)
    }

    def term(name: str, teacher: torch.nn.Module) -> torch.Tensor:
        total, positions = torch.zeros((), dtype=torch.float64), 0
        for item in items[name]:
            seen = image_of(item.image if name == "distill" else None)
            target = item.chosen(
                teacher(input_ids=item.sequence(item.teacher_prompt), **seen).logits, item.teacher_prompt
            )
            kwargs = {"input_ids": item.sequence(item.student_prompt), **image_of(item.image)}
            student = torch.func.functional_call(vlm, merged, kwargs=kwargs).logits
            total = total + jensen_shannon(target, item.chosen(student, item.student_prompt)).sum()
            positions += item.positions
        return total / positions

    energy = sum((s**2).sum() for _, s, _ in factors.values())
    injected = sum(((gate * s) ** 2).sum() for (_, s, _), gate in zip(factors.values(), gates, strict=True))
    parts = {
        "distill": term("distill", vlm),
        "inject": -injected / energy,
        "trace": term("trace", lrm),
        "composed": term("composed", lrm),
    }
    weights = {"distill": 1, "inject": ALPHA, "trace": BETA, "composed": GAMMA}
    total = sum(weights[name] * value for name, value in parts.items())
    total.backward()
    losses = {name: value.item() for name, value in (parts | {"total": total}).items()}
    return {"losses": losses, "dg": g.grad.tolist()}


def main() -> None:
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}, float64"
    reference = {"made_by": versions, "rows": of_rows(), "wide": of_wide(), "objective": of_objective()}
    (HERE / "reference.json").write_text(json.dumps(reference) + "\n")
    print(reference["objective"]["losses"], reference["wide"]["loss"])


if __name__ == "__main__":
    main()
