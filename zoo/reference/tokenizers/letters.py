"""Letters that no token begins with, and ids without a token: what the `tokenizers` library makes of them.

python zoo/reference/tokenizers/letters.py   # writes letters.json beside it
"""

import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer

VOCAB = {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "<0xC3>": 4, "<0xA9>": 5, "ba": 6}
MERGES = [["a", "b"], ["b", "a"]]
TEXTS = ["axb", "a xb", "xab", "aéb", "abxxa", "xx"]


def model(unk: str | None, fallback: bool, fuse: bool) -> dict:
    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "BPE",
            "vocab": VOCAB,
            "merges": MERGES,
            "unk_token": unk,
            "fuse_unk": fuse,
            "byte_fallback": fallback,
        },
    }


def main() -> None:
    cases = []
    for unk in (None, "<unk>"):
        for fallback in (False, True):
            tokenizer = model(unk, fallback, False)
            read = Tokenizer.from_str(json.dumps(tokenizer))
            ids = [read.encode(text).ids for text in TEXTS]
            cases.append({"unk": unk, "fallback": fallback, "tokenizer": tokenizer, "ids": ids})
    plain = Tokenizer.from_str(json.dumps(model(None, False, False)))
    answers = [{"ids": ids, "text": plain.decode(ids)} for ids in ([1, 99, 2], [99], [3, 99, 98, 1])]
    out = {
        "versions": {"tokenizers": tokenizers.__version__},
        "texts": TEXTS,
        "cases": cases,
        "answers": answers,
    }
    Path(__file__).with_name("letters.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
