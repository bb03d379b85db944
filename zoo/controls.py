"""What could refute the demo's claims, measured on the shipped trio and the test pool; writes zoo/controls.json.

    python -m zoo.controls        about 25 minutes on one thread; nothing is trained but gates

Two questions. First, how much of what a merge loses in perception is sight, and how much is only the form of the answer?
Every row is scored twice, by exact answer and by content. Second, do the *singular* subspaces matter? The same run with
as many gates on a random orthonormal basis of each matrix, and on its neurons, is the control. Settings are those of
`manifest.DEFAULTS` for all of them: none was tuned for a control.
"""

import json
import statistics
from pathlib import Path

import torch
from transformers import LlamaForCausalLM

from .calibrate import Eye
from .evaluate import MAX_THOUGHT_TOKENS, Score, answer_all, score
from .evidence import CALIBRATION_SEEDS, LAMBDAS, Json, teachers_of, score_json, settings_of
from .exam import Exam, grade_relay
from .frism import Factors, Teachers, arithmetic, decompose, merged_model, random_basis, rebased, run
from .manifest import SECOND_TEACHER
from .models import load_checkpoint
from .sheets import perception_test, reasoning_test

ROOT = Path(__file__).resolve().parent.parent
DEMO, OUT = ROOT / "public" / "models" / "demo", ROOT / "zoo" / "controls.json"
ALPHAS = (0.3, 0.6, 1.0)
BASES = ("svd", "random", "neurons")


def in_basis(factors: dict[str, Factors], basis: str, seed: int) -> dict[str, Factors]:
    """The same task vectors; "random" draws a basis for each matrix from `seed`, "neurons" takes the identity."""
    if basis == "svd":
        return factors
    generator = torch.Generator().manual_seed(seed)
    found = {}
    for name, f in factors.items():
        tau, size = (f.u * f.s) @ f.vh, len(f.s)
        found[name] = rebased(tau, torch.eye(size) if basis == "neurons" else random_basis(size, generator))
    return found


def grade(exam: Exam, model: LlamaForCausalLM) -> Json:
    """Perception by exact answer and by content, of the same generated texts; solve by final value."""
    seen = answer_all(model, exam.seen, limit=MAX_THOUGHT_TOKENS)
    truths = [b.sample.answer for b in exam.perception]
    tasks: dict[str, Score] = {}
    for board, answer in zip(exam.perception, seen, strict=True):
        one = score([answer], [board.sample.answer], "content")
        tasks[board.sample.task] = tasks.get(board.sample.task, Score(0, 0)) + one
    solved = answer_all(model, exam.solve)
    return {
        "perceptionExact": score_json(score(seen, truths)),
        "perceptionContent": score_json(score(seen, truths, "content")),
        "tasksContent": {task: round(s.rate, 4) for task, s in tasks.items()},
        "solve": score_json(score(solved, [b.sample.answer for b in exam.reasoning], "final")),
    }


def measure_bases(eye: Eye, exam: Exam, factors: dict[str, Factors], teachers: Teachers) -> list[Json]:
    """FRISM's run in each basis, for three α and three calibration seeds (which also draw the random basis)."""
    rows = []
    for basis in BASES:
        for alpha in ALPHAS:
            for seed in CALIBRATION_SEEDS:
                turned = in_basis(factors, basis, seed)
                found = grade(
                    exam, run(eye.language, turned, teachers, settings_of("frism"), seed=seed, alpha=alpha)
                )
                rows.append({"basis": basis, "alpha": alpha, "seed": seed, **found})
                print(basis, alpha, seed, line(found), flush=True)
    return rows


def line(found: Json) -> str:
    keys = ("perceptionExact", "perceptionContent", "solve")
    return " / ".join(f"{found[key]['rate']:.3f}" for key in keys)


def measure() -> Json:
    base, lrm, vlm = (load_checkpoint(DEMO / role) for role in ("base", "lrm", "vlm"))
    eye = Eye(vlm)
    exam = Exam(eye, perception_test(), reasoning_test())
    factors, teachers = decompose(base, lrm), teachers_of(eye, lrm)
    frozen = {name: tensor.detach() for name, tensor in eye.language.state_dict().items()}
    found: Json = {
        "pool": "test",
        "torch": torch.__version__,
        "relay": score_json(grade_relay(eye, lrm, exam.reasoning)),
        "vlm": grade(exam, eye.language),
        "taskArithmetic": [],
    }
    print("VLM", line(found["vlm"]), flush=True)
    for lam in LAMBDAS:
        weights = arithmetic(frozen, base.state_dict(), lrm.state_dict(), list(factors), lam)
        row = {"lambda": lam, **grade(exam, merged_model(eye.language, weights))}
        found["taskArithmetic"].append(row)
        print("lambda", lam, line(row), flush=True)
    for kind in SECOND_TEACHER:
        found[kind] = []
        for seed in CALIBRATION_SEEDS:
            row = {
                "seed": seed,
                **grade(exam, run(eye.language, factors, teachers, settings_of(kind), seed=seed)),
            }
            found[kind].append(row)
            print(kind, seed, line(row), flush=True)
    found["bases"] = measure_bases(eye, exam, factors, teachers)
    return found


def summary(found: Json) -> str:
    """Mean of the settings by basis, and in how many of them a control solves more than the SVD."""
    rows = found["bases"]
    of = {b: {(r["alpha"], r["seed"]): r for r in rows if r["basis"] == b} for b in BASES}
    lines = []
    for basis in BASES:
        for alpha in ALPHAS:
            mine = [of[basis][alpha, seed] for seed in CALIBRATION_SEEDS]
            means = [
                f"{statistics.mean(r[key]['rate'] for r in mine):.3f}"
                for key in ("perceptionExact", "perceptionContent", "solve")
            ]
            lines.append(f"{basis} α {alpha}: {' / '.join(means)}")
        if basis != "svd":
            more = [of[basis][k]["solve"]["rate"] - of["svd"][k]["solve"]["rate"] for k in of["svd"]]
            lines.append(
                f"{basis} solves more than svd in {sum(d > 0 for d in more)} of {len(more)}, by {statistics.mean(more):+.3f}"
            )
    return "\n".join(lines)


def main() -> None:
    torch.set_num_threads(2)
    found = measure()
    OUT.write_text(json.dumps(found, indent=1) + "\n")
    print(summary(found))


if __name__ == "__main__":
    main()
