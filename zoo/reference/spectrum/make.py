"""Spectra and their measures by numpy: the reference for core/spectrum.

    python zoo/reference/spectrum/make.py

The median of the Marchenko-Pastur law is found here by integrating its density with Gauss-Legendre quadrature and bisection,
not by the closed form that the studio uses.
"""

import json
import sys
from pathlib import Path

import numpy as np

rng = np.random.default_rng(7)
nodes, weights = np.polynomial.legendre.leggauss(400)


def mass_above(beta: float, x: float) -> float:
    """Integral of the density from x to the upper edge; x = a + (b − a) sin²(t) takes both square roots off the edges."""
    a, b = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    low = np.arcsin(np.sqrt((x - a) / (b - a)))
    total, pieces = 0.0, np.linspace(low, np.pi / 2, 65)
    for begin, end in zip(pieces[:-1], pieces[1:], strict=True):
        t = (end - begin) / 2 * nodes + (end + begin) / 2
        point = a + (b - a) * np.sin(t) ** 2
        density = (b - a) ** 2 * 2 * np.sin(t) ** 2 * np.cos(t) ** 2 / (2 * np.pi * beta * point)
        total += (end - begin) / 2 * float(weights @ density)
    return total


def mp_median(beta: float) -> float:
    low, high = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mass_above(beta, middle) > 0.5 else (low, middle)
    return (low + high) / 2


# One entry a measure, by the id that it has in core/spectrum/measures/all.ts.
def measures(sigma: np.ndarray, m: int, n: int) -> dict:
    p = sigma / sigma.sum()
    p = p[p > 0]
    beta = min(m, n) / max(m, n)
    mu = mp_median(beta)
    optimal = np.sqrt(2 * (beta + 1) + 8 * beta / (beta + 1 + np.sqrt(beta**2 + 14 * beta + 1)))
    return {
        "gavishDonohoRank": int((sigma > optimal / np.sqrt(mu) * np.median(sigma)).sum()),
        "frobenius": float(np.linalg.norm(sigma)),
        "stableRank": float((sigma**2).sum() / sigma[0] ** 2),
        "effectiveRank": float(np.exp(-(p * np.log(p)).sum())),
        "participationRatio": float((sigma**2).sum() ** 2 / (sigma**4).sum()),
        "noiseEdge": float(np.median(sigma) / np.sqrt(max(m, n) * mu) * (np.sqrt(m) + np.sqrt(n))),
    }


cases = []
for m, n, strong, scale in [
    (48, 48, 0, 1.0),
    (64, 160, 5, 0.02),
    (151, 60, 3, 1e-3),
    (33, 32, 1, 50.0),
    (1, 90, 0, 1.0),
    (200, 24, 12, 1e-12),
]:
    noise = rng.standard_normal((m, n))
    signal = rng.standard_normal((m, strong)) @ rng.standard_normal((strong, n)) * 0.7
    sigma = np.linalg.svd(scale * (noise + signal), compute_uv=False)
    cases.append(
        {
            "rows": m,
            "columns": n,
            "strong": strong,
            "sigma": sigma.tolist(),
            "expected": measures(sigma, m, n),
        }
    )
cases.append(
    {
        "rows": 9,
        "columns": 40,
        "strong": 2,
        "sigma": (s := [3.0, 1.0] + [0.0] * 7),
        "expected": measures(np.array(s), 9, 40),
    }
)
medians = {
    str(beta): mp_median(beta)
    for beta in [1e-6, 1e-3, 0.01, 0.1, 0.25, 0.375, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0]
}
written_by = {"python": sys.version.split()[0], "numpy": np.__version__}
(Path(__file__).parent / "spectra.json").write_text(
    json.dumps({"writtenBy": written_by, "medians": medians, "cases": cases}) + "\n"
)
