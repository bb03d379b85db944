"""The vocabulary of the demo trio and the tokenizer made of it.

Promise: ids are fixed here and nowhere else; `build_tokenizer` gives the same ids through the Python and the
JavaScript tokenizer libraries, because it is plain BPE without merges plus added tokens.
"""

import re

from tokenizers import AddedToken, Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

PAD, BOS, EOS, UNK = "<pad>", "<bos>", "<eos>", "<unk>"
IMAGE, FAKE, GLOBAL, END_OF_UTTERANCE = (
    "<image>",
    "<fake_token_around_image>",
    "<global-img>",
    "<end_of_utterance>",
)
THINK, END_THINK = "<think>", "</think>"

SPECIAL = [PAD, BOS, EOS, UNK, IMAGE, FAKE, GLOBAL, END_OF_UTTERANCE]
INKS = ["black", "red", "green", "blue", "purple"]
PERCEPTION = ["read", "count", "has", "first", "last", "ink"]
WORDS = [THINK, END_THINK, *PERCEPTION, "solve", "step", "yes", "no", *INKS]
GLYPHS = "0123456789+-*"
CHARACTERS = list(" " + GLYPHS + "=:.()/?,\n")

TOKENS = SPECIAL + CHARACTERS + WORDS
ID = {token: index for index, token in enumerate(TOKENS)}
PAD_ID, BOS_ID, EOS_ID, IMAGE_ID, COLON_ID = ID[PAD], ID[BOS], ID[EOS], ID[IMAGE], ID[":"]

# Content parts in order, nothing between them, then ":" where the answer begins.
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}{{ '<image>' }}{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}"
    "{% if message['role'] == 'user' and (add_generation_prompt or not loop.last) %}{{ ':' }}{% endif %}"
    "{% endfor %}"
)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer that all three checkpoints carry."""
    tokenizer = Tokenizer(models.BPE(vocab=dict(ID), merges=[], unk_token=UNK))
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in WORDS])
    assert tokenizer.get_vocab_size() == len(TOKENS), "an added token received a new id"
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        unk_token=UNK,
        extra_special_tokens=[IMAGE, FAKE, GLOBAL, END_OF_UTTERANCE],
        model_max_length=64,
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE,
    )


_PIECE = re.compile(
    "|".join(map(re.escape, sorted(SPECIAL + WORDS, key=len, reverse=True))) + "|.", re.DOTALL
)


def encode(text: str) -> list[int]:
    """The ids that the tokenizer gives, by a shorter road; an unknown character raises KeyError."""
    return [ID[piece] for piece in _PIECE.findall(text)]


def decode(ids: list[int]) -> str:
    """Text of generated ids up to the first end of sequence; special tokens are dropped."""
    pieces = []
    for index in ids:
        if index == EOS_ID:
            break
        if index >= len(SPECIAL):
            pieces.append(TOKENS[index])
    return "".join(pieces)
