"""Reference of the lumped divergence in PyTorch, float64, for workers/kernels/divergence/lumped.device.test.ts.

    python -m zoo.reference.distill.make_lumped

KL over k + 1 outcomes: the teacher's k most probable tokens, and all the others as one. Written out plainly; the gradient by the student's logits is autograd's.
The last logit of each row is of a token that the teacher does not know.
"""

import json
from pathlib import Path

import torch

ROWS, VOCABULARY, KNOWN = 5, 23, 22
TOP = [1, 4, 21]


def main() -> None:
    generator = torch.Generator().manual_seed(11)
    # From nearly uniform to nearly certain; float32 numbers, so that every side starts from the same.
    sharpness = torch.tensor([0.1, 1.0, 4.0, 12.0, 30.0])[:, None]
    teacher = torch.randn(ROWS, KNOWN, generator=generator) * sharpness
    student = teacher.new_zeros(ROWS, VOCABULARY)
    student[:, :KNOWN] = teacher + torch.randn(ROWS, KNOWN, generator=generator)
    student[:, KNOWN:] = torch.randn(ROWS, VOCABULARY - KNOWN, generator=generator)
    share = torch.tensor([0.5, 0.25, 0.125, 0.0625, 0.0])

    cases = []
    for k in TOP:
        logits = student.double().requires_grad_()
        p = teacher.double().softmax(-1)
        q = logits[:, :KNOWN].softmax(-1)
        top = p.topk(k).indices
        lump = lambda x: torch.cat([x.gather(1, top), x.scatter(1, top, 0).sum(1, keepdim=True)], 1)  # noqa: B023, E731
        loss = (share.double() * (lump(p) * (lump(p).log() - lump(q).log())).sum(1)).sum()
        (gradient,) = torch.autograd.grad(loss, logits)
        cases.append({"k": k, "loss": loss.item(), "gradient": gradient.flatten().tolist()})
    reference = {
        "made_by": f"torch {torch.__version__}, float64",
        "known": KNOWN,
        "teacher": teacher.tolist(),
        "student": student.tolist(),
        "share": share.tolist(),
        "cases": cases,
    }
    Path(__file__).with_name("lumped.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
