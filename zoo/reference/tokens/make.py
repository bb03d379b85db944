"""What `transformers` makes of a tokenizer folder: `expected.json`.

Each case changes some files of the demo's base model. The folder is loaded with AutoTokenizer; what counts are the
ids of a question in the chat template, the ids of a text with the tokenizer's own first and last tokens, and the text
that ids stand for without special tokens. Run again with

    python -m zoo.reference.tokens.make
"""

import json
import shutil
import tempfile
from pathlib import Path

import tokenizers
import transformers
from transformers import AutoTokenizer

HERE = Path(__file__).parent
BASE = HERE.parents[2] / "public/models/demo/base"
FILES = [
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "config.json",
]
QUESTION = "2+3"
TEXT = "<think> 2+3 <zz> <new></think> read"
GONE = None
TEMPLATE = (BASE / "chat_template.jinja").read_text(encoding="utf-8")
OTHER = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}={{ eos_token }}"


def token(content: str, **flags) -> dict:
    base = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": False}
    return {"content": content, **base, **flags}


def post(first: list[str], last: list[str]) -> dict:
    ids = {"<bos>": 1, "<eos>": 2}
    special = [{"SpecialToken": {"id": name, "type_id": 0}} for name in first]
    ending = [{"SpecialToken": {"id": name, "type_id": 0}} for name in last]
    single = [*special, {"Sequence": {"id": "A", "type_id": 0}}, *ending]
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in first + last},
    }


# What is changed: keys of JSON files (None removes a key), whole files (None removes the file).
CASES = {
    "as it is": {},
    "bos_token and eos_token in special_tokens_map.json alone": {
        "tokenizer_config.json": {"bos_token": GONE, "eos_token": GONE},
        "special_tokens_map.json": {"bos_token": "<bos>", "eos_token": token("<eos>")},
    },
    "special_tokens_map.json overrules tokenizer_config.json": {
        "special_tokens_map.json": {"bos_token": "<eos>"}
    },
    "added_tokens_decoder hides special_tokens_map.json": {
        "tokenizer_config.json": {"added_tokens_decoder": {}},
        "special_tokens_map.json": {"bos_token": "<eos>"},
    },
    "added_tokens.json with tokens that the vocabulary lacks": {"added_tokens.json": {"<zz>": 50, "2+": 49}},
    "added_tokens.json with an id that tokenizer.json has": {"added_tokens.json": {"<zz>": 8}},
    "added_tokens.json with a token of special_tokens_map.json": {
        "added_tokens.json": {"<zz>": 48},
        "special_tokens_map.json": {"pad_token": "<zz>"},
    },
    "added_tokens_decoder with a new token": {
        "tokenizer_config.json": {
            "added_tokens_decoder": {"48": token("<zz>", lstrip=True, rstrip=True, special=True)}
        }
    },
    "added_tokens_decoder with other flags": {
        "tokenizer_config.json": {"added_tokens_decoder": {"31": token("<think>", rstrip=True, special=True)}}
    },
    "a token named as text": {
        "tokenizer_config.json": {"bos_token": "<zz>"},
        "special_tokens_map.json": GONE,
    },
    "a token named as an object": {
        "tokenizer_config.json": {"bos_token": {"__type": "AddedToken", **token("<eos>")}},
        "special_tokens_map.json": GONE,
    },
    "a token of the model's own": {"tokenizer_config.json": {"image_token": "<think>"}},
    "extra_special_tokens as a list": {
        "tokenizer_config.json": {"extra_special_tokens": ["<zz>", "<think>"]}
    },
    "extra_special_tokens by name": {
        "tokenizer_config.json": {"extra_special_tokens": {"x_token": "<think>"}}
    },
    "additional_special_tokens": {
        "tokenizer_config.json": {
            "extra_special_tokens": GONE,
            "additional_special_tokens": ["<zz>", "<new>"],
        }
    },
    "additional_special_tokens in special_tokens_map.json": {
        "tokenizer_config.json": {"extra_special_tokens": GONE},
        "special_tokens_map.json": {"additional_special_tokens": ["<zz>"]},
    },
    "extra_special_tokens in both files": {
        "tokenizer_config.json": {"extra_special_tokens": ["<zz>"]},
        "special_tokens_map.json": {"extra_special_tokens": ["<new>", "<zz>"]},
    },
    "add_bos_token and add_eos_token beside tokenizer.json": {
        "tokenizer_config.json": {"add_bos_token": True, "add_eos_token": True}
    },
    "add_bos_token without a post-processor": {
        "tokenizer_config.json": {"add_bos_token": True},
        "tokenizer.json": {"post_processor": GONE},
    },
    "a first token by the post-processor": {"tokenizer.json": {"post_processor": post(["<bos>"], [])}},
    "a first and a last token by the post-processor": {
        "tokenizer.json": {"post_processor": post(["<bos>"], ["<eos>"])}
    },
    "add_bos_token false beside a post-processor": {
        "tokenizer_config.json": {"add_bos_token": False},
        "tokenizer.json": {"post_processor": post(["<bos>"], [])},
    },
    "an eos_token that is a token of the vocabulary like any other": {
        "tokenizer_config.json": {"eos_token": "+"},
        "special_tokens_map.json": GONE,
    },
    "an eos_token of the vocabulary, as an object": {
        "tokenizer_config.json": {"eos_token": {"__type": "AddedToken", **token("3", lstrip=True)}},
        "special_tokens_map.json": GONE,
    },
    "an eos_token of the vocabulary in special_tokens_map.json": {
        "special_tokens_map.json": {"eos_token": "read"},
    },
    "no bos_token": {"tokenizer_config.json": {"bos_token": GONE}, "special_tokens_map.json": GONE},
    "templates as a list": {
        "chat_template.jinja": GONE,
        "tokenizer_config.json": {
            "chat_template": [
                {"name": "tool_use", "template": OTHER},
                {"name": "default", "template": TEMPLATE},
            ]
        },
    },
    "templates by name": {
        "chat_template.jinja": GONE,
        "tokenizer_config.json": {"chat_template": {"default": TEMPLATE, "rag": OTHER}},
    },
    "templates without a default": {
        "chat_template.jinja": GONE,
        "tokenizer_config.json": {"chat_template": {"rag": OTHER}},
    },
    "a template in tokenizer_config.json alone": {
        "chat_template.jinja": GONE,
        "tokenizer_config.json": {"chat_template": OTHER},
    },
    "chat_template.jinja before tokenizer_config.json": {"tokenizer_config.json": {"chat_template": OTHER}},
    "chat_template.json is none of a tokenizer's": {
        "chat_template.jinja": GONE,
        "chat_template.json": {"chat_template": OTHER},
    },
    "a default in additional_chat_templates": {"additional_chat_templates/default.jinja": OTHER},
    "another template in additional_chat_templates": {"additional_chat_templates/tool_use.jinja": OTHER},
}


def folder(changes: dict, at: Path) -> Path:
    for name in FILES:
        shutil.copy(BASE / name, at / name)
    for name, change in changes.items():
        path = at / name
        if change is GONE:
            path.unlink()
        elif isinstance(change, str):
            path.parent.mkdir(exist_ok=True)
            path.write_text(change, encoding="utf-8")
        else:
            stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            stored.update(change)
            kept = {
                key: value for key, value in stored.items() if value is not GONE or key == "post_processor"
            }
            path.write_text(json.dumps(kept), encoding="utf-8")
    return at


def case(name: str, changes: dict) -> dict:
    with tempfile.TemporaryDirectory() as at:
        tokenizer = AutoTokenizer.from_pretrained(folder(changes, Path(at)))
    assert type(tokenizer).__name__ == "TokenizersBackend", type(tokenizer)
    try:
        chat = tokenizer.apply_chat_template(
            [{"role": "user", "content": QUESTION}], add_generation_prompt=True, return_dict=False
        )
    except ValueError:
        chat = None
    ids = tokenizer(TEXT)["input_ids"]
    return {
        "name": name,
        "changes": changes,
        "chat": chat,
        "ids": ids,
        "decoded": tokenizer.decode(ids, skip_special_tokens=True),
    }


def main() -> None:
    made = {
        "versions": {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__},
        "question": QUESTION,
        "text": TEXT,
        "cases": [case(name, changes) for name, changes in CASES.items()],
    }
    (HERE / "expected.json").write_text(
        json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
