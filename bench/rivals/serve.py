"""The Python end of bench/python.ts: one line at the start, then a JSON answer for every JSON request.

First line: {"label": ...} when the rival is ready, {"missing": ...} when it is not installed. Then {"method", "args"} in,
{"result"} or {"error"} out. Whatever a library prints goes to stderr.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

_answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


_PACKAGES = {"PIL": "pillow"}


def _say(message: dict[str, Any]) -> None:
    _answers.write(json.dumps(message) + "\n")


def need(*packages: str) -> list[ModuleType]:
    """The packages, imported; says which one is missing and ends the process otherwise."""
    found = []
    for package in packages:
        try:
            found.append(importlib.import_module(package))
        except ImportError as error:
            top = package.split(".")[0]
            absent = (error.name or top).split(".")[0]
            _say({"missing": f"{top} (not installed: pip install {_PACKAGES.get(absent, absent)})"})
            sys.exit(0)
    return found


def timed(work: Callable[[], Any], times: int = 1) -> dict[str, float]:
    """Milliseconds of `work`: on the wall, and of all this process's threads together. The mean of `times` calls."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        work()
    return {
        "ms": (time.perf_counter() - wall) * 1e3 / times,
        "cpuMs": (time.process_time() - cpu) * 1e3 / times,
    }


def serve(label: str, **methods: Callable[..., Any]) -> None:
    """Answers until stdin ends."""
    _say({"label": label})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            _say({"result": methods[request["method"]](**request["args"])})
        except Exception as error:
            traceback.print_exc()
            _say({"error": f"{type(error).__name__}: {error}"})
