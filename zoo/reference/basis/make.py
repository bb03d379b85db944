"""Reference of the bases of a task vector by numpy, float64, for workers/kernels/basis/rebase.test.ts.

    python zoo/reference/basis/make.py

Writes expected.json beside this file. Inputs are not stored: they are made from integers, exactly alike on both sides.
For every basis tau is projected on an orthonormal basis of its shorter side (the rows where there are fewer rows than
columns, else the columns); the strengths, sorted, and the matrix that gates 1/(i + 1) make of it are kept, because
singular vectors have no sign of their own and these do not depend on one.

- `neurons`: the identity. `svd-base`, `svd-vlm`: singular vectors by numpy.linalg.svd.
- `random`: the Householder matrices of Stewart (1980), each formed and multiplied as it stands in the paper, from the
  same draws as the studio's. The basis itself is kept.
"""

import json
import math
import platform
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SHAPES = [(6, 9), (9, 6), (8, 8)]
SEED, NAME = 3, "layers.0.self_attn.q_proj"
MASK = 0xFFFFFFFF


def numbers(rows: int, columns: int, which: int) -> np.ndarray:
    """Whole numbers over 512, exact in float32."""
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return (((i * 73 + j * 41 + which * 17 + 5 * i * j + i * i * j) * 7919) % 1009 - 504) / 512


def mix(x: int) -> int:
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & MASK
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & MASK
    return x ^ (x >> 16)


class Gaussians:
    """The draws of core/merging/random-mask.ts, by the polar method."""

    def __init__(self, seed: int, name: str):
        hashed = 0x811C9DC5
        for byte in name.encode():
            hashed = ((hashed ^ byte) * 0x01000193) & MASK
        self.start, self.index, self.spare = mix(seed ^ hashed), 0, None

    def uniform(self) -> float:
        drawn = mix(mix(self.index ^ self.start))
        self.index += 1
        return (drawn + 0.5) * 2**-31 - 1

    def next(self) -> float:
        if self.spare is not None:
            kept, self.spare = self.spare, None
            return kept
        while True:
            x, y = self.uniform(), self.uniform()
            square = x * x + y * y
            if 0 < square < 1:
                scale = math.sqrt(-2 * math.log(square) / square)
                self.spare = y * scale
                return x * scale


def haar(n: int, seed: int, name: str) -> np.ndarray:
    draws = Gaussians(seed, name)
    q, signs = np.eye(n), []
    for k in range(n):
        x = np.array([draws.next() for _ in range(n - k)])
        sign = -1.0 if x[0] < 0 else 1.0
        signs.append(sign if k == n - 1 else -sign)
        if k == n - 1:
            break
        x[0] += sign * np.linalg.norm(x)
        reflection = np.eye(n)
        reflection[k:, k:] -= 2 * np.outer(x, x) / (x @ x)
        q = q @ reflection
    return q @ np.diag(signs)


def singular(matrix: np.ndarray) -> np.ndarray:
    """[shorter side, shorter side], the strongest first."""
    u, _, vt = np.linalg.svd(matrix, full_matrices=False)
    return u.T if matrix.shape[0] < matrix.shape[1] else vt


def case(basis: str, tau: np.ndarray, q: np.ndarray) -> dict:
    out = tau.shape[0] < tau.shape[1]
    along = q @ tau if out else q @ tau.T
    strengths = np.linalg.norm(along, axis=1)
    merged = np.zeros_like(tau)
    for gate, i in enumerate(np.argsort(-strengths, kind="stable")):
        merged += (np.outer(q[i], along[i]) if out else np.outer(along[i], q[i])) / (gate + 1)
    return {
        "basis": basis,
        "rows": tau.shape[0],
        "cols": tau.shape[1],
        "s": sorted(strengths.tolist(), reverse=True),
        "merged": merged.ravel().tolist(),
        **({"q": q.ravel().tolist()} if basis == "random" else {}),
    }


def main() -> None:
    cases = []
    for rows, columns in SHAPES:
        tau, base, vlm = (numbers(rows, columns, which) for which in (1, 2, 3))
        short = min(rows, columns)
        cases += [
            case("neurons", tau, np.eye(short)),
            case("svd-base", tau, singular(base)),
            case("svd-vlm", tau, singular(vlm)),
            case("random", tau, haar(short, SEED, NAME)),
        ]
    rounded = json.loads(json.dumps(cases), parse_float=lambda text: round(float(text), 12))
    made_by = {"numpy": np.__version__, "python": platform.python_version()}
    text = json.dumps(
        {"made_by": made_by, "seed": SEED, "name": NAME, "cases": rounded}, separators=(",", ":")
    )
    (HERE / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
