"""LAPACK's thin SVD on one thread.

numpy  numpy.linalg.svd, which computes in float64 also for float32 input (gesdd);
scipy  scipy.linalg.svd, which on float32 is float32 all through (sgesdd).
"""

import sys

from serve import need, serve, timed

which = sys.argv[1]
rival, linalg = need(which, f"{which}.linalg")
(np,) = need("numpy")
matrix = np.zeros((1, 1), np.float32)


def load(path: str, rows: int, cols: int) -> None:
    global matrix
    matrix = np.fromfile(path, np.float32).reshape(rows, cols)


if which == "numpy":
    label = f"numpy.linalg.svd (numpy {rival.__version__}, float64 inside)"

    def thin():
        return linalg.svd(matrix, full_matrices=False)

else:
    label = f"scipy.linalg.svd float32 (sgesdd, scipy {rival.__version__})"

    def thin():
        return linalg.svd(matrix, full_matrices=False, lapack_driver="gesdd")


serve(label, load=load, svd=lambda: timed(thin), values=lambda: thin()[1].tolist())
