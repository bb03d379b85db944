"""What the `tokenizers` library makes of each part that a tokenizer.json may have: `expected.json`.

Normalizers and pre-tokenizers are asked by themselves; models, added tokens, post-processors and decoders as small
whole tokenizers. Run again with

    python -m zoo.reference.tokenizers.make
"""

import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer

from zoo.reference.tokenizers.parts import NORMALIZERS, PRE, TEXTS
from zoo.reference.tokenizers.wholes import EXTRA_IDS, SAID, WHOLES, whole

HERE = Path(__file__).parent


def attempt(make):
    try:
        return make()
    except BaseException:  # noqa: BLE001  the library takes no such part, or panics
        return None


def alone(part: str, config: dict) -> list | None:
    made = attempt(lambda: Tokenizer.from_str(json.dumps(whole(**{part: config}))))
    if made is None:
        return None
    if part == "normalizer":
        return [made.normalizer.normalize_str(text) for text in TEXTS]
    return [[piece for piece, _ in made.pre_tokenizer.pre_tokenize_str(text)] for text in TEXTS]


VOCABULARIES: list = []


def kept(vocab: dict | list) -> int:
    """Which of the vocabularies it is: many tokenizers have the same."""
    if vocab not in VOCABULARIES:
        VOCABULARIES.append(vocab)
    return VOCABULARIES.index(vocab)


def together(name: str, made: dict) -> dict:
    tokenizer = Tokenizer.from_str(json.dumps(made))
    ids = [
        [tokenizer.encode(text, add_special_tokens=special).ids for special in (True, False)] for text in SAID
    ]
    extra = (
        EXTRA_IDS if '"byte_fallback": true' in json.dumps(made) and made["model"]["type"] == "BPE" else []
    )
    wanted = [plain for _, plain in ids if plain] + extra
    return {
        "name": name,
        "tokenizer": {**made, "model": {**made["model"], "vocab": kept(made["model"]["vocab"])}},
        "ids": ids,
        "decoded": [
            [one, attempt(lambda one=one: tokenizer.decode(one, skip_special_tokens=True))] for one in wanted
        ],
    }


def main() -> None:
    wholes = [together(name, one) for name, one in WHOLES.items()]
    made = {
        "versions": {"tokenizers": tokenizers.__version__},
        "vocabularies": VOCABULARIES,
        "texts": TEXTS,
        "said": SAID,
        "normalizers": [{"config": config, "texts": alone("normalizer", config)} for config in NORMALIZERS],
        "pre_tokenizers": [{"config": config, "pieces": alone("pre_tokenizer", config)} for config in PRE],
        "wholes": wholes,
    }
    (HERE / "expected.json").write_text(json.dumps(made, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
