import { describe, expect, it } from 'vitest';
import { missingTensors } from './missing-tensors.ts';
import { readModelSpec } from './read-spec.ts';
import { demoModel } from './testing/demo-model.ts';

const vlm = demoModel('vlm');
const without = (...gone: readonly string[]) => {
  const tensors = new Map([...vlm.tensors].filter(([name]) => !gone.includes(name)));
  return { ...vlm, tensors, spec: readModelSpec(vlm.config, tensors.keys()) };
};

describe('tensors that the VLM lacks', () => {
  it('are none in the demo', () => {
    expect(missingTensors(vlm)).toEqual([]);
  });

  it.each([
    'model.text_model.layers.1.input_layernorm.weight',
    'model.text_model.norm.weight',
    'model.vision_model.post_layernorm.weight',
    'model.vision_model.embeddings.patch_embedding.weight',
    'model.vision_model.encoder.layers.0.mlp.fc1.bias',
    'model.connector.modality_projection.proj.weight',
    'model.text_model.embed_tokens.weight',
    'lm_head.weight',
  ])('are an error, by name: %s', (name) => {
    expect(vlm.tensors.has(name)).toBe(true);
    const [finding, ...others] = missingTensors(without(name));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'vlm-tensors-missing', severity: 'error', tensors: [name] });
    expect(finding?.message).toContain(`has no tensor ${name}, which its architecture`);
  });

  it('are counted where there are several', () => {
    const names = ['model.text_model.layers.0.mlp.up_proj.weight', 'model.vision_model.post_layernorm.bias'];
    expect(missingTensors(without(...names))).toMatchObject([
      { tensors: names, message: expect.stringContaining(`has 2 tensors too few: ${names[0]} and others`) },
    ]);
  });
});
