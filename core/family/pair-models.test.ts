import { describe, expect, it } from 'vitest';
import type { SlotInfo } from '../../protocol/session.ts';
import { pairModels } from './pair-models.ts';
import type { PairedModel, PairedTensor } from './trio.ts';
import { readModelSpec } from './read-spec.ts';
import { demoModel as demo } from './testing/demo-model.ts';

describe('pairModels', () => {
  const tensor = (name: string, shape: readonly number[], dtype = 'F16'): PairedTensor => ({
    name,
    shape,
    dtype,
  });
  const model = (
    label: string,
    tensors: readonly PairedTensor[],
    config: Record<string, unknown> = {},
  ): PairedModel => ({
    label,
    spec: readModelSpec({ architectures: [`${label}Architecture`], ...config }, []),
    tensors: new Map(tensors.map((one) => [one.name, one])),
  });
  const q = (prefix: string, shape: readonly number[] = [8, 4], dtype = 'F16') =>
    tensor(`${prefix}layers.0.self_attn.q_proj.weight`, shape, dtype);
  const up = (prefix: string, shape: readonly number[] = [12, 4], dtype = 'F16') =>
    tensor(`${prefix}layers.0.mlp.up_proj.weight`, shape, dtype);
  const codes = (trio: Parameters<typeof pairModels>[0]) =>
    pairModels(trio).report.findings.map(({ code }) => code);

  it('pairs the demo trio: 4 layers of 7, in order, nothing left open', () => {
    const { slots, layout, report } = pairModels({ base: demo('base'), vlm: demo('vlm'), lrm: demo('lrm') });
    const forProtocol: readonly SlotInfo[] = slots;
    expect(forProtocol.length).toBe(28);
    expect(slots.slice(0, 8).map(({ id }) => id)).toEqual([
      ...[
        'self_attn.q_proj',
        'self_attn.k_proj',
        'self_attn.v_proj',
        'self_attn.o_proj',
        'mlp.gate_proj',
        'mlp.up_proj',
        'mlp.down_proj',
      ].map((part) => `layers.0.${part}`),
      'layers.1.self_attn.q_proj',
    ]);
    expect(slots[6]).toMatchObject({
      layer: 0,
      kind: 'down',
      shape: [128, 352],
      rank: 128,
      tensors: {
        base: 'model.layers.0.mlp.down_proj.weight',
        vlm: 'model.text_model.layers.0.mlp.down_proj.weight',
      },
    });
    expect(layout).toMatchObject({ size: 28 * 128 });
    expect(layout.slots.map(({ id }) => id)).toEqual(slots.map(({ id }) => id));
    expect(report.matched).toBe(28);
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(report.findings.map(({ code }) => code)).toEqual([
      'norms-and-biases-kept',
      'vision-and-connector-kept',
    ]);
    const tower = report.findings.find(({ code }) => code === 'vision-and-connector-kept');
    expect(tower?.message).toMatch(/vision tower \(53 tensors\) and connector \(1\)/);
  });

  it('every tensor of the VLM is either merged or in a finding that says it stays', () => {
    const vlm = demo('vlm');
    const { slots, report } = pairModels({ base: demo('base'), vlm, lrm: demo('lrm') });
    const accounted = new Set([
      ...slots.map(({ tensors }) => tensors.vlm),
      ...report.findings.flatMap(({ tensors }) => tensors),
      'lm_head.weight',
      'model.text_model.embed_tokens.weight',
    ]);
    expect([...vlm.tensors.keys()].filter((name) => !accounted.has(name))).toEqual([]);
  });

  it('reports what does not fit and merges the rest', () => {
    const base = model('base', [
      q('model.'),
      up('model.'),
      tensor('model.layers.1.mlp.up_proj.weight', [12, 4]),
    ]);
    const vlm = model('vlm', [
      q('model.text_model.'),
      up('model.text_model.'),
      tensor('model.text_model.layers.2.mlp.up_proj.weight', [12, 4]),
      tensor('model.vision_model.x', [1]),
    ]);
    const { slots, report } = pairModels({
      base,
      vlm,
      lrm: model('lrm', [q('model.'), up('model.', [14, 4])]),
    });
    expect(slots.map(({ id }) => id)).toEqual(['layers.0.self_attn.q_proj']);
    expect(
      report.findings
        .filter(({ severity }) => severity === 'warning')
        .map(({ code, tensors }) => [code, tensors]),
    ).toEqual([
      ['unmatched-in-base', ['model.text_model.layers.2.mlp.up_proj.weight']],
      ['unmatched-in-lrm', ['model.text_model.layers.2.mlp.up_proj.weight']],
      ['shape-differs', ['model.text_model.layers.0.mlp.up_proj.weight']],
      ['unmatched-in-vlm-from-base', ['model.layers.1.mlp.up_proj.weight']],
      [
        'matrices-not-merged',
        ['model.text_model.layers.0.mlp.up_proj.weight', 'model.text_model.layers.2.mlp.up_proj.weight'],
      ],
    ]);
    for (const { message, remedy } of report.findings) expect(`${message} ${remedy}`).toMatch(/\.$/);
  });

  it('reports vocabularies, heads, formats, positions, biases and quantised layers', () => {
    const base = model('base', [q('model.'), up('model.'), tensor('model.embed_tokens.weight', [100, 4])], {
      rope_theta: 1e4,
      num_attention_heads: 2,
    });
    const vlm = model(
      'vlm',
      [
        q('model.'),
        up('model.'),
        tensor('model.embed_tokens.weight', [128, 4]),
        tensor('lm_head.weight', [128, 4]),
      ],
      { rope_theta: 1e6, num_attention_heads: 2 },
    );
    const lrm = model(
      'lrm',
      [
        q('model.', [8, 4], 'F32'),
        up('model.', [12, 4], 'I8'),
        tensor('model.embed_tokens.weight', [100, 4]),
        tensor('model.layers.0.self_attn.q_proj.bias', [8]),
      ],
      { rope_parameters: { rope_theta: 1e4 }, num_attention_heads: 4 },
    );
    expect(codes({ base, vlm, lrm })).toEqual([
      'not-plain-weights',
      'matrices-not-merged',
      'vocabulary-rows-differ',
      'output-head-differs',
      'biases-differ',
      'no-vision-tower',
      'formats-differ',
      'rope-theta-differs',
      'heads-differ',
    ]);
  });

  it('pairs matrices of equal name where the names mean nothing to it, and says so', () => {
    const part = (name: string, shape: readonly number[] = [4, 12]) =>
      tensor(`transformer.h.1.${name}`, shape);
    const one = (label: string, more: readonly PairedTensor[] = []) =>
      model(label, [
        part('attn.c_attn.weight'),
        part('ln_1.weight', [4]),
        tensor('transformer.wte.weight', [100, 4]),
        part('odd', [2, 2]),
        ...more,
      ]);
    const { slots, report } = pairModels({
      base: one('base'),
      vlm: one('vlm'),
      lrm: model('lrm', [part('attn.c_attn.weight'), part('odd', [3, 2])]),
    });
    expect(slots).toMatchObject([
      {
        id: 'transformer.h.1.attn.c_attn',
        layer: 1,
        kind: 'other',
        tensors: { lrm: 'transformer.h.1.attn.c_attn.weight' },
      },
    ]);
    expect(report.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['paired-by-name', 'shape-differs']),
    );
  });

  it('refuses a trio with nothing in common, naming both models and the first difference', () => {
    const base = model('base', [q('model.')]);
    const vlm = model('vlm', [q('model.')]);
    expect(() => pairModels({ base, vlm, lrm: model('lrm', [q('model.', [16, 8])]) })).toThrow(
      /VLM vlm \(vlmArchitecture\) fits the reasoning model lrm \(lrmArchitecture\): layers\.0\.self_attn\.q_proj is \[8, 4\] in one and \[16, 8\] in the other/,
    );
    expect(() =>
      pairModels({ base, vlm, lrm: model('lrm', [tensor('transformer.h.0.attn.c_attn.weight', [4, 12])]) }),
    ).toThrow(/reasoning model lrm \(lrmArchitecture\) has no linear layers whose names/);
    expect(() => pairModels({ base, vlm, lrm: model('lrm', [q('model.', [8, 4], 'U8')]) })).toThrow(
      /No layer is common/,
    );
    expect(() => pairModels({ base, vlm, lrm: model('lrm', []) })).toThrow(
      expect.objectContaining({ code: 'mismatch' }),
    );
    expect(() =>
      pairModels({ base, vlm: model('vlm', [q('model.'), q('language_model.model.')]), lrm: base }),
    ).toThrow(/two tensors for the layer/);
  });

  it('names what a reasoning model holds outside its language model and the base has not', () => {
    const [base, vlm] = [model('base', [q(''), up('')]), model('vlm', [q(''), up('')])];
    const heads = ['v_head.summary.weight', 'score.weight'].map((name) => tensor(name, [1, 4]));
    const { findings } = pairModels({ base, vlm, lrm: model('lrm', [q(''), up(''), ...heads]) }).report;
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'lrm-tensors-outside',
        severity: 'warning',
        tensors: ['v_head.summary.weight', 'score.weight'],
      }),
    );
    expect(codes({ base, vlm, lrm: model('lrm', [q(''), up('')]) })).not.toContain('lrm-tensors-outside');
    for (const [seeing, connector] of [
      ['vision_tower.x.weight', 'multi_modal_projector.linear_1.weight'],
      ['model.vision_model.x.weight', 'model.connector.modality_projection.proj.weight'],
      ['visual.x.weight', 'visual.merger.mlp.0.weight'],
    ] as const) {
      const tower = [seeing, connector].map((name) => tensor(name, [4, 4]));
      const said = codes({ base, vlm, lrm: model('lrm', [q(''), up(''), ...tower]) });
      expect(said).toContain('lrm-has-vision-tower');
      expect(said).not.toContain('lrm-tensors-outside');
    }
  });
});
