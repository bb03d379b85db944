"""Tiny random checkpoints of each family by transformers' own classes, with their processors: name -> function giving both."""

import torch
from transformers import (
    CLIPVisionConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3Processor,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLProcessor,
    InternVLVideoProcessor,
    InternVLVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaOnevisionConfig,
    LlavaOnevisionForConditionalGeneration,
    LlavaOnevisionProcessor,
    LlavaOnevisionVideoProcessor,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2Config,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
    Qwen3Config,
    SiglipVisionConfig,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
    SmolVLMProcessor,
    SmolVLMVideoProcessor,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

import words

TEXT = dict(
    hidden_size=32,
    intermediate_size=44,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=2048,
)
TOWER = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=3)


def qwen_tokenizer(*more: str, **named: str) -> PreTrainedTokenizerFast:
    ends = dict(eos_token="<|im_end|>", pad_token="<|endoftext|>")
    return PreTrainedTokenizerFast(
        tokenizer_object=words.qwen2(*more), extra_special_tokens=named or list(more), **ends
    )


def text(tokenizer, **more) -> dict:
    """Vocabulary rounded up, as published checkpoints have it."""
    ends = dict(
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
    )
    return TEXT | dict(vocab_size=-(-len(tokenizer) // 16) * 16) | ends | more


def randomise(model: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Larger weights than at a training's start, so that logits differ; norms, biases and scales away from one and zero, so that a forgotten one shows."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            if "lambda" in name:
                parameter.copy_(0.6 + 0.2 * noise)
            elif "norm" in name and name.endswith("weight"):
                parameter.copy_(1 + 0.2 * noise)
            else:
                parameter.copy_((0.3 if "embedding" in name or "token" in name else 0.2) * noise)
    return model.eval()


def llava_clip():
    """As LLaVA-1.5: Llama, CLIP with its class token, the last block but one, the middle of the image."""
    ends = dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words.llama(), **ends)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**TOWER, image_size=32, patch_size=8, projection_dim=16),
        text_config=LlamaConfig(**text(tokenizer), rms_norm_eps=1e-5),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), image_seq_length=16,
    )  # fmt: skip
    images = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor = LlavaProcessor(
        images,
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=words.LLAVA_CHAT,
    )
    return randomise(LlavaForConditionalGeneration(config), 11), processor


def llava_layers():
    """LLaVA on two states of the tower, the class token kept, no biases in the projector; LlavaImageProcessor padding to a square."""
    tokenizer = qwen_tokenizer("<image>")
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**TOWER, image_size=32, patch_size=8, projection_dim=16, hidden_act="gelu"),
        text_config=Qwen2Config(**text(tokenizer), tie_word_embeddings=True),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), vision_feature_layer=[-1, 1], vision_feature_select_strategy="full",
        projector_hidden_act="gelu_pytorch_tanh", multimodal_projector_bias=False,
    )  # fmt: skip
    images = LlavaImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, do_pad=True, resample=2
    )
    processor = LlavaProcessor(
        images,
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=1,
        chat_template=words.ONEVISION_CHAT,
    )
    return randomise(LlavaForConditionalGeneration(config), 12), processor


def llava_siglip():
    """As llava-interleave: Qwen2, SigLIP whose patches do not fill the image, the last block, the image stretched."""
    tokenizer = qwen_tokenizer("<image>")
    config = LlavaConfig(
        vision_config=SiglipVisionConfig(**TOWER, image_size=30, patch_size=7, vision_use_head=False),
        text_config=Qwen2Config(**text(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), vision_feature_layer=-1, vision_feature_select_strategy="full",
    )  # fmt: skip
    images = SiglipImageProcessorPil(size={"height": 30, "width": 30})
    processor = LlavaProcessor(
        images,
        tokenizer,
        patch_size=7,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=0,
        chat_template=words.ONEVISION_CHAT,
    )
    return randomise(LlavaForConditionalGeneration(config), 13), processor


def smollm2_tokenizer() -> PreTrainedTokenizerFast:
    ends = dict(
        bos_token="<|im_start|>",
        eos_token="<end_of_utterance>",
        unk_token="<|endoftext|>",
        pad_token="<|im_end|>",
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=words.smollm2(),
        extra_special_tokens=["<fake_token_around_image>", "<image>", "<end_of_utterance>"],
        **ends,
    )


SPLITTING = dict(size={"longest_edge": 96}, max_image_size={"longest_edge": 24}, do_image_splitting=True)


def smolvlm():
    """As SmolVLM2 with splitting: four tiles a side at most, and the whole image."""
    tokenizer = smollm2_tokenizer()
    config = SmolVLMConfig(
        text_config=LlamaConfig(**text(tokenizer)), vision_config=TOWER | dict(image_size=24, patch_size=6), scale_factor=2,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), tie_word_embeddings=True,
    )  # fmt: skip
    images = SmolVLMImageProcessorPil(**SPLITTING)
    processor = SmolVLMProcessor(
        images,
        tokenizer,
        SmolVLMVideoProcessor(size={"longest_edge": 24}),
        image_seq_len=4,
        chat_template=words.SMOLVLM_CHAT,
    )
    return randomise(SmolVLMForConditionalGeneration(config), 14), processor


def idefics3():
    """As SmolVLM-256M's class, with colours of its own."""
    tokenizer = smollm2_tokenizer()
    config = Idefics3Config(
        text_config=LlamaConfig(**text(tokenizer)), vision_config=TOWER | dict(image_size=24, patch_size=6), scale_factor=4,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), tie_word_embeddings=False,
    )  # fmt: skip
    images = Idefics3ImageProcessorPil(**SPLITTING, image_mean=[0.5, 0.4, 0.3], image_std=[0.5, 0.25, 0.2])
    processor = Idefics3Processor(images, tokenizer, image_seq_len=1, chat_template=words.SMOLVLM_CHAT)
    return randomise(Idefics3ForConditionalGeneration(config), 15), processor


def llava_onevision():
    """As LLaVA-OneVision-0.5B, with tiles of 30 pixels whose patches do not fill them, and a limit that large grids exceed."""
    tokenizer = qwen_tokenizer("<image>", "<video>")
    pinpoints = [[30 * rows, 30 * columns] for rows in range(1, 5) for columns in range(1, 5)]
    config = LlavaOnevisionConfig(
        vision_config=SiglipVisionConfig(**TOWER, image_size=30, patch_size=7, vision_use_head=False),
        text_config=Qwen2Config(**text(tokenizer), tie_word_embeddings=True), tie_word_embeddings=True,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), video_token_index=tokenizer.convert_tokens_to_ids("<video>"),
        image_grid_pinpoints=pinpoints, vision_aspect_ratio="anyres_max_4",
    )  # fmt: skip
    images = LlavaOnevisionImageProcessorPil(size={"height": 30, "width": 30}, image_grid_pinpoints=pinpoints)
    processor = LlavaOnevisionProcessor(
        images, tokenizer, LlavaOnevisionVideoProcessor(size={"height": 30, "width": 30}), num_image_tokens=16,
        vision_feature_select_strategy="full", vision_aspect_ratio="anyres_max_4", chat_template=words.ONEVISION_CHAT,
    )  # fmt: skip
    return randomise(LlavaOnevisionForConditionalGeneration(config), 16), processor


IMAGENET = dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
INTERN_WORDS = ["<img>", "</img>", "<IMG_CONTEXT>", "<video>"]
INTERN_NAMES = dict(
    start_image_token="<img>",
    end_image_token="</img>",
    context_image_token="<IMG_CONTEXT>",
    video_token="<video>",
)


def internvl(text_config, seed: int, **vision):
    tokenizer = qwen_tokenizer(*INTERN_WORDS, **INTERN_NAMES)
    tower = InternVLVisionConfig(**TOWER, image_size=[24, 24], patch_size=[6, 6], **vision)
    config = InternVLConfig(
        vision_config=tower, text_config=text_config(tokenizer), image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=4, tie_word_embeddings=False,
    )  # fmt: skip
    images = GotOcr2ImageProcessorPil(size={"height": 24, "width": 24}, **IMAGENET)
    processor = InternVLProcessor(
        images,
        tokenizer,
        InternVLVideoProcessor(size={"height": 24, "width": 24}),
        image_seq_length=4,
        chat_template=words.INTERNVL_CHAT,
    )
    return randomise(InternVLForConditionalGeneration(config), seed), processor


def internvl_qwen2():
    """As InternVL3-1B: Qwen2.5 with dynamic positions, biases in the tower's attention, layer norms, the tower's output without a last norm."""
    stretched = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e6}
    return internvl(
        lambda tokenizer: Qwen2Config(**text(tokenizer, rope_parameters=stretched)), 17, attention_bias=True
    )


def internvl_qwen3():
    """As InternVL3.5 in its text (Qwen3), and as InternViT-6B in its tower: RMS norms, also of queries and keys, no biases; with a last norm."""
    rms = dict(norm_type="rms_norm", use_qk_norm=True, use_mean_pooling=False)
    return internvl(lambda tokenizer: Qwen3Config(**text(tokenizer, head_dim=8)), 18, **rms)


def qwen2_vl_parts(processor_class):
    """Tokenizer, text configuration and processor of either: images of any size in tiles of 12 pixels, between 900 and 9000 pixels in all."""
    tokenizer = qwen_tokenizer("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e6}
    patches = dict(patch_size=6, merge_size=2, size={"shortest_edge": 900, "longest_edge": 9000})
    processor = processor_class(
        Qwen2VLImageProcessorPil(**patches),
        tokenizer,
        Qwen2VLVideoProcessor(**patches),
        chat_template=words.QWEN2_VL_CHAT,
    )
    ids = {
        f"{name}_token_id": tokenizer.convert_tokens_to_ids(f"<|{word}|>")
        for name, word in (
            ("image", "image_pad"),
            ("video", "video_pad"),
            ("vision_start", "vision_start"),
            ("vision_end", "vision_end"),
        )
    }
    return text(tokenizer, rope_parameters=rope), ids, processor


def qwen2_vl():
    """Qwen2-VL: layer norms, quick GELU, every patch reads the whole image; the head is the embedding, as in the 2B model."""
    inner, ids, processor = qwen2_vl_parts(Qwen2VLProcessor)
    tower = dict(depth=3, embed_dim=24, hidden_size=32, num_heads=3, mlp_ratio=2, patch_size=6)
    config = Qwen2VLConfig(text_config=inner, vision_config=tower, tie_word_embeddings=True, **ids)
    return randomise(Qwen2VLForConditionalGeneration(config), 19), processor


def qwen2_5_vl():
    """Qwen2.5-VL: RMS norms, SwiGLU, windows of 3 x 3 tiles in all blocks but one."""
    inner, ids, processor = qwen2_vl_parts(Qwen2_5_VLProcessor)
    tower = dict(depth=3, hidden_size=24, intermediate_size=40, out_hidden_size=32, num_heads=3, patch_size=6,
                 window_size=36, fullatt_block_indexes=[1])  # fmt: skip
    config = Qwen2_5_VLConfig(text_config=inner, vision_config=tower, **ids)
    return randomise(Qwen2_5_VLForConditionalGeneration(config), 20), processor


FAMILIES = {
    "llava-clip": llava_clip, "llava-layers": llava_layers, "llava-siglip": llava_siglip, "smolvlm": smolvlm, "idefics3": idefics3,
    "llava-onevision": llava_onevision, "internvl-qwen2": internvl_qwen2, "internvl-qwen3": internvl_qwen3,
    "qwen2-vl": qwen2_vl, "qwen2.5-vl": qwen2_5_vl,
}  # fmt: skip

# What the published checkpoints' tokenizer_config.json say beside the tokens.
LLAMA_CLASS = dict(tokenizer_class="LlamaTokenizer", add_bos_token=True, add_eos_token=False)
QWEN_CLASS = dict(tokenizer_class="Qwen2Tokenizer", add_prefix_space=False, add_bos_token=False)
SMOLLM_CLASS = dict(tokenizer_class="GPT2Tokenizer", add_prefix_space=False)
TOKENIZER_CLASSES = {
    "llava-clip": LLAMA_CLASS, "llava-layers": QWEN_CLASS, "llava-siglip": QWEN_CLASS, "smolvlm": SMOLLM_CLASS, "idefics3": SMOLLM_CLASS,
    "llava-onevision": QWEN_CLASS, "internvl-qwen2": QWEN_CLASS, "internvl-qwen3": QWEN_CLASS,
    "qwen2-vl": QWEN_CLASS, "qwen2.5-vl": QWEN_CLASS,
}  # fmt: skip
