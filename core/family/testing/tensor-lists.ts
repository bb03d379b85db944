/** Tensor names and architectures of the families, as few of each as reading a configuration needs. */

const text = (prefix: string) =>
  ['embed_tokens.weight', 'norm.weight', 'layers.0.self_attn.q_proj.weight'].map((name) => prefix + name);
export const llavaNames = [
  ...text('language_model.model.'),
  'language_model.lm_head.weight',
  'vision_tower.vision_model.embeddings.patch_embedding.weight',
  'multi_modal_projector.linear_1.weight',
  'image_newline',
];
export const newNames = [
  ...text('model.language_model.'),
  'lm_head.weight',
  'model.vision_tower.embeddings.patch_embedding.weight',
  'model.multi_modal_projector.linear_1.weight',
  'model.image_newline',
];
export const internNames = [
  ...text('language_model.model.'),
  'language_model.lm_head.weight',
  'vision_tower.embeddings.patch_embeddings.projection.weight',
  'multi_modal_projector.linear_1.weight',
];

export const qwenNames = [...text('model.'), 'lm_head.weight', 'visual.patch_embed.proj.weight'];
export const newQwenNames = [
  ...text('model.language_model.'),
  'lm_head.weight',
  'model.visual.patch_embed.proj.weight',
];

export const qwen = { architectures: ['Qwen2_5_VLForConditionalGeneration'] };
export const llava = { architectures: ['LlavaForConditionalGeneration'] };
export const oneVision = { architectures: ['LlavaOnevisionForConditionalGeneration'] };
export const intern = { architectures: ['InternVLForConditionalGeneration'] };
