"""The README's table, from the evidence."""

import statistics

from .evidence import Json, best_rival

NAMES = {"frism": "FRISM", "trace": "FRISM + L_trace", "composed": "FRISM + L_composed"}


def _cell(score: Json) -> str:
    low, high = score["wilson95"]
    return f"{score['rate']:.3f} [{low:.3f}, {high:.3f}]"


def _row(name: str, perception: str, solve: str) -> str:
    return f"| {name} | {perception} | {solve} |"


def _pooled(rows: list[Json], key: str) -> str:
    rates = [row[key]["rate"] for row in rows]
    return f"{statistics.mean(rates):.3f} ({', '.join(f'{rate:.3f}' for rate in rates)})"


def markdown(evidence: Json) -> str:
    """One table for the shipped reasoning model, one for all of them."""
    shipped = evidence["shipped"]
    lines = [
        "| model | perception on images | solve on images |",
        "|---|---|---|",
        _row(
            "base, on text", _cell(evidence["base"]["perceptionText"]), _cell(evidence["base"]["solveText"])
        ),
        _row("LRM, on text", "–", _cell(shipped["lrmText"])),
        _row("VLM", _cell(evidence["vlm"]["perception"]), _cell(evidence["vlm"]["solve"])),
        _row("VLM reads, LRM solves (two models in turn)", "–", _cell(shipped["relay"])),
    ]
    for row in shipped["taskArithmetic"]:
        lines.append(
            _row(f"task arithmetic, λ {row['lambda']}", _cell(row["perception"]), _cell(row["solve"]))
        )
    for grain, grade in shipped.get("coarse", {}).items():
        label = {
            "global": "one learned gate",
            "layer": "one learned gate a layer",
            "matrix": "one learned gate a matrix",
        }
        lines.append(_row(label[grain], _cell(grade["perception"]), _cell(grade["solve"])))
    for kind, name in NAMES.items():
        rows = shipped[kind]
        lines.append(
            _row(
                f"**{name}**, mean of {len(rows)} seeds", _pooled(rows, "perception"), _pooled(rows, "solve")
            )
        )
    lines += [
        "",
        "| LRM | text solve | best λ at FRISM's perception − 0.01 | FRISM | + L_trace | + L_composed |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in [("shipped", shipped), *evidence["otherLrms"].items()]:
        rival = best_rival(found)
        cells = [
            name,
            f"{found['lrmText']['rate']:.3f}",
            f"{rival['lambda']}: {rival['perception']['rate']:.3f} / {rival['solve']['rate']:.3f}",
        ]
        for kind in NAMES:
            means = [statistics.mean(r[key]["rate"] for r in found[kind]) for key in ("perception", "solve")]
            cells.append(f"{means[0]:.3f} / {means[1]:.3f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
