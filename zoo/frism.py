"""FRISM: gates on the singular directions of the reasoning model's task vector (arXiv 2601.21187, Eq. 7-10).

    tau = theta_lrm - theta_base = U diag(S) V^T          per linear layer, thin SVD
    theta_merged = theta_vlm + lambda U diag(sigmoid(g) S) V^T                         (7)
    L = L_distill + beta L_trace + gamma L_composed + alpha L_inject                   (10, with a second teacher)

L_inject = - sum ||sigmoid(g) S||^2 / sum ||S||^2, which lies in [-1, 0]. Only the gate logits g are trained. No label
is read: every target is a teacher's own distribution on its own greedy answer.
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch.func import functional_call
from transformers import LlamaForCausalLM

from .calibrate import Example, pad_batch
from .models import linear_names

Grain = Literal["subspace", "matrix", "layer", "global"]
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Settings:
    """One run. Defaults are those of the demo's manifest."""

    lam: float = 1.2
    alpha: float = 0.6
    beta: float = 0.0
    gamma: float = 0.0
    rate: float = 0.1
    steps: int = 150
    batch: int = 32
    seed: int = 1
    grain: Grain = "subspace"


@dataclass(frozen=True)
class Factors:
    """Thin SVD of one task matrix [out, in]: u [out, r], s [r], vh [r, in], r = min(out, in)."""

    u: torch.Tensor
    s: torch.Tensor
    vh: torch.Tensor


def decompose(base: LlamaForCausalLM, lrm: LlamaForCausalLM) -> dict[str, Factors]:
    """Stage 1: the task vector of q, k, v, o, gate, up and down of each layer, in float32."""
    before, after = base.state_dict(), lrm.state_dict()
    names = linear_names(base.config.num_hidden_layers)
    return {
        name: Factors(*torch.linalg.svd(after[name].float() - before[name].float(), False)) for name in names
    }


def rebased(tau: torch.Tensor, basis: torch.Tensor) -> Factors:
    """tau [out, in] exactly, in another basis than its singular vectors: a control for what they contribute.

    `basis` is orthonormal and square, [m, m] with m = min(out, in), and spans the smaller side, so that nothing of tau is
    lost. Each of its directions b carries what tau does along it: (tau b) bᵀ, or b (bᵀ tau) where `out` is smaller.
    s holds the norms; unlike singular values they do not fall, and the other side's vectors are not orthogonal.
    """
    if tau.shape[0] < tau.shape[1]:
        turned = rebased(tau.T, basis)
        return Factors(turned.vh.T, turned.s, turned.u.T)
    along = tau @ basis
    s = along.norm(dim=0)
    return Factors(along / s.clamp_min(1e-30), s, basis.T)


def random_basis(size: int, generator: torch.Generator) -> torch.Tensor:
    """A random orthonormal [size, size]: Q of a Gaussian matrix, signs set so that it is uniform (Haar)."""
    q, r = torch.linalg.qr(torch.randn(size, size, generator=generator))
    return q * r.diagonal().sign()


def merge(vlm: Weights, factors: dict[str, Factors], gates: Weights, lam: float) -> Weights:
    """Eq. 7. `gates` hold sigmoid(g), of r values or of one that stands for all."""
    return {name: vlm[name] + lam * (f.u * (gates[name] * f.s)) @ f.vh for name, f in factors.items()}


def arithmetic(vlm: Weights, base: Weights, lrm: Weights, names: list[str], lam: float) -> Weights:
    """Task arithmetic anchored at the VLM: theta_vlm + lambda tau."""
    return {name: vlm[name] + lam * (lrm[name] - base[name]) for name in names}


def merged_model(vlm: LlamaForCausalLM, weights: Weights) -> LlamaForCausalLM:
    """A copy of `vlm` with the merged linear weights put in."""
    model = LlamaForCausalLM(vlm.config)
    model.load_state_dict({**vlm.state_dict(), **weights})
    return model.eval()


def kl_to_teacher(student: LlamaForCausalLM, weights: Weights, batch: list[Example]) -> torch.Tensor:
    """KL(teacher || student) over the vocabulary, averaged over all answer positions of the batch (Eq. 8)."""
    embeds, rows, columns = pad_batch(batch)
    logits = functional_call(student, weights, kwargs={"inputs_embeds": embeds, "use_cache": False}).logits
    log_student = logits[rows, columns].log_softmax(-1)
    log_teacher = torch.cat([example.log_teacher for example in batch])
    return (log_teacher.exp() * (log_teacher - log_student)).sum(-1).mean()


def _logits(factors: dict[str, Factors], grain: Grain) -> Weights:
    """g = 0, shared as `grain` says; the same tensor object stands under every name that shares it."""
    shared: Weights = {}
    logits: Weights = {}
    for name, f in factors.items():
        match grain:
            case "subspace":
                logits[name] = torch.zeros(len(f.s), requires_grad=True)
                continue
            case "matrix":
                key = name
            case "layer":
                key = name.split(".")[2]
            case "global":
                key = ""
        logits[name] = shared.setdefault(key, torch.zeros(1, requires_grad=True))
    return logits


class _Shuffled:
    """Batches without replacement, shuffled anew each epoch."""

    def __init__(self, examples: list[Example], size: int, seed: int) -> None:
        self.examples, self.size = examples, size
        self.generator = torch.Generator().manual_seed(seed)
        self.queue: list[int] = []

    def next(self) -> list[Example]:
        if len(self.queue) < self.size:
            self.queue = torch.randperm(len(self.examples), generator=self.generator).tolist()
        taken, self.queue = self.queue[: self.size], self.queue[self.size :]
        return [self.examples[i] for i in taken]


@dataclass
class Teachers:
    """Calibration of each term: what the VLM sees, what the LRM reads, what the LRM makes of what the VLM reads."""

    vision: list[Example]
    trace: list[Example]
    composed: list[Example]


def distill(
    vlm: LlamaForCausalLM, factors: dict[str, Factors], teachers: Teachers, settings: Settings
) -> tuple[Weights, list[dict[str, float]]]:
    """Stage 2. Returns the gates sigmoid(g) by weight name, and the losses of each step."""
    frozen = {name: tensor.detach() for name, tensor in vlm.state_dict().items()}
    logits = _logits(factors, settings.grain)
    optimiser = torch.optim.Adam(list({id(t): t for t in logits.values()}.values()), lr=settings.rate)
    energy = sum((f.s**2).sum() for f in factors.values())
    terms = [("distill", 1.0, teachers.vision), ("trace", settings.beta, teachers.trace)]
    terms.append(("composed", settings.gamma, teachers.composed))
    active = [
        (label, weight, _Shuffled(e, settings.batch, settings.seed)) for label, weight, e in terms if weight
    ]
    history: list[dict[str, float]] = []
    for _ in range(settings.steps):
        gates = {name: torch.sigmoid(g) for name, g in logits.items()}
        weights = merge(frozen, factors, gates, settings.lam)
        inject = -sum(((gates[name] * f.s) ** 2).sum() for name, f in factors.items()) / energy
        loss, losses = settings.alpha * inject, {"inject": inject.item()}
        for label, weight, source in active:
            term = kl_to_teacher(vlm, weights, source.next())
            loss, losses[label] = loss + weight * term, term.item()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        history.append(losses)
    return {name: torch.sigmoid(g).detach() for name, g in logits.items()}, history


def run(
    vlm: LlamaForCausalLM,
    factors: dict[str, Factors],
    teachers: Teachers,
    settings: Settings,
    **changes: object,
) -> LlamaForCausalLM:
    """Distils and returns the merged language model."""
    settings = replace(settings, **changes)
    gates, _ = distill(vlm, factors, teachers, settings)
    frozen = {name: tensor.detach() for name, tensor in vlm.state_dict().items()}
    return merged_model(vlm, merge(frozen, factors, gates, settings.lam))
