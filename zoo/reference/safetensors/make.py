"""Writes the files that core/safetensors is held against, with the reference implementation of the format.

    python zoo/reference/safetensors/make.py

- all-dtypes.safetensors: the same special values in every element type that numpy and torch know.
- values.json: what those elements are as float32, by numpy and torch, as uint32 bit patterns (NaN as null).
- rounding.json: float32 bit patterns and their codes in F16 and BF16, rounded by torch.
- plain.safetensors: three tensors whose header order is the reference's own, for byte equality of our writer.
"""

import json
import sys
from pathlib import Path

import numpy as np
import safetensors
import torch
from safetensors.torch import save_file

here = Path(__file__).parent
rng = np.random.default_rng(20260101)


def bits(values: np.ndarray) -> list[int | None]:
    values = np.ascontiguousarray(values, dtype=np.float32).ravel()
    return [None if np.isnan(v) else int(b) for v, b in zip(values, values.view(np.uint32), strict=True)]


def all_codes(bytes_each: int, count: int) -> np.ndarray:
    """All codes of an 8-bit type, or a spread of a wider one with its extremes."""
    if bytes_each == 1:
        return np.arange(256, dtype=np.uint8)
    top = 2 ** (8 * bytes_each)
    edges = [0, 1, 2, top // 2 - 1, top // 2, top // 2 + 1, top - 1, top - 2]
    random = [int.from_bytes(rng.bytes(bytes_each), "little") for _ in range(count - len(edges))]
    return np.array(edges + random, dtype=f"u{bytes_each}")


tensors: dict[str, torch.Tensor] = {"bool": torch.tensor([[True, False, True], [False, False, True]])}
for name, dtype, size in [
    ("u8", torch.uint8, 1), ("i8", torch.int8, 1), ("f8_e5m2", torch.float8_e5m2, 1), ("f8_e4m3", torch.float8_e4m3fn, 1),
    ("i16", torch.int16, 2), ("u16", torch.uint16, 2), ("i32", torch.int32, 4), ("u32", torch.uint32, 4),
    ("i64", torch.int64, 8), ("u64", torch.uint64, 8),
]:  # fmt: skip
    codes = all_codes(size, 96)
    tensors[name] = torch.from_numpy(codes.view(f"i{size}").copy()).view(dtype)
# Integers near a tie between two float32 values: rounding through a double goes wrong here.
ties = [(2**24 + 1 + 2 * k) * 2**32 + d for k in range(4) for d in (-1, 0, 1)]
tensors["i64_ties"] = torch.tensor(ties + [-t for t in ties], dtype=torch.int64)
halves = np.concatenate(
    [
        np.array([0, 0x8000, 1, 0x8001, 0x3FF, 0x400, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x3C00], np.uint16),
        all_codes(2, 200),
    ]
)
tensors["f16"] = torch.from_numpy(halves.view(np.int16).copy()).view(torch.float16)
tensors["bf16"] = torch.from_numpy(all_codes(2, 200).view(np.int16).copy()).view(torch.bfloat16)
tensors["f32"] = torch.from_numpy(all_codes(4, 64).view(np.int32).copy()).view(torch.float32).reshape(4, 16)
tensors["f64"] = torch.tensor(
    [
        0.0,
        -0.0,
        1 / 3,
        1e300,
        -1e-300,
        3e-42,
        16777217.0,
        1 + 2**-24,
        1 + 3 * 2**-24,
        float("inf"),
        float("nan"),
    ],
    dtype=torch.float64,
)
tensors["empty"] = torch.zeros(3, 0, 2)
tensors["scalar"] = torch.tensor(2.5)

metadata = {"note": 'quotes " and \\ and \n and ünïcödé \u0001'}
save_file(tensors, here / "all-dtypes.safetensors", metadata)

values = {}
for name, tensor in tensors.items():
    if tensor.dtype in (torch.uint16, torch.uint32, torch.uint64):
        exact = tensor.numpy().astype(np.float32)
    elif tensor.dtype in (torch.float8_e5m2, torch.float8_e4m3fn, torch.bfloat16):
        exact = tensor.to(torch.float32).numpy()
    else:
        with np.errstate(over="ignore"):
            exact = tensor.numpy().astype(np.float32)
    values[name] = {"shape": list(tensor.shape), "bits": bits(exact)}
written_by = {
    "python": sys.version.split()[0],
    "safetensors": safetensors.__version__,
    "torch": torch.__version__,
    "numpy": np.__version__,
}
(here / "values.json").write_text(
    json.dumps({"writtenBy": written_by, "metadata": metadata, "tensors": values}) + "\n"
)

# Ties, neighbours of ties, the edges of the subnormal range and of overflow, and random patterns.
edges = [0x33000000, 0x33000001, 0x32FFFFFF, 0x33800000, 0x33C00000, 0x33BFFFFF, 0x33C00001, 0x387FC000, 0x387FE000, 0x387FDFFF, 0x387FE001,
         0x387FFFFF, 0x38800000, 0x477FE000, 0x477FEFFF, 0x477FF000, 0x47800000, 0x7F7FFFFF, 0x7F7F8000, 0x7F7F7FFF, 0x7F800000, 0x3F801000, 0x3F803000,
         0x3F808000, 0x3F818000, 0x3F807FFF, 0x3F808001, 0, 1, 0x00008000, 0x00008001, 0x00018000]  # fmt: skip
exponents = rng.integers(0x2F, 0x50, 400).astype(np.uint32) << 24 | rng.integers(0, 2**24, 400).astype(
    np.uint32
)
ties16 = (
    (rng.integers(0x330, 0x478, 200).astype(np.uint32) << 20)
    | (rng.integers(0, 2**7, 200).astype(np.uint32) << 13)
    | 0x1000
)
patterns = np.concatenate(
    [np.array(edges, np.uint32), exponents, ties16, rng.integers(0, 0x7F800000, 200).astype(np.uint32)]
)
patterns = np.concatenate([patterns, patterns | 0x80000000]).astype(np.uint32)
source = torch.from_numpy(patterns.view(np.int32).copy()).view(torch.float32)
rounding = {
    "writtenBy": written_by,
    "f32": patterns.tolist(),
    "f16": source.to(torch.float16).view(torch.int16).numpy().view(np.uint16).tolist(),
    "bf16": source.to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16).tolist(),
}
(here / "rounding.json").write_text(json.dumps(rounding) + "\n")

plain = {
    "model.b": torch.from_numpy(rng.standard_normal((3, 5)).astype(np.float32)).to(torch.bfloat16),
    "model.a": torch.from_numpy(rng.standard_normal((2, 4)).astype(np.float32)),
    "zeta": torch.from_numpy(rng.standard_normal(7).astype(np.float32)).to(torch.float16),
}
save_file(plain, here / "plain.safetensors", {"format": "pt"})
