"""Which token the logits processors of `transformers` leave as the likeliest: `expected.json`.

For each setting of generation_config.json, `generate` itself lists the processors, and they are applied to the same
random logits after the same ids. Run again with

    python -m zoo.reference.answers.make
"""

import json
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, GenerationConfig, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent
DEMO = HERE.parents[2] / "public/models/demo/base"
# “2+3” in the demo's chat template.
QUESTION = [1, 11, 19, 12, 23]
ASKED = {
    "nothing": {},
    "repetition_penalty": {"repetition_penalty": 2.5},
    "min_new_tokens": {"min_new_tokens": 6},
    "suppress_tokens": {"suppress_tokens": [11, 12, 14, 19]},
    "no_repeat_ngram_size": {"no_repeat_ngram_size": 1},
}
SIZE = 12
STOP = [2, 3]
CONFIGS = {
    "nothing": {},
    "suppress_tokens": {"suppress_tokens": [4, 5, 9]},
    "begin_suppress_tokens": {"begin_suppress_tokens": [0, 1, 6, 7, 11]},
    "bad_words_ids of one id": {"bad_words_ids": [[0], [1], [2], [4], [6], [8], [9], [10], [11]]},
    "bad_words_ids of several": {
        "bad_words_ids": [
            *[[7, id] for id in range(0, SIZE, 2)],
            *[[5, 7, id] for id in range(6)],
            [1] * 9 + [4],
        ]
    },
    "repetition_penalty above 1": {"repetition_penalty": 1.7},
    "repetition_penalty below 1": {"repetition_penalty": 0.8},
    "no_repeat_ngram_size 1": {"no_repeat_ngram_size": 1},
    "no_repeat_ngram_size 2": {"no_repeat_ngram_size": 2},
    "no_repeat_ngram_size 3": {"no_repeat_ngram_size": 3},
    "no_repeat_ngram_size longer than all": {"no_repeat_ngram_size": 40},
    "min_new_tokens": {"min_new_tokens": 3},
    "min_length": {"min_length": 8},
    "all at once": {
        "suppress_tokens": [4],
        "begin_suppress_tokens": [0, 6],
        "bad_words_ids": [[8], [5, 7]],
        "repetition_penalty": 1.3,
        "no_repeat_ngram_size": 2,
        "min_new_tokens": 2,
    },
}
PROMPTS = [[1], [1, 5, 7], [5, 7, 1, 5, 7], [2, 7, 7, 1, 2, 7]]
ANSWERS = [[], [5], [7, 1], [1, 5, 7], [5, 7, 1, 5, 7]]


def chosen(
    model: LlamaForCausalLM, config: dict, prompt: list[int], answer: list[int], scores: list[float]
) -> int:
    made = GenerationConfig(eos_token_id=STOP, max_length=100, **config)
    model._prepare_special_tokens(made, device="cpu")
    processors = model._get_logits_processor(made, input_ids_seq_length=len(prompt), device="cpu")
    ids = torch.tensor([prompt + answer])
    return int(processors(ids, torch.tensor([scores])).argmax(-1))


def main() -> None:
    size = LlamaConfig(
        vocab_size=SIZE, hidden_size=4, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1
    )
    model = LlamaForCausalLM(size)
    torch.manual_seed(0)
    logits = [[round(value, 3) for value in torch.randn(SIZE).mul(3).tolist()] for _ in range(20)]
    cases = []
    for name, config in CONFIGS.items():
        choices = []
        for prompt in PROMPTS:
            for answer in ANSWERS:
                # The ends are the likeliest in every second, so that what bans them shows.
                scores = [list(logits[len(choices) % len(logits)]) for _ in range(1)][0]
                if len(choices) % 2:
                    scores[2] = 9.5
                    scores[3] = 9.25
                choices.append(
                    {
                        "prompt": prompt,
                        "answer": answer,
                        "scores": scores,
                        "token": chosen(model, config, prompt, answer, scores),
                    }
                )
        cases.append({"name": name, "config": config, "choices": choices})
    base = AutoModelForCausalLM.from_pretrained(DEMO, dtype=torch.float32)
    generated = []
    for name, config in ASKED.items():
        settings = GenerationConfig(
            eos_token_id=2, pad_token_id=0, do_sample=False, max_new_tokens=10, **config
        )
        ids = base.generate(torch.tensor([QUESTION]), generation_config=settings)[0, len(QUESTION) :].tolist()
        generated.append({"name": name, "config": config, "ids": ids[:-1] if ids[-1] == 2 else ids})
    made = {
        "question": "2+3",
        "prompt": QUESTION,
        "generated": generated,
        "versions": {"transformers": transformers.__version__, "torch": torch.__version__},
        "stop": STOP,
        "cases": cases,
    }
    (HERE / "expected.json").write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
