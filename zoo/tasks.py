"""Expressions, their split into pools, and what each prompt asks of them.

Two-operator expressions and free strings fall by a hash into train, dev and test; no other pool ever sees a test
expression. One-operator expressions (300 in all) and single operations are arithmetic facts: training only.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .board import CELLS
from .vocab import END_THINK, GLYPHS, INKS, PERCEPTION, THINK

Pool = Literal["train", "dev", "test"]
OPERATORS = "+-*"


@dataclass(frozen=True)
class Mix:
    """What perception questions are made of: how often each task comes (in PERCEPTION's order), the share of free
    strings among the texts, their symbols and lengths; the share of facts among `step` questions, and whether a step's answer repeats what it reduces."""

    shares: tuple[float, ...] = (0.32, 0.2, 0.2, 0.08, 0.08, 0.12)
    free: float = 0.15
    symbols: tuple[str, ...] = tuple(GLYPHS)
    shortest: int = 2
    longest: int = 6
    facts: float = 0.5
    shows_left: bool = False


IMAGES = Mix()
# The base's lessons. The second knows the symbols that only a reasoning model will answer with, the third writes a
# step as 3+4*2=3+8. Two steps in a row it never sees.
FIRST_TEXT = Mix(shares=(1 / 6,) * 6, free=0.2, shortest=1, longest=8, facts=0.0)
SECOND_TEXT = Mix(free=0.3, symbols=(*GLYPHS, "=", ".", THINK, END_THINK))
THIRD_TEXT = replace(SECOND_TEXT, shows_left=True)


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


def fact(rng: np.random.Generator) -> list[int | str]:
    """One operation as it remains within a two-operator expression, e.g. 35-6, 3+8 or 2-81. Facts belong to training;
    what is held out is the expression they come from."""
    left, right = (int(d) for d in rng.integers(0, 10, size=2))
    inner = value(left, OPERATORS[int(rng.integers(0, 3))], right)
    digit, sign = int(rng.integers(0, 10)), "+-"[int(rng.integers(0, 2))]
    return [digit, sign, left * right] if rng.random() < 0.4 else [inner, sign, digit]


def free_string(rng: np.random.Generator, mix: Mix, pool: Pool) -> tuple[str, ...]:
    """Symbols in any order; held-out strings have at least 3, for there are too few shorter ones."""
    while True:
        picked = rng.integers(0, len(mix.symbols), size=int(rng.integers(mix.shortest, mix.longest + 1)))
        text = tuple(mix.symbols[i] for i in picked)
        if pool_of("".join(text)) == pool and (pool == "train" or len(text) > 2):
            return text


def random_text(rng: np.random.Generator, mix: Mix, pool: Pool) -> tuple[str, ...]:
    """What a perception question is about, symbol by symbol: mostly two-operator expressions."""
    kind = rng.random()
    if kind < mix.free:
        return free_string(rng, mix, pool)
    operators = 1 if kind < mix.free + 0.15 and pool == "train" else 2
    return tuple("".join(map(str, random_expression(rng, operators, pool))))


def spread(text: Iterable[str], rng: np.random.Generator, cells: int = CELLS) -> tuple[str, ...]:
    """`text` in reading order at random cells, one glyph a cell."""
    board, symbols = [" "] * cells, tuple(text)
    for place, glyph in zip(
        np.sort(rng.choice(cells, size=len(symbols), replace=False)), symbols, strict=True
    ):
        board[place] = glyph
    return tuple(board)


def perceive(task: str, text: tuple[str, ...], ink: str, rng: np.random.Generator) -> tuple[str, str]:
    """(prompt, answer) of a perception task."""
    match task:
        case "read":
            return task, "".join(text)
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


def perception_sample(rng: np.random.Generator, mix: Mix, pool: Pool, task: str | None = None) -> Sample:
    """Of `task`, or of any, as often as `mix` says."""
    task = task or PERCEPTION[int(rng.choice(len(PERCEPTION), p=mix.shares))]
    text, ink = random_text(rng, mix, pool), INKS[int(rng.integers(len(INKS)))]
    prompt, answer = perceive(task, text, ink, rng)
    return Sample(task, "".join(text), spread(text, rng), ink, prompt, answer)


def solve_sample(rng: np.random.Generator, pool: Pool, one_operator: float = 0.0) -> Sample:
    """`one_operator` is the share of one-operator expressions and single facts (training only)."""
    if rng.random() < one_operator:
        forms = reductions(fact(rng) if rng.random() < 0.5 else random_expression(rng, 1, pool))
    else:
        forms = reductions(random_expression(rng, 2, pool))
    ink = INKS[int(rng.integers(len(INKS)))]
    return Sample("solve", forms[0], spread(forms[0], rng), ink, "solve", "=".join(forms))


def step_sample(rng: np.random.Generator, mix: Mix) -> Sample:
    """One reduction: a fact, a one-operator expression, or a reduction of a two-operator one."""
    if rng.random() < mix.facts:
        forms, at = reductions(fact(rng)), 0
    else:
        forms = reductions(random_expression(rng, 1 if rng.random() < 0.2 else 2, "train"))
        at = int(rng.integers(len(forms) - 1))
    answer = f"{forms[at]}={forms[at + 1]}" if mix.shows_left else forms[at + 1]
    return Sample("step", forms[at], spread(forms[at], rng), "black", "step", answer)
