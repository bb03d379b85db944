"""Reference outputs of stock `transformers` for the forward passes, generation and gate gradients in workers/nn.

    python zoo/reference/nn/make.py             tiny random checkpoints and their outputs; the image processor's outputs
    python zoo/reference/nn/make.py --demo      outputs of the demo trio in public/models/demo; again whenever its weights change

Each folder beside this file gets `reference.json` (ids, answers, texts, versions) and `reference.safetensors` (float32
and uint8 arrays). Needs torch, transformers, pillow (zoo/requirements.txt).
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import PIL
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import (
    AutoTokenizer,
    GenerationConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3Processor,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

HERE = Path(__file__).parent
DEMO = HERE.parents[2] / "public/models/demo"
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__, "pillow": PIL.__version__}
LINEARS = [
    *(f"self_attn.{name}_proj" for name in "qkvo"),
    *(f"mlp.{name}_proj" for name in ("gate", "up", "down")),
]
IMAGE_ID, PAD_ID, STOP_ID, VOCABULARY = 4, 0, 2, 60
LAMBDA = 1.2


def tiny_text() -> dict:
    """Grouped keys, a head width that is not width / heads, weights large enough for logits that differ."""
    return dict(
        vocab_size=VOCABULARY, hidden_size=36, intermediate_size=44, num_hidden_layers=2, num_attention_heads=6,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=64, rms_norm_eps=1e-5, initializer_range=0.15,
        rope_parameters={"rope_type": "default", "rope_theta": 1000.0}, tie_word_embeddings=False, pad_token_id=PAD_ID,
    )  # fmt: skip


def tiny_llama() -> LlamaForCausalLM:
    torch.manual_seed(1)
    return randomise_norms(LlamaForCausalLM(LlamaConfig(**tiny_text())))


def tiny_tied_llama_with_biases() -> LlamaForCausalLM:
    torch.manual_seed(3)
    return randomise_norms(
        LlamaForCausalLM(LlamaConfig(**tiny_text() | {"tie_word_embeddings": True, "attention_bias": True}))
    )


def tiny_qwen3() -> Qwen3ForCausalLM:
    torch.manual_seed(4)
    return randomise_norms(
        Qwen3ForCausalLM(Qwen3Config(**tiny_text() | {"tie_word_embeddings": True, "num_hidden_layers": 1}))
    )


def tiny_idefics3() -> Idefics3ForConditionalGeneration:
    torch.manual_seed(2)
    config = Idefics3Config(
        text_config=LlamaConfig(**tiny_text()),
        vision_config=dict(
            hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3, num_channels=3, image_size=64,
            patch_size=8, hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-6, initializer_range=0.15,
        ),
        scale_factor=2, image_token_id=IMAGE_ID, pad_token_id=PAD_ID, tie_word_embeddings=False,
    )  # fmt: skip
    return randomise_norms(Idefics3ForConditionalGeneration(config))


def randomise_norms(model: torch.nn.Module) -> torch.nn.Module:
    """Norm weights start at one and biases at zero, which would hide a forgotten one."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name or name.endswith("bias"):
                parameter.add_(0.2 * torch.randn_like(parameter))
    return model.eval()


def left_padded(rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(map(len, rows))
    ids = torch.tensor([[PAD_ID] * (longest - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
    return ids, mask


@torch.no_grad()
def outputs(
    model: torch.nn.Module, rows: list[list[int]], pixels: torch.Tensor | None, stop: int, tokens: int
) -> tuple[dict, dict]:
    """Row by row, without padding: (arrays, json). `pixels` [rows, 3, H, W]."""
    arrays, answers = {}, []
    settings = GenerationConfig(
        do_sample=False, max_new_tokens=tokens, eos_token_id=stop, pad_token_id=PAD_ID
    )
    for i, row in enumerate(rows):
        ids = torch.tensor([row])
        image = {} if pixels is None else {"pixel_values": pixels[i : i + 1, None]}
        arrays[f"logits.{i}"] = model(input_ids=ids, **image).logits[0].contiguous()
        answer = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=settings, **image
        )
        new = answer[0, len(row) :].tolist()
        answers.append(new[: new.index(stop)] if stop in new else new)
    if pixels is not None:
        features = model.model.get_image_features(pixels[:, None]).pooler_output
        arrays |= {
            "pixels": pixels,
            "features": torch.stack(list(features)).reshape(len(rows), -1, features[0].shape[-1]),
        }
    return arrays, {
        "versions": VERSIONS,
        "prompts": rows,
        "answers": answers,
        "stopId": stop,
        "maxTokens": tokens,
    }


def gate_gradients(
    model: torch.nn.Module, decoder: torch.nn.Module, rows: list[list[int]], pixels: torch.Tensor | None
) -> tuple[dict, dict]:
    """dKL/dg by autograd, with θ = θ_vlm + λ U diag(sigmoid(g) ⊙ S) Vᵀ (FRISM Eq. 7, 8), one left-padded batch.

    KL(P_vlm ‖ P_merged) is averaged over the last 3 positions of every row. Does not depend on the signs of U and V.
    """
    torch.manual_seed(5)
    ids, mask = left_padded(rows)
    image = {} if pixels is None else {"pixel_values": pixels[:, None]}
    modules = {
        f"layers.{i}.{name}": layer.get_submodule(name)
        for i, layer in enumerate(decoder.layers)
        for name in LINEARS
    }
    arrays, gates, merged = {}, {}, {}
    for slot, module in modules.items():
        weight = module.weight.detach()
        u, s, vh = torch.linalg.svd(0.1 * torch.randn_like(weight), full_matrices=False)
        gates[slot] = torch.randn(len(s), requires_grad=True)
        merged[slot] = weight + LAMBDA * (u * (torch.sigmoid(gates[slot]) * s)) @ vh
        arrays |= {f"{slot}.u": u, f"{slot}.s": s, f"{slot}.vh": vh, f"{slot}.g": gates[slot].detach()}

    def log_probabilities() -> torch.Tensor:
        return model(input_ids=ids, attention_mask=mask, **image).logits[:, -3:].log_softmax(-1)

    with torch.no_grad():
        teacher = log_probabilities()
    parameters = {id(module.weight): merged[slot] for slot, module in modules.items()}
    replaced = {name: parameters[id(p)] for name, p in model.named_parameters() if id(p) in parameters}
    logits = torch.func.functional_call(
        model, replaced, kwargs={"input_ids": ids, "attention_mask": mask, **image}
    ).logits
    student = logits[:, -3:].log_softmax(-1)
    loss = (teacher.exp() * (teacher - student)).sum(-1).mean()
    loss.backward()
    arrays |= {f"{slot}.dg": gate.grad for slot, gate in gates.items()}
    return arrays, {"lambda": LAMBDA, "loss": loss.item(), "answerPositions": 3}


def write(folder: Path, arrays: dict, facts: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: torch.as_tensor(array).detach().contiguous().clone() for name, array in arrays.items()}
    tensors = {
        name: tensor if tensor.dtype == torch.uint8 else tensor.to(torch.float32)
        for name, tensor in tensors.items()
    }
    save_file(tensors, folder / "reference.safetensors", metadata={k: str(v) for k, v in VERSIONS.items()})
    (folder / "reference.json").write_text(json.dumps(facts) + "\n")


def make_tiny(
    name: str,
    model: torch.nn.Module,
    decoder: torch.nn.Module,
    rows: list[list[int]],
    pixels: torch.Tensor | None,
) -> None:
    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    arrays, facts = outputs(model, rows, pixels, STOP_ID, 12)
    gate_arrays, gate_facts = gate_gradients(model, decoder, rows, pixels)
    write(
        folder,
        arrays | {f"gates.{key}": value for key, value in gate_arrays.items()},
        facts | {"gates": gate_facts},
    )
    (folder / "model.safetensors").chmod(0o644)


def text_rows() -> list[list[int]]:
    generator = np.random.default_rng(7)
    return [generator.integers(5, VOCABULARY, length).tolist() for length in (11, 4, 8)]


def make_preprocessing() -> None:
    """Photograph-like gradients with noise, of several shapes, through Idefics3's image processor without splitting."""
    generator = np.random.default_rng(11)
    arrays, cases = {}, []
    for width, height, longest, tile in [
        (64, 64, 64, 64),
        (100, 70, 64, 64),
        (40, 57, 64, 64),
        (33, 130, 96, 64),
        (300, 211, 128, 48),
    ]:
        y, x = np.mgrid[0:height, 0:width]
        smooth = np.stack([127 + 120 * np.sin(x / 9 + c) * np.cos(y / (7 + c)) for c in range(3)], -1)
        image = np.clip(smooth + generator.normal(0, 25, smooth.shape), 0, 255).astype(np.uint8)
        settings = dict(
            size={"longest_edge": longest}, max_image_size={"longest_edge": tile}, do_image_splitting=False,
            image_mean=[0.5, 0.4, 0.3], image_std=[0.5, 0.25, 0.2],
        )  # fmt: skip
        processor = Idefics3ImageProcessorPil(**settings)
        pixels = processor(images=[[Image.fromarray(image)]], return_tensors="np")["pixel_values"]
        name = f"{width}x{height}"
        arrays |= {f"{name}.image": image, f"{name}.pixels": pixels[0, 0]}
        cases.append(
            {"name": name, "width": width, "height": height, "config": json.loads(processor.to_json_string())}
        )
    write(HERE / "preprocess", arrays, {"versions": VERSIONS, "cases": cases})


def make_demo() -> None:
    """Prompts as the trio's own processor makes them; images are those of its calibration set."""
    questions, texts_alone = ["read", "has 7", "solve"], ["3+4*2solve", " 7 - 5 read", "9*9"]
    sheet = np.asarray(Image.open(DEMO / "data/calibration.png").convert("RGB"))
    images = [Image.fromarray(sheet[:64, 64 * i : 64 * i + 64]) for i in range(len(questions))]
    for role in ("base", "lrm", "vlm"):
        vlm = role == "vlm"
        family = Idefics3ForConditionalGeneration if vlm else LlamaForCausalLM
        model = family.from_pretrained(DEMO / role, dtype=torch.float32).eval()
        if vlm:
            images_as_pil = Idefics3ImageProcessorPil.from_pretrained(DEMO / role)
            processor = Idefics3Processor.from_pretrained(DEMO / role, image_processor=images_as_pil)
            tokenizer = processor.tokenizer
            texts = [
                chat(processor, [{"type": "image"}, {"type": "text", "text": question}])
                for question in questions
            ]
            batches = [
                processor(text=text, images=[image], return_tensors="pt", add_special_tokens=False)
                for text, image in zip(texts, images)
            ]
            rows = [batch["input_ids"][0].tolist() for batch in batches]
            pixels = torch.cat([batch["pixel_values"][:, 0] for batch in batches])
        else:
            tokenizer = AutoTokenizer.from_pretrained(DEMO / role)
            texts = [chat(tokenizer, text) for text in texts_alone]
            rows = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
            pixels = None
        arrays, facts = outputs(model, rows, pixels, model.config.eos_token_id, 22)
        if vlm:
            arrays["images"] = np.stack([np.asarray(image) for image in images])
        fingerprint = hashlib.sha256((DEMO / role / "model.safetensors").read_bytes()).hexdigest()
        decoded = [tokenizer.decode(answer, skip_special_tokens=True) for answer in facts["answers"]]
        write(
            HERE / f"demo-{role}",
            arrays,
            facts | {"texts": questions if vlm else texts_alone, "decoded": decoded, "sha256": fingerprint},
        )


def chat(templated, content) -> str:
    return templated.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--demo", action="store_true", help="outputs of the demo trio instead")
    torch.set_num_threads(1)
    if parser.parse_args().demo:
        make_demo()
        return
    llama = tiny_llama()
    make_tiny("tiny-llama", llama, llama.model, text_rows(), None)
    biased = tiny_tied_llama_with_biases()
    make_tiny("tiny-tied-biased", biased, biased.model, text_rows(), None)
    qwen = tiny_qwen3()
    make_tiny("tiny-qwen3", qwen, qwen.model, text_rows(), None)
    vlm = tiny_idefics3()
    rows = [[1, 5, *[IMAGE_ID] * 16, 6, *row] for row in text_rows()]
    make_tiny("tiny-idefics3", vlm, vlm.model.text_model, rows, torch.randn(len(rows), 3, 64, 64))
    make_preprocessing()


if __name__ == "__main__":
    main()
