"""Expressions, their split into pools, and what each prompt asks of them.

Two-operator expressions and free strings fall by a hash into train, dev and test; no other pool ever sees a test
expression. One-operator expressions (300 in all) are arithmetic facts and belong to training only.
"""

import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .board import CELLS
from .vocab import GLYPHS, INKS, PERCEPTION

Pool = Literal["train", "dev", "test"]
OPERATORS = "+-*"


@dataclass(frozen=True)
class Sample:
    """One question. `cells` are the board's 16 cells."""

    task: str
    text: str
    cells: tuple[str, ...]
    ink: str
    prompt: str
    answer: str


def pool_of(text: str) -> Pool:
    """1/8 of all texts is test, 1/16 dev, the rest train."""
    bucket = zlib.crc32(text.encode()) % 16
    return "test" if bucket < 2 else "dev" if bucket == 2 else "train"


def value(left: int, operator: str, right: int) -> int:
    return left + right if operator == "+" else left - right if operator == "-" else left * right


def reductions(expression: list[int | str]) -> list[str]:
    """All forms of [a, op, b(, op, c)] from the whole one to its value: `*` first, then from the left."""
    forms = ["".join(map(str, expression))]
    terms = list(expression)
    while len(terms) > 1:
        at = next((i for i in range(1, len(terms), 2) if terms[i] == "*"), 1)
        terms[at - 1 : at + 2] = [value(int(terms[at - 1]), str(terms[at]), int(terms[at + 1]))]
        forms.append("".join(map(str, terms)))
    return forms


def random_expression(rng: np.random.Generator, operators: int, pool: Pool) -> list[int | str]:
    """Single digits; of two operators at most one is `*`, so that no product exceeds 81."""
    while True:
        digits = rng.integers(0, 10, size=operators + 1)
        signs = [OPERATORS[i] for i in rng.integers(0, 3, size=operators)]
        if signs.count("*") > 1:
            continue
        terms: list[int | str] = [int(digits[0])]
        for sign, digit in zip(signs, digits[1:], strict=True):
            terms += [sign, int(digit)]
        if operators == 1 or pool_of("".join(map(str, terms))) == pool:
            return terms


def free_string(rng: np.random.Generator, pool: Pool) -> str:
    """1 to 8 glyphs in any order."""
    while True:
        text = "".join(GLYPHS[i] for i in rng.integers(0, len(GLYPHS), size=int(rng.integers(1, 9))))
        if pool_of(text) == pool and (pool == "train" or len(text) > 2):
            return text


def random_text(rng: np.random.Generator, pool: Pool) -> str:
    """What a board shows for a perception question: mostly two-operator expressions."""
    kind = rng.random()
    if kind < 0.2:
        return free_string(rng, pool)
    operators = 1 if kind < 0.35 and pool == "train" else 2
    return "".join(map(str, random_expression(rng, operators, pool)))


def spread(text: str, rng: np.random.Generator, cells: int = CELLS) -> tuple[str, ...]:
    """`text` in reading order at random cells, one glyph a cell."""
    board = [" "] * cells
    for place, glyph in zip(np.sort(rng.choice(cells, size=len(text), replace=False)), text, strict=True):
        board[place] = glyph
    return tuple(board)


def perceive(task: str, text: str, ink: str, rng: np.random.Generator) -> tuple[str, str]:
    """(prompt, answer) of a perception task."""
    match task:
        case "read":
            return task, text
        case "count":
            return task, str(len(text))
        case "first":
            return task, text[0]
        case "last":
            return task, text[-1]
        case "ink":
            return task, ink
        case "has":
            digits = sorted({c for c in text if c.isdigit()})
            others = [c for c in "0123456789" if c not in digits]
            present = bool(digits) and (not others or rng.random() < 0.5)
            digit = str(rng.choice(digits if present else others))
            return f"has {digit}", "yes" if present else "no"
    raise ValueError(f"unknown perception task {task!r}")


def perception_sample(rng: np.random.Generator, pool: Pool, task: str | None = None) -> Sample:
    task = task or PERCEPTION[int(rng.integers(len(PERCEPTION)))]
    text, ink = random_text(rng, pool), INKS[int(rng.integers(len(INKS)))]
    prompt, answer = perceive(task, text, ink, rng)
    return Sample(task, text, spread(text, rng), ink, prompt, answer)


def solve_sample(rng: np.random.Generator, pool: Pool, one_operator: float = 0.0) -> Sample:
    """`one_operator` is the share of one-operator expressions (training only)."""
    forms = reductions(random_expression(rng, 1 if rng.random() < one_operator else 2, pool))
    ink = INKS[int(rng.integers(len(INKS)))]
    return Sample("solve", forms[0], spread(forms[0], rng), ink, "solve", "=".join(forms))


def step_sample(rng: np.random.Generator) -> Sample:
    """One reduction, from any form but the last; training pool only."""
    forms = reductions(random_expression(rng, 1 if rng.random() < 0.2 else 2, "train"))
    at = int(rng.integers(len(forms) - 1))
    return Sample("step", forms[at], spread(forms[at], rng), "black", "step", forms[at + 1])
