"""Normalizers and pre-tokenizers that are asked by themselves, and the texts that they are given."""

TEXTS = [
    "Hello, World! It's 3.14 — ½ ① ٣ x² Ⅷ",
    " leading  double   spaces ",
    "tabs\tand\nnew\r\nlines\n\n  end\n",
    "naïve café ﬁ Å É ﬀ ｆｕｌｌ ①",
    "日本語テスト 한국어 中文，。",
    "😀👩‍👩‍👧 x 🇩🇪",
    "don't WE'LL I'M he'D 'quote' ’curly’",
    "a_b-c+d=e/f (g) [h] {i} <j> $k %l ^m ~n `o` |p|",
    "1234567 12 3 1,000.5 2024-01-02",
    "\u00a0nbsp\u2003em\ufeffbom\u200bzw\u3000wide",
    "ǅ ß İ ı ΑΣ",
    "x\u0301y\u0085z\x1cq\x7fw\u00ad",
    "camelCaseWord HTMLParser x1y2",
]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN35 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEKKEN = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK = [
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
]
REGEXES = [
    GPT2,
    LLAMA3,
    QWEN2,
    QWEN35,
    O200K,
    TEKKEN,
    *DEEPSEEK,
    r"\d",
    r"\d+",
    r"\s",
    r"\s+",
    r"\w+",
    r"[0-9]",
    r" ",
    r"\p{P}",
    r"\p{Han}",
    r"[A-Z][a-z]+",
    r"\n",
    r"[^a-z]",
    r"(?<=\d)x",
    r"\bx",
    r"x(?=\d)",
    r"^.",
    r".$",
]


def split(pattern: dict, behavior: str, invert: bool = False) -> dict:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


BEHAVIORS = ["Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
NORMALIZERS = [
    *[
        {"type": name}
        for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel"]
    ],
    *[
        {"type": "Strip", "strip_left": left, "strip_right": right}
        for left in (True, False)
        for right in (True, False)
    ],
    {"type": "Prepend", "prepend": "▁"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
    {"type": "Replace", "pattern": {"String": "é"}, "content": "$1"},
    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
    {"type": "Replace", "pattern": {"Regex": r"\s"}, "content": "_"},
    {"type": "Replace", "pattern": {"Regex": r"(\d)"}, "content": r"<\1$1>"},
    {
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        ],
    },
    {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]},
    {"type": "Sequence", "normalizers": []},
    {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    {
        "type": "BertNormalizer",
        "clean_text": False,
        "handle_chinese_chars": False,
        "strip_accents": True,
        "lowercase": False,
    },
]
PRE = [
    *[
        {"type": "ByteLevel", "add_prefix_space": space, "trim_offsets": True, "use_regex": regex}
        for space in (True, False)
        for regex in (True, False)
    ],
    *[{"type": name} for name in ["Whitespace", "WhitespaceSplit", "BertPreTokenizer", "UnicodeScripts"]],
    *[
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": cut}
        for scheme in ("always", "first", "never")
        for cut in (True, False)
    ],
    *[{"type": "Digits", "individual_digits": one} for one in (True, False)],
    *[{"type": "Punctuation", "behavior": behavior} for behavior in BEHAVIORS],
    {"type": "CharDelimiterSplit", "delimiter": "-"},
    {"type": "FixedLength", "length": 3},
    *[split({"Regex": regex}, "Isolated") for regex in REGEXES],
    *[split({"Regex": regex}, "Removed", True) for regex in [GPT2, LLAMA3]],
    *[split({"String": " "}, behavior, invert) for behavior in BEHAVIORS for invert in (False, True)],
    *[split({"Regex": r"\d"}, behavior, invert) for behavior in BEHAVIORS for invert in (False, True)],
    *[split({"String": text}, "Isolated") for text in [".", "a", "'", "ll"]],
    {
        "type": "Sequence",
        "pretokenizers": [
            *[split({"Regex": regex}, "Isolated") for regex in DEEPSEEK],
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        ],
    },
    {
        "type": "Sequence",
        "pretokenizers": [
            split({"Regex": QWEN2}, "Isolated"),
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
        ],
    },
    {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        ],
    },
    {"type": "Sequence", "pretokenizers": []},
]
