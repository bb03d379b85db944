"""Small tokenizers in the file formats of the real families, with their real special tokens, and chat templates.

The vocabularies are trained on a few sentences here; everything around them (normaliser, pre-tokeniser, decoder, post-processor,
added tokens and their flags) is as in the families' own tokenizer.json. The chat templates are this project's own wording: for a
user's turn with an image they write what the published templates of llava-1.5-7b-hf, SmolVLM-256M-Instruct,
llava-onevision-qwen2-0.5b-ov-hf, InternVL3-1B-hf and Qwen2.5-VL-3B-Instruct write, and they use the same Jinja features.
"""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

CORPUS = [
    "What is shown in this image? The image shows a street with two houses, a red car and three people who are walking their dogs.",
    "Answer the question with a single word or phrase. How many people are there? There are three people in the picture.",
    "First we count the number of apples on the table: 3 + 4 = 7. Then we multiply by 2, so the answer is 14.",
    "Read the text on the sign. The sign says that the museum is open from 9 to 17 on weekdays and closed on Sundays.",
    "You are a helpful assistant. Describe the weather, the colours and the objects in the background of the photograph.",
    "naïve café, façade, 12345.67; f(x) = 2x + 1; if (a < b) { return a; } else { return b; }",
]


def train(alphabet: list[str], pre_tokenizer, size: int) -> dict:
    """Merges learnt from the corpus: the `model` part of a tokenizer.json."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(
        CORPUS, BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    )
    return json.loads(tokenizer.to_str())["model"]


def special(*words: str) -> list[AddedToken]:
    return [AddedToken(word, special=True, normalized=False) for word in words]


def byte_level(model: dict, pre_tokenizer, normalizer, added: list[AddedToken]) -> Tokenizer:
    tokenizer = Tokenizer(BPE(vocab=model["vocab"], merges=[tuple(merge) for merge in model["merges"]]))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens(added)
    return tokenizer


def qwen2(*more: str) -> Tokenizer:
    """Qwen2's: NFC, its own splitting by regular expression, bytes; single digits."""
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    split = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    model = train(pre_tokenizers.ByteLevel.alphabet(), split, 330)
    tokenizer = byte_level(
        model, split, normalizers.NFC(), special("<|endoftext|>", "<|im_start|>", "<|im_end|>", *more)
    )
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


SMOLVLM_ROWS = [f"<row_{row + 1}_col_{column + 1}>" for row in range(6) for column in range(6)]


def smollm2() -> Tokenizer:
    """SmolLM2's: single digits, GPT-2's splitting, bytes; and what SmolVLM adds."""
    split = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    model = train(pre_tokenizers.ByteLevel.alphabet(), split, 330)
    words = [
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
        "<global-img>",
        *SMOLVLM_ROWS,
        "<fake_token_around_image>",
        "<image>",
        "<end_of_utterance>",
    ]
    return byte_level(model, split, None, special(*words))


def llama() -> Tokenizer:
    """Llama 1 and 2's, from sentencepiece: spaces as ▁, unknown characters as bytes, <s> in front."""
    pieces = train([], pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True), 260)
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    learnt = sorted(pieces["vocab"], key=pieces["vocab"].get)
    vocab = {word: i for i, word in enumerate([*words, *(piece for piece in learnt if piece not in words)])}
    merges = [tuple(merge) for merge in pieces["merges"]]
    tokenizer = Tokenizer(
        BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_tokens(special("<unk>", "<s>", "</s>", "<image>", "<pad>"))
    single, pair = "<s> $A", "<s> $A <s> $B:1"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[("<s>", 1)]
    )
    return tokenizer


LLAVA_CHAT = (
    "{% for turn in messages %}"
    "{% if turn['role'] != 'system' %}{{ turn['role'].upper() + ': ' }}{% endif %}"
    "{% for part in turn['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
    "{% for part in turn['content'] | selectattr('type', 'equalto', 'text') %}"
    "{% if turn['role'] == 'assistant' %}{% generation %}{{ part['text'] + ' ' }}{% endgeneration %}{% else %}{{ part['text'] + ' ' }}{% endif %}"
    "{% endfor %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)

SMOLVLM_CHAT = (
    "<|im_start|>"
    "{% for turn in messages %}"
    "{{ turn['role'] | capitalize }}{{ ':' if turn['content'][0]['type'] == 'image' else ': ' }}"
    "{% for part in turn['content'] %}{% if part['type'] == 'image' %}{{ '<image>' }}{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}"
    "<end_of_utterance>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)


ONEVISION_CHAT = (
    "{% for turn in messages %}"
    "{{ '<|im_start|>' + turn['role'] + ' ' }}"
    "{% for part in turn['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>' }}{% endfor %}"
    "{% for part in turn['content'] | selectattr('type', 'equalto', 'text') %}{{ '\n' + part['text'] }}{% endfor %}"
    "{{ '<|im_end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

INTERNVL_CHAT = (
    "{% for turn in messages %}"
    "{{ '<|im_start|>' + turn['role'] + '\n' }}"
    "{% if turn['content'] is string %}{{ turn['content'] }}{% else %}"
    "{% for part in turn['content'] %}{% if part['type'] == 'image' %}{{ '<IMG_CONTEXT>\n' }}{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}"
    "{% endif %}"
    "{{ '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

QWEN2_VL_CHAT = (
    "{% for turn in messages %}"
    "{% if loop.first and turn['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ turn['role'] }}\n"
    "{% if turn['content'] is string %}{{ turn['content'] }}{% else %}"
    "{% for part in turn['content'] %}"
    "{% if part['type'] == 'image' or 'image' in part %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif 'text' in part %}{{ part['text'] }}{% endif %}"
    "{% endfor %}"
    "{% endif %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
