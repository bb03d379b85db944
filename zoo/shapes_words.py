"""Tokenizer, chat template and image processor for a trio of SmolVLM-256M's shapes, so that its random weights can be run and not only merged.

The real tokenizer is not copied: this is the small one of zoo/reference/vlm/smolvlm with its special tokens at the published ids
(image 49190, <fake_token_around_image> 49189, <global-img> 49152, <end_of_utterance> 49279) and a made-up word for every id between.
Prompts have about as many tokens as the real ones; what the models say is noise.
"""

import json
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference" / "vlm" / "smolvlm"
VOCABULARY = 49280
IDS = {
    "<|endoftext|>": 0,
    "<|im_start|>": 1,
    "<|im_end|>": 2,
    "<global-img>": 49152,
    "<fake_token_around_image>": 49189,
    "<image>": 49190,
    "<end_of_utterance>": 49279,
}
TEXT_CHAT = "{% for turn in messages %}{{ '<|im_start|>' + turn['role'] + '\n' + turn['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
PROCESSOR = {
    "image_processor_type": "Idefics3ImageProcessor", "do_convert_rgb": True, "do_image_splitting": True, "do_normalize": True, "do_pad": True, "do_rescale": True, "do_resize": True,
    "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "max_image_size": {"longest_edge": 512}, "resample": 1, "rescale_factor": 1 / 255, "size": {"longest_edge": 2048},
}  # fmt: skip


def tokenizer() -> dict:
    data = json.loads((REFERENCE / "tokenizer.json").read_text())
    rows = [token["content"] for token in data["added_tokens"] if token["content"].startswith("<row_")]
    ids = IDS | {row: 49153 + i for i, row in enumerate(rows)}
    for token in data["added_tokens"]:
        token["id"] = ids[token["content"]]
    data["added_tokens"].sort(key=lambda token: token["id"])
    # The first three ids are special; learnt pieces follow, then made-up words.
    pieces = [
        piece for piece in sorted(data["model"]["vocab"], key=data["model"]["vocab"].get) if piece not in ids
    ]
    taken = set(ids.values())
    free = (i for i in range(VOCABULARY) if i not in taken)
    vocab = dict(zip(pieces, free)) | {f"Ġw{i}": i for i in free}
    data["model"]["vocab"] = vocab | ids
    return data


def write_words(folder: Path, sees: bool) -> None:
    config = json.loads((REFERENCE / "tokenizer_config.json").read_text())
    chat = (REFERENCE / "chat_template.jinja").read_text() if sees else TEXT_CHAT
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer(), ensure_ascii=False))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(config if sees else config | {"eos_token": "<|im_end|>"}, indent=2)
    )
    (folder / "chat_template.jinja").write_text(chat)
    (folder / "generation_config.json").write_text(
        json.dumps({"eos_token_id": IDS["<end_of_utterance>" if sees else "<|im_end|>"]})
    )
    if sees:
        (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR, indent=2))
