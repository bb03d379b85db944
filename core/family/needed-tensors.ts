/**
 * Names of all tensors that a model's forward pass reads (workers/nn loads these and no others, which
 * workers/nn/needed-tensors.device.test.ts holds for every family). Biases of the decoder's linear layers are not
 * among them: one that is missing counts as zero, and unused-tensors.ts names it.
 */
import type { SpecOf, VisionLanguageSpec } from './families.ts';
import type { TextModelSpec } from './model-spec.ts';
import { layerTensors } from './text/layer-tensors.ts';
import type { VisionSpec } from './vision/vision-spec.ts';

export function neededTensors(spec: TextModelSpec | VisionLanguageSpec): string[] {
  const { layers, embedding, finalNorm, head } = spec.names;
  const ofLayer = [...layerTensors(spec.text)].filter((name) => !name.endsWith('.bias'));
  return [
    embedding,
    finalNorm,
    ...(head === null ? [] : [head]),
    ...numbered(layers, spec.text.layers, ofLayer),
    ...(spec.kind === 'vlm' ? [...ofTower(spec), ...ofConnector(spec)] : []),
  ];
}

const numbered = (prefix: string, count: number, parts: readonly string[]): string[] =>
  Array.from({ length: count }, (_, index) => parts.map((part) => `${prefix}${index}.${part}`)).flat();

/** Of layers with a bias. */
const both = (...names: readonly string[]): string[] =>
  names.flatMap((name) => [`${name}.weight`, `${name}.bias`]);

function ofTower(spec: VisionLanguageSpec): string[] {
  const { vision: prefix } = spec.names;
  if (spec.family === 'qwen2-vl') return ofQwen2Vl(prefix, spec);
  const { vision, blocks, features } = spec;
  const names = vision.tower === 'internvit' ? internVit(vision, blocks) : encoder(vision, blocks);
  const last = vision.tower === 'internvit' ? 'layernorm' : 'post_layernorm';
  return [...names, ...(features.finalNorm ? both(last) : [])].map((name) => prefix + name);
}

/** SigLIP and CLIP. */
function encoder({ tower }: VisionSpec, blocks: number): string[] {
  return [
    'embeddings.patch_embedding.weight',
    ...(tower === 'clip'
      ? ['embeddings.class_embedding', ...both('pre_layrnorm')]
      : ['embeddings.patch_embedding.bias']),
    'embeddings.position_embedding.weight',
    ...numbered(
      'encoder.layers.',
      blocks,
      both(
        'layer_norm1',
        'layer_norm2',
        ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((name) => `self_attn.${name}`),
        'mlp.fc1',
        'mlp.fc2',
      ),
    ),
  ];
}

function internVit(
  { norm, attentionBias, queryKeyNorm, learnedPositions }: VisionSpec,
  blocks: number,
): string[] {
  const norms = ['layernorm_before', 'layernorm_after'];
  const projections = ['q', 'k', 'v'].map((name) => `attention.${name}_proj`);
  const weights = (names: readonly string[]): string[] => names.map((name) => `${name}.weight`);
  return [
    ...both('embeddings.patch_embeddings.projection'),
    'embeddings.cls_token',
    ...(learnedPositions ? ['embeddings.position_embeddings'] : []),
    ...numbered('encoder.layer.', blocks, [
      ...(norm === 'layer' ? both(...norms) : weights(norms)),
      ...(attentionBias ? both(...projections) : weights(projections)),
      ...(queryKeyNorm ? weights(['attention.q_norm', 'attention.k_norm']) : []),
      ...both('attention.projection_layer', 'mlp.fc1', 'mlp.fc2'),
      'lambda_1',
      'lambda_2',
    ]),
  ];
}

function ofQwen2Vl(prefix: string, { vision: { layers, gatedMlp, norm } }: SpecOf<'qwen2-vl'>): string[] {
  const norms = ['norm1', 'norm2'];
  const mlp = gatedMlp ? ['gate_proj', 'up_proj', 'down_proj'] : ['fc1', 'fc2'];
  return [
    `${prefix}patch_embed.proj.weight`,
    ...numbered(`${prefix}blocks.`, layers, [
      ...(norm === 'layer' ? both(...norms) : norms.map((name) => `${name}.weight`)),
      ...both('attn.qkv', 'attn.proj', ...mlp.map((name) => `mlp.${name}`)),
    ]),
  ];
}

function ofConnector(spec: VisionLanguageSpec): string[] {
  const { connector: prefix } = spec.names;
  const linear = [`${prefix}linear_1`, `${prefix}linear_2`];
  switch (spec.family) {
    case 'idefics3':
      return [`${prefix}modality_projection.proj.weight`];
    case 'internvl':
      return both(`${prefix}layer_norm`, ...linear);
    case 'qwen2-vl':
      return [
        `${prefix}ln_q.weight`,
        ...(spec.vision.norm === 'layer' ? [`${prefix}ln_q.bias`] : []),
        ...both(`${prefix}mlp.0`, `${prefix}mlp.2`),
      ];
    case 'llava':
    case 'llava-onevision':
      return [
        ...(spec.connector.bias ? both(...linear) : linear.map((name) => `${name}.weight`)),
        ...(spec.family === 'llava-onevision' ? [spec.names.newline] : []),
      ];
  }
}
