"""What Jinja makes of small templates, as `transformers` sets it up: `expected.json`.

Each case is a template and what it renders to, or null where Jinja raises. Run again with

    python -m zoo.reference.templates.make
"""

import json
import re
from datetime import datetime
from pathlib import Path

import jinja2
import transformers
from transformers.utils.chat_template_utils import _compile_jinja_template

from zoo.reference.templates.chats import CHATS
from zoo.reference.templates.expressions import ALL
from zoo.reference.templates.models import MODELS

HERE = Path(__file__).parent
VALUES = {
    "messages": [{"role": "user", "content": " How many? "}],
    "tools": None,
    "documents": None,
    "add_generation_prompt": True,
    "bos_token": "<s>",
    "eos_token": "</s>",
}


def rendered(template: str, values: dict) -> str | None:
    try:
        text = _compile_jinja_template(template).render(**values)
        # Where something lies in memory is no text of a model's.
        return re.sub(r"0x[0-9a-f]{6,}", "0x…", text)
    except Exception:  # noqa: BLE001  whatever it is, the template has no text
        return None


def main() -> None:
    cases = [
        {"group": group, "template": template, "text": rendered(template, VALUES)}
        for group, templates in ALL.items()
        for template in templates
    ]
    models = [
        {
            "model": model,
            "constructs": constructs,
            "template": template,
            "texts": [rendered(template, {**VALUES, **chat}) for chat in CHATS],
        }
        for model, constructs, template in MODELS
    ]
    formats = [
        "%d %b %Y",
        "%Y-%m-%d %H:%M:%S",
        "%A %a %B %b %e %j %y %I %p %u %w %F %T %%",
        "%-d/%-m %-I:%-M %-H",
    ]
    times = [(2024, 2, 29, 0, 5, 9), (2026, 12, 31, 12, 0, 0), (1999, 1, 1, 23, 59, 59)]
    dates = [
        {"time": time, "format": format, "text": datetime(*time).strftime(format)}
        for time in times
        for format in formats
    ]
    made = {
        "versions": {"jinja2": jinja2.__version__, "transformers": transformers.__version__},
        "values": VALUES,
        "cases": cases,
        "chats": CHATS,
        "models": models,
        "dates": dates,
    }
    (HERE / "expected.json").write_text(
        json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
