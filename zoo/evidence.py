"""Measures the trio on the untouched test pool and writes zoo/evidence.json and the README's table.

Nothing is chosen here: the settings come from `manifest.DEFAULTS` and were picked on the development pool.
"""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from transformers import Idefics3ForConditionalGeneration, LlamaForCausalLM

from .calibrate import Eye, composed_examples, trace_examples, vision_examples
from .evaluate import Score
from .exam import Exam, Grade, grade_base_text, grade_relay, grade_text
from .frism import Settings, Teachers, arithmetic, decompose, merged_model, run
from .manifest import DEFAULTS, SECOND_TEACHER
from .sheets import calibration_set, composed_set, perception_test, reasoning_test, traces

LAMBDAS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2)
FEWER_LAMBDAS = (0.4, 0.5, 0.6, 0.7, 1.0)
CALIBRATION_SEEDS = (1, 2, 3)
Json = dict[str, object]


@dataclass
class Trio:
    base: LlamaForCausalLM
    lrm: LlamaForCausalLM
    vlm: Idefics3ForConditionalGeneration


def score_json(score: Score) -> Json:
    low, high = score.wilson()
    interval = [round(low, 4), round(high, 4)]
    return {"rate": round(score.rate, 4), "right": score.right, "total": score.total, "wilson95": interval}


def grade_json(grade: Grade) -> Json:
    return {
        "perception": score_json(grade.perception),
        "solve": score_json(grade.solve),
        "solveExact": score_json(grade.solve_exact),
        "tasks": {task: round(s.rate, 4) for task, s in grade.tasks.items()},
    }


def settings_of(kind: str) -> Settings:
    """ "frism", or one of the second teacher's kinds."""
    extra = SECOND_TEACHER.get(kind, {})
    return Settings(
        lam=DEFAULTS.lam,
        alpha=extra.get("alpha", DEFAULTS.alpha),
        beta=extra.get("beta", 0.0),
        gamma=extra.get("gamma", 0.0),
        rate=DEFAULTS.rate,
        steps=DEFAULTS.steps,
        batch=DEFAULTS.batch,
    )


def teachers_of(eye: Eye, lrm: LlamaForCausalLM) -> Teachers:
    seen, composed = calibration_set(), composed_set()
    return Teachers(
        vision_examples(eye, np.stack([b.tile for b in seen]), [b.sample.prompt for b in seen]),
        trace_examples(eye, lrm, traces()),
        composed_examples(eye, lrm, np.stack([b.tile for b in composed])),
    )


def measure_lrm(trio: Trio, exam: Exam, eye: Eye, full: bool) -> Json:
    """All rows that depend on the reasoning model; not `full`: fewer of them, for the models that are not shipped."""
    vlm = {name: tensor.detach() for name, tensor in eye.language.state_dict().items()}
    base, lrm = trio.base.state_dict(), trio.lrm.state_dict()
    factors, teachers = decompose(trio.base, trio.lrm), teachers_of(eye, trio.lrm)
    found: Json = {
        "lrmText": score_json(grade_text(trio.lrm, exam.reasoning)),
        "relay": score_json(grade_relay(eye, trio.lrm, exam.reasoning)),
    }
    sweep = []
    for lam in LAMBDAS if full else FEWER_LAMBDAS:
        grade = exam.grade(merged_model(eye.language, arithmetic(vlm, base, lrm, list(factors), lam)))
        sweep.append({"lambda": lam, **grade_json(grade)})
        print("lambda", lam, grade.line(), flush=True)
    found["taskArithmetic"] = sweep
    kinds = ["frism", *SECOND_TEACHER]
    for kind in kinds:
        rows = []
        for seed in CALIBRATION_SEEDS if full or kind == "frism" else CALIBRATION_SEEDS[:1]:
            merged = run(eye.language, factors, teachers, settings_of(kind), seed=seed)
            grade = exam.grade(merged)
            text = score_json(grade_text(merged, exam.reasoning))
            rows.append({"seed": seed, **grade_json(grade), "solveText": text})
            print(kind, seed, grade.line(), flush=True)
        found[kind] = rows
    if full:
        found["coarse"] = {}
        for grain in ("global", "layer", "matrix"):
            grade = exam.grade(run(eye.language, factors, teachers, settings_of("frism"), grain=grain))
            found["coarse"][grain] = grade_json(grade)
            print(grain, grade.line(), flush=True)
    return found


def best_rival(found: Json) -> Json:
    """The single lambda of highest solve whose perception is no more than 0.01 below FRISM's mean."""
    floor = statistics.mean(row["perception"]["rate"] for row in found["frism"]) - 0.01
    rivals = [row for row in found["taskArithmetic"] if row["perception"]["rate"] >= floor]
    return max(rivals, key=lambda row: row["solve"]["rate"])


def measure(trio: Trio, others: list[tuple[str, LlamaForCausalLM]], out: Path) -> Json:
    """`others`: further reasoning models from other seeds, measured in the same way."""
    eye = Eye(trio.vlm)
    exam = Exam(eye, perception_test(), reasoning_test())
    evidence: Json = {
        "pool": "test",
        "scoring": {"perception": "exact", "solve": "final value after the last ="},
        "settings": {kind: settings_of(kind).__dict__ for kind in ("frism", *SECOND_TEACHER)},
        "base": {
            "perceptionText": score_json(grade_base_text(trio.base, exam.perception)),
            "solveText": score_json(grade_text(trio.base, exam.reasoning)),
        },
        "vlm": grade_json(exam.grade(eye.language)),
        "shipped": measure_lrm(trio, exam, eye, full=True),
    }
    evidence["otherLrms"] = {
        name: measure_lrm(Trio(trio.base, lrm, trio.vlm), exam, eye, full=False) for name, lrm in others
    }
    out.write_text(json.dumps(evidence, indent=1) + "\n")
    return evidence
