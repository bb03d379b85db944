"""Small whole tokenizers: models, added tokens, post-processors and decoders; and what they are given."""

import json

from zoo.reference.tokenizers.parts import split

BYTES = {f"<0x{byte:02X}>": 300 + byte for byte in range(256)}
LETTERS = {letter: 10 + i for i, letter in enumerate("abcdehlorstw▁ Ġ!,.0123456789éÃ©")}
MERGED = {
    "he": 100,
    "ll": 101,
    "hell": 102,
    "hello": 103,
    "▁w": 104,
    "or": 105,
    "▁wor": 106,
    "Ġw": 107,
    "tt": 108,
    "ttt": 109,
}
MERGES = ["h e", "l l", "he ll", "hell o", "▁ w", "o r", "▁w or", "Ġ w", "t t", "tt t"]
VOCAB = {"<unk>": 0, "<s>": 1, "</s>": 2, **LETTERS, **MERGED}


# Where a sign stands for every space, no token is a space.
SIGNED = {("¤" if word == " " else word): id for word, id in VOCAB.items()}


def token(content: str, id: int, **flags) -> dict:
    base = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": id, "content": content, **base, **flags}


def whole(model: dict | None = None, vocab: dict | None = None, added: list | None = None, **parts) -> dict:
    bpe = {
        "type": "BPE",
        "dropout": None,
        "unk_token": "<unk>",
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": vocab or VOCAB,
        "merges": MERGES,
    }
    empty = {"normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None}
    specials = [token("<unk>", 0), token("<s>", 1), token("</s>", 2)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added if added is not None else specials,
        **empty,
        **parts,
        "model": {**bpe, **(model or {})},
    }


SPACES = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
LLAMA2 = {
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, SPACES]},
    "decoder": {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    },
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
    },
}
BYTE_LEVEL = {
    "pre_tokenizer": {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    },
    "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    "post_processor": {
        "type": "ByteLevel",
        "add_prefix_space": True,
        "trim_offsets": False,
        "use_regex": True,
    },
}
META = {
    "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
    "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
}
MORE = [token("<unk>", 0), token("<s>", 1), token("</s>", 2)]
UNIGRAM = {
    "type": "Unigram",
    "unk_id": 0,
    "vocab": [
        ["<unk>", 0.0],
        ["<s>", 0.0],
        ["</s>", 0.0],
        *[[letter, -5.0 - i / 10] for i, letter in enumerate("▁helowrd!")],
        ["hello", -4.0],
        ["▁w", -3.5],
        ["▁hello", -6.5],
        ["ell", -4.5],
        ["lo", -4.2],
    ],
    "byte_fallback": False,
}
WORDPIECE = {
    "type": "WordPiece",
    "unk_token": "<unk>",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100,
    "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "hello": 3, "wor": 4, "##ld": 5, "!": 6, "he": 7, "##llo": 8},
}
WHOLES = {
    "plain BPE": whole(),
    "BPE with fuse_unk": whole({"fuse_unk": True}),
    "BPE without unk_token": whole({"unk_token": None}),
    "BPE with byte_fallback": whole({"byte_fallback": True}, {**VOCAB, **BYTES}),
    "BPE with byte_fallback and fuse_unk": whole(
        {"byte_fallback": True, "fuse_unk": True}, {**VOCAB, **BYTES}
    ),
    "BPE with byte_fallback but no bytes": whole({"byte_fallback": True, "fuse_unk": True}),
    "BPE with ignore_merges": whole(
        {"ignore_merges": True}, {**VOCAB, "thé": 120}, pre_tokenizer={"type": "WhitespaceSplit"}
    ),
    "BPE with end_of_word_suffix": whole(
        {"end_of_word_suffix": "</w>"},
        {**VOCAB, "o</w>": 121, "t</w>": 122},
        pre_tokenizer={"type": "WhitespaceSplit"},
    ),
    "BPE with continuing_subword_prefix": whole(
        {"continuing_subword_prefix": "##", "merges": []}, {**VOCAB, "##e": 121, "##l": 122}
    ),
    "BPE with merges as pairs": whole({"merges": [merge.split(" ") for merge in MERGES]}),
    "Llama 2": whole({"fuse_unk": True, "byte_fallback": True}, {**VOCAB, **BYTES}, **LLAMA2),
    "byte level": whole(None, None, **BYTE_LEVEL),
    "Metaspace": whole(None, SIGNED, **META),
    "lstrip": whole(added=[*MORE, token("<x>", len(VOCAB), lstrip=True)]),
    "rstrip": whole(added=[*MORE, token("<x>", len(VOCAB), rstrip=True)]),
    "lstrip and rstrip": whole(
        added=[*MORE, token("<x>", len(VOCAB), lstrip=True, rstrip=True)], **META, vocab=SIGNED
    ),
    "single_word": whole(added=[*MORE, token("el", len(VOCAB), single_word=True)]),
    "normalized added token": whole(
        added=[*MORE, token("he w", len(VOCAB), normalized=True, special=False)], normalizer=SPACES
    ),
    "added token that is not normalized": whole(
        added=[*MORE, token("he w", len(VOCAB), normalized=False, special=False)], normalizer=SPACES
    ),
    "added tokens that overlap": whole(
        added=[*MORE, token("<x", len(VOCAB)), token("<x>", len(VOCAB) + 1), token("x>", len(VOCAB) + 2)]
    ),
    "added tokens with spaces": whole(
        added=[*MORE, token("  ", len(VOCAB), special=False), token("   ", len(VOCAB) + 1, special=False)]
    ),
    "added token before Prepend": whole(added=[*MORE, token("<x>", len(VOCAB))], **LLAMA2),
    "special token by another name": whole(
        post_processor={
            **LLAMA2["post_processor"],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [2], "tokens": ["</s>"]}},
        }
    ),
    "post-processors in a sequence": whole(
        post_processor={
            "type": "Sequence",
            "processors": [BYTE_LEVEL["post_processor"], LLAMA2["post_processor"]],
        }
    ),
    "BertProcessing": whole(post_processor={"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]}),
    "RobertaProcessing": whole(
        post_processor={
            "type": "RobertaProcessing",
            "sep": ["</s>", 2],
            "cls": ["<s>", 1],
            "trim_offsets": True,
            "add_prefix_space": True,
        }
    ),
    "Unigram": {**whole(**META), "model": UNIGRAM},
    "Unigram with byte_fallback": {**whole(**META), "model": {**UNIGRAM, "byte_fallback": True}},
    "WordPiece": {
        **whole(
            pre_tokenizer={"type": "BertPreTokenizer"},
            decoder={"type": "WordPiece", "prefix": "##", "cleanup": True},
        ),
        "model": WORDPIECE,
    },
    "Gemma": whole(
        {"fuse_unk": True, "byte_fallback": True},
        {**VOCAB, **BYTES},
        normalizer=SPACES,
        pre_tokenizer=split({"String": " "}, "MergedWithPrevious"),
        decoder={
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
    ),
    "WordLevel": {
        **whole(pre_tokenizer={"type": "Whitespace"}),
        "model": {
            "type": "WordLevel",
            "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "hello": 3, "world": 4, "!": 5},
            "unk_token": "<unk>",
        },
    },
    **{
        f"decoder {json.dumps(decoder)}": whole({"byte_fallback": True}, {**VOCAB, **BYTES}, decoder=decoder)
        for decoder in [
            {"type": "Fuse"},
            {"type": "ByteFallback"},
            {"type": "BPEDecoder", "suffix": "</w>"},
            {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
            {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": True},
            {"type": "Strip", "content": "h", "start": 1, "stop": 1},
            {"type": "Replace", "pattern": {"String": "l"}, "content": "L"},
            {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
            {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True},
        ]
    },
    "a decoder of Metaspace, its pre-tokenizer too": whole(
        None,
        SIGNED,
        pre_tokenizer={"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        decoder={"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
    ),
}
SAID = [
    "hello world!",
    " hello  world ",
    "héllo wörld 日本",
    "<s>hello</s> world",
    "a<x>b  <x>  c <x>",
    "<x><x> hello",
    "hello ttttt wor",
    "el hello el, elel el",
    "he w he w",
    "x> <x <x>",
    "        ",
    "thé o t",
    "",
    "<x>",
    "hello<x>world </s> e",
    "日😀é",
]
EXTRA_IDS = [
    [103, 106, 12],
    [300 + 0xE6, 300 + 0x97, 300 + 0xA5],
    [300 + 0xFF, 103, 300 + 0xC3],
    [22, 103, 22, 106],
    [1, 103, 2],
    [108, 108, 0, 14],
]
