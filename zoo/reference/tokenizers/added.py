"""Added tokens in a text: which of two that overlap is found, and the white space beside them, by `tokenizers`.

python zoo/reference/tokenizers/added.py   # writes added.json beside it
"""

import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

SPACES = "\t\x0b\x1c\x85\xa0\u1680\u180e\u2007\u200b\u2028\u202f\u3000\ufeff"
VOCAB = {letter: i for i, letter in enumerate(sorted(ByteLevel.alphabet()))}


def token(number: int, content: str, **more: bool) -> dict:
    kinds = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    return {"id": len(VOCAB) + number, "content": content, **kinds, **more}


STRIPS = {"lstrip": True, "rstrip": True}
CASES = {
    "both kinds overlap": (
        ["aab", "xaab", "abaab"],
        [{"content": "ab"}, {"content": "aab", "normalized": True}],
    ),
    "one kind overlaps": (
        ["aab", "xaab"],
        [{"content": "ab", "normalized": True}, {"content": "aab", "normalized": True}],
    ),
    "a special one overlaps": (
        ["<a<b>", "<a<a<b>"],
        [{"content": "<b>", "special": True}, {"content": "<a<", "normalized": True}],
    ),
    "white space goes": (
        [text for space in SPACES for text in (f"x<a>{space}y", f"x{space}<a>y", f"x{space} <a> {space}y")],
        [{"content": "<a>", **STRIPS}],
    ),
    "white space goes in what is left": (
        [f"x{space}<a>{space}y" for space in SPACES],
        [{"content": "<a>", "normalized": True, **STRIPS}],
    ),
}


def main() -> None:
    cases = []
    for name, (texts, added) in CASES.items():
        for normalizer in (None, {"type": "NFC"}):
            tokenizer = {
                "version": "1.0",
                "added_tokens": [token(i, **one) for i, one in enumerate(added)],
                "normalizer": normalizer,
                "pre_tokenizer": {
                    "type": "ByteLevel",
                    "add_prefix_space": False,
                    "trim_offsets": True,
                    "use_regex": True,
                },
                "post_processor": None,
                "decoder": {
                    "type": "ByteLevel",
                    "add_prefix_space": True,
                    "trim_offsets": True,
                    "use_regex": True,
                },
                "model": {"type": "BPE", "vocab": {}, "merges": []},
            }
            read = Tokenizer.from_str(
                json.dumps({**tokenizer, "model": {**tokenizer["model"], "vocab": VOCAB}})
            )
            ids = [read.encode(text).ids for text in texts]
            case = {"name": f"{name}, normalizer {normalizer and normalizer['type']}", "texts": texts}
            cases.append({**case, "tokenizer": tokenizer, "ids": ids})
    out = {"versions": {"tokenizers": tokenizers.__version__}, "vocab": VOCAB, "cases": cases}
    text = json.dumps(out)
    Path(__file__).with_name("added.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
