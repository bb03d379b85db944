"""Which tokenizer class `AutoTokenizer` takes, and which parts of a tokenizer.json that class builds anew.

Writes `workers/nn/text/tokenizer-classes.json`, which the engine reads: the class of every model type, the model types
whose own class counts whatever a folder says, and the parts of every class. A class that builds its parts in its own
`__init__` takes no part from tokenizer.json but the vocabulary and the merges. `classes.json` beside this file has
ids of folders that name such classes. Run again with

    python -m zoo.reference.tokens.classes
"""

import inspect
import json
import tempfile
from pathlib import Path

import tokenizers
import transformers
from transformers import AutoTokenizer, TokenizersBackend
from transformers.models.auto import tokenization_auto as auto

from .make import BASE, GONE, folder

HERE = Path(__file__).parent
TABLE = HERE.parents[2] / "workers/nn/text/tokenizer-classes.json"
PARTS = ("normalizer", "pre_tokenizer", "decoder")
VERSIONS = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
BACKENDS = ("TokenizersBackend", "PythonBackend", "PreTrainedTokenizerFast", "MistralCommonBackend")
# Classes of byte-pair encodings whose parts are put in the place of those of tokenizer.json: compared by ids.
COMPARED = [
    "LlamaTokenizer",
    "Qwen2Tokenizer",
    "Qwen3_5Tokenizer",
    "GPT2Tokenizer",
    "GPTNeoXTokenizer",
    "GemmaTokenizer",
    "CohereTokenizer",
]


def registered(name: str | None) -> str:
    short = (name or "TokenizersBackend").removesuffix("Fast")
    return "TokenizersBackend" if short in BACKENDS else short


def built(made: type, settings: dict) -> dict:
    """The parts of a class around the vocabulary of the demo, whose tokenizer.json has neither of them."""
    changes = {"tokenizer_config.json": {"tokenizer_class": GONE, **settings}}
    with tempfile.TemporaryDirectory() as at:
        tokenizer = made.from_pretrained(folder(changes, Path(at)))
    parts = json.loads(tokenizer.backend_tokenizer.to_str())
    flags = {key: value for key, value in parts["model"].items() if key not in ("vocab", "merges")}
    return {**{part: parts[part] for part in PARTS}, "model": flags}


def defaults(made: type) -> dict:
    """Tokens and options that the class has where a folder does not name them."""
    signature = inspect.signature(made.__init__).parameters.values()
    return {
        one.name: str(one.default) if one.name.endswith("_token") and one.default is not True else one.default
        for one in signature
        if one.name.endswith("_token") and one.default not in (inspect.Parameter.empty, None)
    }


def row(name: str) -> dict | None:
    made = getattr(transformers, name)
    plain, yes, no, unk = (
        built(made, settings)
        for settings in (
            {"unk_token": "<unk>"},
            {"unk_token": "<unk>", "add_prefix_space": True},
            {"unk_token": "<unk>", "add_prefix_space": False},
            {"unk_token": "<think>"},
        )
    )
    named = unk["model"]["unk_token"] != plain["model"]["unk_token"]
    return {
        "defaults": defaults(made),
        "parts": plain,
        "prefixed": {
            key: {part: one[part] for part in one if one[part] != plain[part]}
            for key, one in (("true", yes), ("false", no))
        },
        "namesUnknown": named,
    }


def anew(name: str) -> bool:
    """As `TokenizersBackend.convert_to_native_format` asks: the class has an `__init__` of its own."""
    made = getattr(transformers, name, None)
    if not isinstance(made, type):
        return False
    if not issubclass(made, TokenizersBackend):
        return True
    return made is not TokenizersBackend and "__init__" in made.__dict__


def table() -> dict:
    types = {key: registered(value) for key, value in auto.TOKENIZER_MAPPING_NAMES.items()}
    names = {
        name.removesuffix("Fast")
        for name in dir(transformers)
        if name.endswith(("Tokenizer", "TokenizerFast"))
    }
    names |= set(types.values())
    others = sorted(
        name for name in names if name not in (*COMPARED, *BACKENDS, "AutoTokenizer") and anew(name)
    )
    return {
        "versions": VERSIONS,
        "types": types,
        "whateverIsSaid": sorted(auto.MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS),
        "anew": {name: row(name) for name in COMPARED},
        "others": others,
    }


BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
DIGITS = {
    "type": "Sequence",
    "pretokenizers": [{"type": "Digits", "individual_digits": False}, BYTES],
}
SPACES = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-*/=?!.,;:'\"()"
TEXT = "Don't 12345+67  a\u0301 x\u00bd\x7f\u4e2d it's  read\n\n y"


def vocabulary(spaces: bool) -> dict:
    """Letters, bytes and some merges, for both ways of writing spaces and bytes."""
    words = ["<unk>", "<bos>", "<eos>", "<|endoftext|>", "<s>", "</s>", "<pad>", "<mask>"]
    words += [f"<0x{byte:02X}>" for byte in range(256)] if spaces else []
    words += ["▁", *LETTERS] if spaces else sorted(set(tokenizers.pre_tokenizers.ByteLevel.alphabet()))
    space = "▁" if spaces else "Ġ"
    merges = [("1", "2"), ("12", "3"), ("4", "5"), ("i", "t"), (space, "it"), ("D", "o"), ("n", "'"), (space, "1"),
              (space, space), ("'", "t"), ("r", "e"), ("a", "d"), ("Ì", "ģ"), ("a", "Ìģ"), (space, "12")]  # fmt: skip
    merges = [pair for pair in merges if all(one in words or len(one) > 1 for one in pair)]
    if spaces:
        merges = [pair for pair in merges if "Ì" not in "".join(pair)]
    words += [a + b for a, b in merges]
    return {
        "type": "BPE",
        "vocab": {word: i for i, word in enumerate(dict.fromkeys(words))},
        "merges": merges,
    }


def special(content: str, place: int) -> dict:
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {"id": place, "content": content, **flags}


def case(type_: str | None, stated: str | None, spaces: bool, **more) -> dict:
    model = {**vocabulary(spaces), **more.pop("model", {})}
    tokens = [special(name, model["vocab"][name]) for name in ("<unk>", "<bos>", "<eos>")]
    parts = {"normalizer": None, "pre_tokenizer": SPACES if spaces else DIGITS, "post_processor": None}
    decoder = {"type": "Fuse"} if spaces else BYTES
    changes = {
        "tokenizer.json": {"added_tokens": tokens, **parts, "decoder": decoder, "model": model},
        "tokenizer_config.json": {
            "tokenizer_class": stated,
            "extra_special_tokens": GONE,
            "unk_token": "<unk>",
            **more.pop("tokenizer", {}),
        },
        "special_tokens_map.json": GONE,
        "config.json": {"model_type": type_, **more.pop("config", {})},
    }
    with tempfile.TemporaryDirectory() as at:
        tokenizer = AutoTokenizer.from_pretrained(folder(changes, Path(at)))
    ids = tokenizer(TEXT)["input_ids"]
    # Vocabularies are written once: a case says which, and what it changes.
    changes["tokenizer.json"]["model"] = {
        key: value for key, value in model.items() if key not in ("vocab", "merges")
    }
    return {
        "name": f"{type_}, {stated}, {'spaces' if spaces else 'bytes'}{json.dumps(more) if more else ''}",
        "made": type(tokenizer).__name__,
        "spaces": spaces,
        "changes": changes,
        "ids": ids,
        "decoded": tokenizer.decode(ids, skip_special_tokens=True),
    }


def cases() -> list[dict]:
    made = [case("llama", name, spaces) for name in COMPARED for spaces in (False, True)]
    made += [case("qwen2", name, False) for name in (None, "LlamaTokenizerFast", "TokenizersBackend")]
    made += [
        case("qwen2", "PreTrainedTokenizerFast", True),
        case("qwen3", None, False),
        case("qwen3", "PreTrainedTokenizerFast", False),
        case("llama", None, True),
        case("mistral", "LlamaTokenizer", True),
        case("gemma2", "LlamaTokenizer", True),
        case("gemma2", None, True),
        case("olmo2", "GPT2Tokenizer", False),
        case("novel", "Qwen2TokenizerFast", False),
        case(None, "Qwen2Tokenizer", False),
        case("llama", "NovelTokenizer", False),
        case("llama", None, False, config={"tokenizer_class": "GPT2TokenizerFast"}),
        case("qwen2", None, False, config={"tokenizer_class": "GPT2Tokenizer"}),
        case("llama", "GPT2Tokenizer", False, tokenizer={"add_prefix_space": True}),
        case("llama", "LlamaTokenizer", True, tokenizer={"add_prefix_space": False}),
        case("llama", "LlamaTokenizer", True, model={"ignore_merges": True}),
        case("llama", "Qwen2Tokenizer", False, tokenizer={"auto_map": {"AutoTokenizer": ["x.Y", None]}}),
    ]
    return made


def write(path: Path, made: dict) -> None:
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    write(TABLE, table())
    models = {"bytes": vocabulary(False), "spaces": vocabulary(True)}
    write(HERE / "classes.json", {"versions": VERSIONS, "text": TEXT, "models": models, "cases": cases()})


if __name__ == "__main__":
    main()
