"""Reference singular values, factors and eigenvalues by LAPACK, for the tests of workers/kernels/svd.

Writes expected.json beside this file. Inputs are not stored: they are made from integers alone (a 32-bit linear congruential
generator, additions, products below 2**53, powers of two), so that workers/kernels/svd/testing/inputs.ts makes the same float32
bits; each case carries the CRC-32 of its input to prove it. LAPACK runs on float64 copies.

    python zoo/reference/svd/make.py
"""

import json
import platform
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

Matrix = np.ndarray


class Lcg:
    """x <- 1664525 x + 1013904223 mod 2**32 (Numerical Recipes); the high bits are handed out."""

    def __init__(self, seed: int):
        self.state = seed

    def signed(self, bits: int, count: int) -> Matrix:
        """`count` integers in [-2**(bits-1), 2**(bits-1)), as float64."""
        out = np.empty(count)
        for i in range(count):
            self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
            out[i] = (self.state >> (32 - bits)) - (1 << (bits - 1))
        return out


def noise(rows: int, cols: int) -> Matrix:
    return Lcg(1).signed(16, rows * cols).reshape(rows, cols)


def product(rows: int, cols: int, rank: int, bits: int, seed: int) -> Matrix:
    lcg = Lcg(seed)
    left = lcg.signed(bits, rows * rank).reshape(rows, rank)
    return left @ lcg.signed(bits, rank * cols).reshape(rank, cols)


def task(rows: int, cols: int) -> Matrix:
    """Noise with eight strong directions, the look of a task vector. Below 2**24: exact in float32."""
    return noise(rows, cols) + 4096 * product(rows, cols, 8, 4, 2)


def lora(rows: int, cols: int) -> Matrix:
    """Rank eight before it is rounded to float32."""
    return product(rows, cols, 8, 16, 3)


def graded(rows: int, cols: int) -> Matrix:
    """Rows fall by a power of two every fourth row."""
    return noise(rows, cols) * np.exp2(-(np.arange(rows) // 4))[:, None]


def cliff(rows: int, cols: int) -> Matrix:
    """Three plateaus, 1, 2**-11 and 2**-21: the second and third passes over weak rows."""
    return noise(rows, cols) * np.exp2(np.array([0, -11, -21])[np.arange(rows) * 3 // rows])[:, None]


def hadamard(rows: int, cols: int) -> Matrix:
    """Every singular value is sqrt(rows)."""
    index = np.arange(rows)[:, None] & np.arange(cols)[None, :]
    return 1 - 2 * (np.vectorize(lambda v: int(v).bit_count())(index) & 1).astype(float)


def twins(rows: int, cols: int) -> Matrix:
    """diag(B, B): every singular value twice."""
    block = noise(rows // 2, cols // 2)
    gap = np.zeros_like(block)
    return np.block([[block, gap], [gap, block]])


def repeated_rows(rows: int, cols: int) -> Matrix:
    block = noise(rows // 2, cols)
    return np.concatenate([block, block])


def steps(rows: int, cols: int) -> Matrix:
    out = np.zeros((rows, cols))
    for i in range(min(rows, cols)):
        out[i, i] = 1 + i % 4
    return out


def constant(rows: int, cols: int) -> Matrix:
    """All entries of a singular vector are rounded alike."""
    return np.full((rows, cols), 3.0)


def kronecker(rows: int, cols: int) -> Matrix:
    """[[a, b], [c, d]] with singular values 16 : 1, times a Hadamard matrix whose columns grow: in every left vector only two magnitudes."""
    half = rows // 2
    return np.kron(np.array([[3461, -158], [3836, 296]]), hadamard(half, half) * (256 + 4 * np.arange(half)))


def identity(rows: int, cols: int) -> Matrix:
    return np.eye(rows, cols)


def zero(rows: int, cols: int) -> Matrix:
    return np.zeros((rows, cols))


def rank_one(rows: int, cols: int) -> Matrix:
    """Exactly of rank one in float32: products of 12-bit integers."""
    return product(rows, cols, 1, 12, 4)


def tiny(rows: int, cols: int) -> Matrix:
    return noise(rows, cols) * 2.0**-135


def huge(rows: int, cols: int) -> Matrix:
    return noise(rows, cols) * 2.0**85


# Kind, rows, columns, and whether the factors are stored too (small, with well separated singular values).
CASES: list[tuple[Callable[[int, int], Matrix], int, int, bool]] = [
    (task, 24, 40, True),
    (task, 40, 24, True),
    (noise, 7, 7, True),
    (task, 352, 128, False),
    (task, 128, 352, False),
    (task, 576, 1536, False),
    (noise, 160, 160, False),
    (noise, 33, 35, False),
    (lora, 352, 128, False),
    (lora, 96, 200, False),
    (graded, 128, 160, False),
    (graded, 160, 100, False),
    (cliff, 120, 150, False),
    (cliff, 150, 150, False),
    (hadamard, 64, 64, False),
    (twins, 128, 160, False),
    (repeated_rows, 100, 130, False),
    (steps, 96, 120, False),
    (identity, 70, 70, False),
    (zero, 40, 50, False),
    (rank_one, 90, 60, False),
    (tiny, 64, 80, False),
    (huge, 64, 80, False),
    (noise, 1, 77, False),
    (noise, 77, 1, False),
    (noise, 1, 1, False),
    (noise, 2, 3, False),
    (constant, 58, 58, False),
    (constant, 193, 255, False),
    (hadamard, 96, 96, False),
    (kronecker, 128, 128, False),
    (zero, 3, 5000, False),
    (rank_one, 2000, 5, False),
    (rank_one, 100, 6000, False),
]


def decomposition(kind: Callable[[int, int], Matrix], rows: int, cols: int, with_factors: bool) -> dict:
    a = np.ascontiguousarray(kind(rows, cols), dtype=np.float32)
    u, s, vt = np.linalg.svd(a.astype(np.float64), full_matrices=False)
    case = {
        "kind": kind.__name__,
        "rows": rows,
        "cols": cols,
        "crc32": zlib.crc32(a.tobytes()),
        "s": s.tolist(),
    }
    if with_factors:
        # The studio's sign convention: the largest entry of each left vector is positive.
        signs = np.sign(u[np.abs(u).argmax(axis=0), np.arange(u.shape[1])])
        case["u"] = (u * signs).ravel().tolist()
        case["vt"] = (vt * signs[:, None]).ravel().tolist()
    return case


def tridiagonals() -> list[dict]:
    """Symmetric tridiagonal matrices that are hard on divide and conquer, as small numbers that are exact in float64."""
    wilkinson = np.abs(np.arange(-50, 51)).astype(float)
    glued = np.tile(np.abs(np.arange(-10, 11)).astype(float), 5)
    glue = np.ones(len(glued) - 1)
    glue[20::21] = 2.0**-30
    lcg = Lcg(5)
    matrices = {
        "wilkinson": (wilkinson, np.ones(100)),
        "glued wilkinson": (glued, glue),
        "random": (lcg.signed(16, 200), lcg.signed(16, 199)),
        "weakly coupled": (lcg.signed(4, 150), lcg.signed(16, 149) * 2.0**-40),
        "decoupled": (lcg.signed(16, 90), lcg.signed(16, 89) * (np.arange(89) % 3 > 0)),
    }
    out = []
    for name, (diagonal, off) in matrices.items():
        full = np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)
        out.append(
            {
                "name": name,
                "diagonal": diagonal.tolist(),
                "off": off.tolist(),
                "values": np.linalg.eigvalsh(full).tolist(),
            }
        )
    return out


def lapack() -> str:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["lapack"]
    return f"{blas['name']} {blas['version']}"


def main() -> None:
    made_by = {"numpy": np.__version__, "lapack": lapack(), "python": platform.python_version()}
    decompositions = [json.dumps(decomposition(*case)) for case in CASES]
    matrices = [json.dumps(matrix) for matrix in tridiagonals()]
    path = Path(__file__).with_name("expected.json")
    lines = [
        "{",
        f'"made_by": {json.dumps(made_by)},',
        '"decompositions": [',
        ",\n".join(decompositions),
        "],",
        '"tridiagonals": [',
        ",\n".join(matrices),
        "]}",
    ]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
