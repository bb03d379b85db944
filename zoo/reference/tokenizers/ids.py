"""Which token ids and names the `tokenizers` library takes: workers/nn/text/token-ids.test.ts holds ours to it.

    python zoo/reference/tokenizers/ids.py

writes ids.json: for each case what is put into which place of a small tokenizer.json, and whether the library reads
the file.
"""

import json
from pathlib import Path

import tokenizers

HALF = "a\ud83d"
PLAIN = {"a": 0, "b": 1, "c": 2}


def small(model=None, added=None, post=None):
    return {
        "version": "1.0",
        "added_tokens": added or [],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": post,
        "decoder": None,
        "model": model or {"type": "BPE", "vocab": PLAIN, "merges": []},
    }


def bpe(**vocab):
    return small({"type": "BPE", "vocab": {**PLAIN, **vocab}, "merges": []})


def unigram(entry):
    vocab = [["a", -1.0], ["b", -2.0], entry]
    return small({"type": "Unigram", "unk_id": 0, "vocab": vocab, "byte_fallback": False})


def token(content="<x>", **fields):
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return small(added=[{"id": 3, "content": content, **flags, **fields}])


def template(ids):
    single = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    tokens = {"<s>": {"id": "<s>", "ids": ids, "tokens": ["<s>"]}}
    return {"type": "TemplateProcessing", "single": single, "pair": single, "special_tokens": tokens}


def roberta(sep):
    return {
        "type": "RobertaProcessing",
        "sep": sep,
        "cls": ["<s>", 0],
        "trim_offsets": True,
        "add_prefix_space": False,
    }


CASES = {
    "a vocabulary as it should be": bpe(),
    "a fraction as an id": bpe(d=0.5),
    "a text as an id": bpe(d="x"),
    "an id in quotes": bpe(d="3"),
    "a negative id": bpe(d=-1),
    "an id beyond 32 bits": bpe(d=2**32),
    "no id": bpe(d=None),
    "half of a surrogate pair as a token": bpe(**{HALF: 3}),
    "a Unigram vocabulary as it should be": unigram(["c", -3.0]),
    "a text as a score": unigram(["c", "x"]),
    "a score alone": unigram([-3.0]),
    "half of a surrogate pair in a Unigram vocabulary": unigram([HALF, -3.0]),
    "an added token as it should be": token(),
    "an added token with a fraction as its id": token(id=3.5),
    "an added token with a text as its id": token(id="x"),
    "an added token with a negative id": token(id=-1),
    "an added token of half a surrogate pair": token(HALF),
    "a template as it should be": small(post=template([1])),
    "a template with a fraction as an id": small(post=template([0.5])),
    "a template with a text as an id": small(post=template(["x"])),
    "RobertaProcessing as it should be": small(post=roberta(["</s>", 2])),
    "RobertaProcessing with a fraction as an id": small(post=roberta(["</s>", 0.5])),
    "RobertaProcessing with a text as an id": small(post=roberta(["</s>", "x"])),
}


def reads(value):
    try:
        tokenizers.Tokenizer.from_str(json.dumps(value))
    except Exception:
        return False
    return True


out = {
    "made_with": {"tokenizers": tokenizers.__version__},
    "cases": [{"what": what, "read": reads(value), "tokenizer": value} for what, value in CASES.items()],
}
path = Path(__file__).parent / "ids.json"
path.write_text(json.dumps(out, indent=1) + "\n")
for case in out["cases"]:
    print(case["read"], case["what"])
