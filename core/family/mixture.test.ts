import { describe, expect, it } from 'vitest';
import { slotName, spokenName } from '../gates/slot-name.ts';
import { pairModels } from './pair-models.ts';
import { readModelSpec } from './read-spec.ts';
import { covering } from './selection.ts';
import { linearName } from './tensor-names.ts';
import type { PairedModel } from './trio.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;
const model = (architecture: string, prefix: string, layer: Shapes, more: Shapes = {}): PairedModel => {
  const shapes = {
    ...Object.fromEntries(Object.entries(layer).map(([name, shape]) => [`${prefix}layers.0.${name}`, shape])),
    ...more,
  };
  return {
    label: architecture,
    spec: readModelSpec({ architectures: [architecture] }, []),
    tensors: new Map(
      Object.entries(shapes).map(([name, shape]) => [name, { name, shape, dtype: 'BF16' }] as const),
    ),
  };
};
const trio = (layer: Shapes, vlmLayer: Shapes = layer) => ({
  base: model('Base', 'model.', layer),
  vlm: model('Vlm', 'model.language_model.', vlmLayer, { 'model.visual.patch.weight': [8, 8] }),
  lrm: model('Lrm', 'model.', layer),
});
const attention: Shapes = { 'self_attn.q_proj.weight': [8, 8] };
const separate = (path: string, names: readonly string[], experts = 12): Shapes =>
  Object.fromEntries(
    Array.from({ length: experts }, (_, e) =>
      names.map((name) => [`${path}.experts.${e}.${name}.weight`, /down|w2/.test(name) ? [8, 16] : [16, 8]]),
    ).flat(),
  ) as Shapes;
const gated = ['gate_proj', 'up_proj', 'down_proj'];

describe('mixtures of experts', () => {
  it.each<[string, Shapes, number]>([
    ['Qwen3-MoE, OLMoE', separate('mlp', gated), 36],
    ['Mixtral, Phi-MoE, MiniMax', separate('block_sparse_moe', ['w1', 'w2', 'w3']), 36],
    [
      'Qwen2-MoE',
      {
        ...separate('mlp', gated),
        'mlp.shared_expert.gate_proj.weight': [16, 8],
        'mlp.shared_expert.up_proj.weight': [16, 8],
        'mlp.shared_expert.down_proj.weight': [8, 16],
        'mlp.shared_expert_gate.weight': [1, 8],
      },
      39,
    ],
    ['DeepSeek', { ...separate('mlp', gated), 'mlp.shared_experts.down_proj.weight': [8, 16] }, 37],
    ['Llama 4, beside its fused experts', { 'feed_forward.shared_expert.up_proj.weight': [16, 8] }, 1],
  ])('%s: every expert that is a matrix is a slot', (_, layer, experts) => {
    const { slots, report } = pairModels(
      trio({ ...attention, ...layer, 'mlp.gate.weight': [12, 8], 'mlp.norm.weight': [8] }),
    );
    expect(slots.length).toBe(1 + experts);
    expect(slots.every(({ kind }) => kind !== 'other')).toBe(true);
    // Ids come back from stored recipes, and name the same place.
    for (const { id, layer: at, kind } of slots)
      expect(linearName(`${id}.weight`)).toEqual({ id, layer: at, kind });
    const kept = report.findings.find(({ code }) => code === 'matrices-not-merged');
    expect(kept?.tensors).toContain('model.language_model.layers.0.mlp.gate.weight');
    expect(kept?.message).toContain('layers.*.mlp.gate.weight (1)');
    expect(report.findings.find(({ code }) => code === 'norms-and-biases-kept')?.tensors).not.toContain(
      'model.language_model.layers.0.mlp.gate.weight',
    );
  });

  it('experts stand by their number within a kind, and the layer list tells them apart', () => {
    const { slots, report } = pairModels(trio({ ...attention, ...separate('mlp', gated) }));
    expect(slots.slice(0, 4).map(({ id }) => id)).toEqual([
      'layers.0.self_attn.q_proj',
      ...[0, 1, 2].map((e) => `layers.0.mlp.experts.${e}.gate_proj`),
    ]);
    expect(slots.slice(1).map(slotName).slice(0, 3)).toEqual([
      '0 · gate (expert 0)',
      '0 · gate (expert 1)',
      '0 · gate (expert 2)',
    ]);
    expect(new Set(slots.map(slotName)).size).toBe(slots.length);
    expect(spokenName({ id: 'layers.0.mlp.experts.3.gate_proj', layer: 0, kind: 'gate' })).toBe(
      'layer 0, MLP gate, expert 3',
    );
    expect(spokenName({ id: 'layers.0.mlp.shared_expert.up_proj', layer: 0, kind: 'up' })).toBe(
      'layer 0, MLP up, shared expert',
    );
    expect(covering(slots)).toMatchObject({ layers: [0], kinds: ['q', 'gate', 'up', 'down'] });
    expect(report.findings.find(({ code }) => code === 'experts-merged')?.message).toBe(
      '36 of the 37 linear layers are those of experts (a mixture of experts).',
    );
  });

  it.each<[string, Shapes, RegExp]>([
    [
      'Qwen3-VL-MoE and transformers 5: all experts in one tensor',
      {
        'mlp.experts.gate_up_proj': [4, 8, 32],
        'mlp.experts.down_proj': [4, 16, 8],
        'mlp.gate.weight': [4, 8],
      },
      /3 matrices .* \(96 % of the parameters of its layers\) do not take part: .*experts\.gate_up_proj \(1\), .*experts\.down_proj \(1\), .*gate\.weight \(1\)/,
    ],
    [
      'gpt-oss',
      {
        'mlp.experts.gate_up_proj': [4, 8, 32],
        'mlp.experts.gate_up_proj_bias': [4, 32],
        'mlp.router.weight': [4, 8],
      },
      /3 matrices .* \(95 % .*experts\.gate_up_proj \(1\)/,
    ],
    [
      'GraniteMoE',
      {
        'block_sparse_moe.input_linear.weight': [4, 32, 8],
        'block_sparse_moe.output_linear.weight': [4, 8, 16],
      },
      /2 matrices .* \(96 % .*block_sparse_moe\.input_linear\.weight \(1\)/,
    ],
    [
      'a state-space layer',
      { 'mixer.in_proj.weight': [32, 8], 'mixer.conv1d.weight': [32, 1, 4] },
      /2 matrices .* \(86 % .*mixer\.in_proj\.weight \(1\)/,
    ],
  ])('%s: what no slot holds is counted, named and warned of', (_, layer, message) => {
    const { slots, report } = pairModels(trio({ ...attention, ...layer }));
    expect(slots.length).toBe(1);
    const finding = report.findings.find(({ code }) => code === 'matrices-not-merged');
    expect(finding?.severity).toBe('warning');
    expect(finding?.message).toMatch(message);
    expect(finding?.tensors.length).toBe(Object.keys(layer).length);
  });

  it('separate experts beside fused ones do not pair: both sides are said', () => {
    const { slots, report } = pairModels(
      trio(
        { ...attention, ...separate('mlp', gated, 4) },
        { ...attention, 'mlp.experts.gate_up_proj': [4, 8, 32], 'mlp.experts.down_proj': [4, 16, 8] },
      ),
    );
    expect(slots.length).toBe(1);
    const codes = report.findings.filter(({ severity }) => severity === 'warning').map(({ code }) => code);
    expect(codes).toEqual(
      expect.arrayContaining([
        'unmatched-in-vlm-from-base',
        'unmatched-in-vlm-from-lrm',
        'matrices-not-merged',
      ]),
    );
  });

  it.each([
    'layers.0.feed_forward.w1.weight',
    'model.layers.0.attention.wq.weight',
    'layers.0.mlp.w1.weight',
  ])('%s is of a naming that is not known, so that such models pair by name', (name) => {
    expect(linearName(name)).toBeNull();
  });

  it('a small router alone is worth a note, no warning; a dense model says nothing', () => {
    const big = { ...attention, 'mlp.up_proj.weight': [400, 8], 'mlp.gate.weight': [2, 8] };
    const { report } = pairModels(trio(big));
    expect(report.findings.find(({ code }) => code === 'matrices-not-merged')).toMatchObject({
      severity: 'info',
      message:
        "1 matrix of the VLM's language model (0.5 % of the parameters of its layers) does not take part: model.language_model.layers.*.mlp.gate.weight (1).",
    });
    const dense = pairModels(trio(attention)).report.findings.map(({ code }) => code);
    expect(dense).not.toContain('matrices-not-merged');
    expect(dense).not.toContain('experts-merged');
  });
});
