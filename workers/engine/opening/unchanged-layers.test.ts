import { expect, test } from 'vitest';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { FactorFacts } from '../../merge/factors.ts';
import { unchangedLayers } from './unchanged-layers.ts';

const slot = (layer: number): SlotInfo => {
  const name = `model.layers.${layer}.mlp.up_proj.weight`;
  return {
    id: `layers.${layer}.mlp.up_proj`,
    layer,
    kind: 'up',
    shape: [2, 2],
    rank: 2,
    tensors: { base: name, vlm: name, lrm: name },
  };
};
const factors = (layer: number, sigma: number): FactorFacts => ({
  id: `layers.${layer}.mlp.up_proj`,
  rows: 2,
  columns: 2,
  rank: 2,
  s: new Float32Array([sigma, 0]),
});

test('a reasoning model that is its own base is an error', () => {
  const [finding, ...others] = unchangedLayers([factors(0, 0), factors(1, 0)], [slot(0), slot(1)]);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'task-vector-zero', severity: 'error' });
});

test('single layers without a difference are named', () => {
  const findings = unchangedLayers([factors(0, 0.5), factors(1, 0)], [slot(0), slot(1)]);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    code: 'layers-unchanged',
    severity: 'info',
    tensors: ['model.layers.1.mlp.up_proj.weight'],
  });
});

test('a trio that differs everywhere needs no word', () => {
  expect(unchangedLayers([factors(0, 0.5)], [slot(0)])).toEqual([]);
});
