"""Reference trajectory of torch.optim.Adam in float64 for workers/distill/adam.test.ts.

python -m zoo.reference.distill.make_adam
"""

import json
from pathlib import Path

import torch

RATE = 0.1
STEPS = 6


def main() -> None:
    generator = torch.Generator().manual_seed(5)
    start = torch.randn(7, generator=generator, dtype=torch.float64)
    # Sizes from far below Adam's epsilon to large, as gate gradients have them.
    scale = torch.tensor([1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3, 0.0], dtype=torch.float64)
    gradients = torch.randn(STEPS, 7, generator=generator, dtype=torch.float64) * scale
    parameter = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([parameter], lr=RATE)
    trajectory = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimiser.step()
        trajectory.append(parameter.detach().tolist())
    reference = {
        "made_by": f"torch {torch.__version__}, torch.optim.Adam, float64",
        "rate": RATE,
        "start": start.tolist(),
        "gradients": gradients.tolist(),
        "trajectory": trajectory,
    }
    Path(__file__).with_name("adam.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
