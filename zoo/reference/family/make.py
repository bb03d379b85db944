"""What transformers makes of config.json files, defaults filled in: the reference for core/family/read-spec.ts.

python zoo/reference/family/make.py
"""

import json
import sys
from pathlib import Path

import transformers
from transformers import AutoConfig

here = Path(__file__).parent
llama = {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}
smol_text = {"model_type": "llama", "hidden_size": 576, "num_attention_heads": 9, "num_key_value_heads": 3, "num_hidden_layers": 30,
             "intermediate_size": 1536, "vocab_size": 49280, "rope_theta": 100000.0, "rope_scaling": None, "pad_token_id": 2}  # fmt: skip
smol_vision = {"hidden_size": 768, "num_attention_heads": 12, "image_size": 512, "patch_size": 16}
configs = {
    "llama, nothing stated": llama,
    "llama, old rope_theta": llama | {"rope_theta": 100000.0, "num_attention_heads": 9, "hidden_size": 576, "num_key_value_heads": 3, "tie_word_embeddings": True},
    "llama, rope_parameters": llama | {"rope_parameters": {"rope_theta": 1000.0, "rope_type": "default"}, "head_dim": 32, "hidden_size": 128, "num_attention_heads": 4},
    "llama, nulls": llama | {"num_key_value_heads": None, "head_dim": None, "rope_scaling": None, "pad_token_id": None, "eos_token_id": [2, 7], "attention_bias": True, "mlp_bias": True},
    "qwen2, nothing stated": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"},
    "qwen2, 0.5B": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864, "num_attention_heads": 14,
                    "num_key_value_heads": 2, "num_hidden_layers": 24, "rope_theta": 1e6, "tie_word_embeddings": True, "use_sliding_window": False,
                    "sliding_window": 32768, "bos_token_id": 151643, "eos_token_id": 151645},
    "qwen2, null key-value heads": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "num_attention_heads": 16, "num_key_value_heads": None},
    "qwen3, nothing stated": {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"},
    "qwen3, 0.6B": {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 1024, "num_attention_heads": 16, "num_key_value_heads": 8,
                    "num_hidden_layers": 28, "intermediate_size": 3072, "rope_theta": 1000000, "tie_word_embeddings": True},
    "idefics3, little stated": {"architectures": ["Idefics3ForConditionalGeneration"], "model_type": "idefics3", "vision_config": {"image_size": 256}},
    "idefics3, like SmolVLM-256M": {"architectures": ["Idefics3ForConditionalGeneration"], "model_type": "idefics3", "image_token_id": 49190, "scale_factor": 4,
                                    "tie_word_embeddings": False, "text_config": smol_text, "vision_config": smol_vision},
    "smolvlm, like SmolVLM2-256M": {"architectures": ["SmolVLMForConditionalGeneration"], "model_type": "smolvlm", "image_token_id": 49190, "scale_factor": 4,
                                    "tie_word_embeddings": True, "text_config": smol_text | {"rms_norm_eps": 1e-6}, "vision_config": smol_vision},
    "llava, nothing stated": {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava"},
    "llava, like 1.5": {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", "image_token_index": 32000, "vision_feature_layer": -2,
                        "text_config": {"model_type": "llama", "rms_norm_eps": 1e-5, "vocab_size": 32064, "tie_word_embeddings": True},
                        "vision_config": {"model_type": "clip_vision_model", "hidden_size": 1024, "num_attention_heads": 16, "image_size": 336, "patch_size": 14}},
    "llava, siglip, several layers": {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", "vision_feature_layer": [-1, 3, 0], "image_token_id": 5,
                                      "vision_feature_select_strategy": "full", "projector_hidden_act": "quick_gelu", "multimodal_projector_bias": False,
                                      "text_config": {"model_type": "qwen2"}, "vision_config": {"model_type": "siglip_vision_model"}},
    "llava-onevision, nothing stated": {"architectures": ["LlavaOnevisionForConditionalGeneration"], "model_type": "llava_onevision"},
    "llava-onevision, stated": {"architectures": ["LlavaOnevisionForConditionalGeneration"], "model_type": "llava_onevision", "vision_aspect_ratio": "anyres_max_4",
                                "image_grid_pinpoints": [[224, 224], [448, 224]], "vision_config": {"model_type": "siglip_vision_model"}},
    "internvl, nothing stated": {"architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl"},
    "internvl, stated": {"architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl", "vision_feature_layer": -3, "tie_word_embeddings": False,
                         "text_config": {"model_type": "qwen3"}, "downsample_ratio": 0.25, "projector_hidden_act": "gelu_pytorch_tanh",
                         "vision_config": {"image_size": 224, "patch_size": 14, "use_qk_norm": True, "norm_type": "rms_norm", "attention_bias": True}},
    "qwen2-vl, like 2B": {"architectures": ["Qwen2VLForConditionalGeneration"], "model_type": "qwen2_vl", "hidden_size": 1536, "intermediate_size": 8960,
                          "num_attention_heads": 12, "num_key_value_heads": 2, "num_hidden_layers": 28, "vocab_size": 151936, "tie_word_embeddings": True,
                          "rope_theta": 1e6, "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}, "rms_norm_eps": 1e-6,
                          "vision_config": {"depth": 32, "embed_dim": 1280, "mlp_ratio": 4, "num_heads": 16, "in_chans": 3, "hidden_size": 1536, "patch_size": 14}},
    "qwen2.5-vl, little stated": {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl", "text_config": {"hidden_size": 3584, "num_attention_heads": 28, "num_key_value_heads": 4}},
    "qwen2.5-vl, like 3B": {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl", "image_token_id": 151655, "hidden_size": 2048,
                            "intermediate_size": 11008, "num_attention_heads": 16, "num_key_value_heads": 2, "num_hidden_layers": 36, "max_position_embeddings": 128000,
                            "rms_norm_eps": 1e-6, "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}, "tie_word_embeddings": True, "use_sliding_window": False,
                            "vision_config": {"depth": 32, "hidden_act": "silu", "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "in_chans": 3,
                                              "out_hidden_size": 2048, "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31]}},
    "llava, both image tokens": {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", "image_token_index": 32000, "image_token_id": 7},
    "llava-onevision, both image tokens, the newer first": {"architectures": ["LlavaOnevisionForConditionalGeneration"], "model_type": "llava_onevision",
                                                            "image_token_id": 7, "image_token_index": 151646},
    "internvl, a token of LLaVA": {"architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl", "image_token_index": 7},
    "qwen2-vl, a tower by the usual names": {"architectures": ["Qwen2VLForConditionalGeneration"], "model_type": "qwen2_vl", "text_config": {"hidden_size": 3584, "num_attention_heads": 28, "num_key_value_heads": 4},
                                             "vision_config": {"num_attention_heads": 4, "num_hidden_layers": 2}},
    "qwen2.5-vl, a tower by both names": {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl", "text_config": {"hidden_size": 3584, "num_attention_heads": 28, "num_key_value_heads": 4},
                                          "vision_config": {"num_attention_heads": 4, "num_heads": 8, "depth": 2, "num_hidden_layers": 5}},
}  # fmt: skip


def text_fields(config) -> dict:
    eos = config.eos_token_id
    return {
        "vocabSize": config.vocab_size, "hiddenSize": config.hidden_size, "intermediateSize": config.intermediate_size, "layers": config.num_hidden_layers,
        "heads": config.num_attention_heads, "keyValueHeads": config.num_key_value_heads,
        "headDim": getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads,
        "rmsNormEps": config.rms_norm_eps, "ropeTheta": config.rope_parameters["rope_theta"], "maxPositions": config.max_position_embeddings,
        "activation": config.hidden_act, "bosTokenId": config.bos_token_id, "eosTokenIds": [] if eos is None else eos if isinstance(eos, list) else [eos],
        "padTokenId": config.pad_token_id,
    }  # fmt: skip


def resolve(config: dict) -> dict:
    path = here / "config.json"
    path.write_text(json.dumps(config))
    loaded = AutoConfig.from_pretrained(path)
    path.unlink()
    if not hasattr(loaded, "vision_config"):
        return {"text": text_fields(loaded) | {"tiedEmbeddings": loaded.tie_word_embeddings}}
    vision = loaded.vision_config
    if vision.model_type.startswith("qwen2"):
        return qwen2_vl_fields(loaded, vision)
    side = vision.image_size if isinstance(vision.image_size, int) else vision.image_size[0]
    patch = vision.patch_size if isinstance(vision.patch_size, int) else vision.patch_size[0]
    return {
        "text": text_fields(loaded.text_config) | {"tiedEmbeddings": loaded.tie_word_embeddings},
        "vision": {
            "hiddenSize": vision.hidden_size, "intermediateSize": vision.intermediate_size, "layers": vision.num_hidden_layers,
            "heads": vision.num_attention_heads, "channels": vision.num_channels, "imageSize": side, "patchSize": patch,
            "layerNormEps": vision.layer_norm_eps, "activation": vision.hidden_act,
        } | intern_fields(vision),
        "imageTokenId": loaded.image_token_id, "connector": connector(loaded),
    } | feature_fields(loaded, vision)  # fmt: skip


def qwen2_vl_fields(loaded, vision) -> dict:
    later = vision.model_type == "qwen2_5_vl_vision"
    width = vision.hidden_size if later else vision.embed_dim
    rope = loaded.text_config.rope_parameters
    windows = {"window": vision.window_size // vision.spatial_merge_size // vision.patch_size, "fullBlocks": list(vision.fullatt_block_indexes)} if later else {"window": None, "fullBlocks": []}  # fmt: skip
    return {
        "text": text_fields(loaded.text_config) | {"tiedEmbeddings": loaded.tie_word_embeddings}
        | ({"rotary": {"kind": "sections", "sections": rope["mrope_section"]}} if "mrope_section" in rope else {}),
        "vision": {
            "hiddenSize": width, "intermediateSize": vision.intermediate_size if later else int(width * vision.mlp_ratio), "layers": vision.depth,
            "heads": vision.num_heads, "channels": vision.in_channels, "patchSize": vision.patch_size, "mergeSize": vision.spatial_merge_size,
            "temporalPatchSize": vision.temporal_patch_size, "activation": vision.hidden_act,
            "outSize": vision.out_hidden_size if later else vision.hidden_size, "ropeTheta": vision.rope_parameters["rope_theta"],
        } | windows,
        "imageTokenId": loaded.image_token_id,
    }  # fmt: skip


def intern_fields(vision) -> dict:
    if vision.model_type != "internvl_vision":
        return {"tower": {"clip_vision_model": "clip"}.get(vision.model_type, "siglip")}
    norm = {"layer_norm": "layer", "rms_norm": "rms"}[vision.norm_type]
    return {
        "tower": "internvit",
        "norm": norm,
        "attentionBias": vision.attention_bias,
        "queryKeyNorm": vision.use_qk_norm,
    }


def connector(config) -> dict:
    if hasattr(config, "scale_factor"):
        return {"kind": "pixel-shuffle", "factor": config.scale_factor}
    if hasattr(config, "downsample_ratio"):
        return {
            "kind": "shuffle-mlp",
            "factor": round(1 / config.downsample_ratio),
            "activation": config.projector_hidden_act,
        }
    return {
        "kind": "mlp",
        "activation": config.projector_hidden_act,
        "bias": config.multimodal_projector_bias,
    }


def feature_fields(config, vision) -> dict:
    if not hasattr(config, "vision_feature_layer"):
        return {}
    states = list(range(vision.num_hidden_layers + 1))
    layers = (
        config.vision_feature_layer
        if isinstance(config.vision_feature_layer, list)
        else [config.vision_feature_layer]
    )
    fields = {
        "features": {
            "layers": [states[layer] for layer in layers],
            "dropFirst": config.vision_feature_select_strategy == "default",
        }
    }
    if hasattr(config, "image_grid_pinpoints"):
        fields["anyResolution"] = {
            "sizes": config.image_grid_pinpoints,
            "maxTiles": int(config.vision_aspect_ratio.removeprefix("anyres_max_")),
        }
    return fields


cases = [{"name": name, "config": config, "expected": resolve(config)} for name, config in configs.items()]
written_by = {"python": sys.version.split()[0], "transformers": transformers.__version__}
(here / "configs.json").write_text(json.dumps({"writtenBy": written_by, "cases": cases}, indent=1) + "\n")
