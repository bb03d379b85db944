"""numpy decomposing the task vectors of two checkpoints, float32(lrm) - float32(base), in two processes of one thread each.

Files are bfloat16 safetensors, read here by themselves. Singular values come back, vectors are dropped; nothing is stored.
"""

import json
import multiprocessing
import time

from serve import need, serve

(np,) = need("numpy")
PROCESSES = 2


def places(path: str) -> tuple[dict, int]:
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(length)), 8 + length


def widened(path: str, name: str):
    header, begin = places(path)
    entry = header[name]
    first, last = entry["data_offsets"]
    stored = np.fromfile(path, np.uint16, (last - first) // 2, offset=begin + first)
    return (stored.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])


def spectrum(job: tuple[str, str, str]):
    base, lrm, name = job
    return np.linalg.svd(widened(lrm, name) - widened(base, name), full_matrices=False)[1]


def run(base: str, lrm: str, names: list[str]) -> dict[str, float]:
    begun = time.perf_counter()
    first = 0.0
    for _ in pool.imap_unordered(spectrum, [(base, lrm, name) for name in names]):
        first = first or time.perf_counter() - begun
    return {"ms": (time.perf_counter() - begun) * 1e3, "cpuMs": 0.0, "firstMs": first * 1e3}


pool = multiprocessing.get_context("fork").Pool(PROCESSES)
serve(f"numpy.linalg.svd in {PROCESSES} processes (numpy {np.__version__}, float64 inside)", run=run)
