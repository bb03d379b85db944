/**
 * How images of 400 shapes are cut with the settings of published checkpoints, against transformers
 * (zoo/reference/vlm/geometry.py).
 */
import { describe, expect, it } from 'vitest';
import { readJsonFixture } from '../../../test/fixtures.ts';
import {
  anyResolutionTokens,
  bestSize,
  featureWindow,
} from '../../../core/family/llava-onevision/any-resolution.ts';
import { defaultSizes } from '../../../core/family/llava-onevision/any-resolution.ts';
import { dynamicSize } from '../families/qwen2-vl/images.ts';
import { bestGrid } from '../families/internvl/images.ts';
import { multiplesOf, targetSize } from '../families/idefics3/images.ts';

const { columns, rows } = await readJsonFixture<{ columns: string[]; rows: number[][] }>(
  'zoo/reference/vlm/geometry.json',
);
const shapes = rows.map(
  (row) =>
    Object.fromEntries(columns.map((name, i) => [name, row[i]!])) as Record<string, number> & {
      width: number;
      height: number;
    },
);

describe('as transformers cuts 400 shapes', () => {
  it('SmolVLM', () => {
    for (const shape of shapes) {
      const { width, height } = multiplesOf(512, targetSize(shape, { longest: 2048 }));
      expect([shape.width, shape.height, height / 512, width / 512]).toEqual([
        shape.width,
        shape.height,
        shape['idefics3Rows'],
        shape['idefics3Columns'],
      ]);
    }
  });

  it('LLaVA-OneVision, with as many tokens', () => {
    for (const shape of shapes) {
      const target = bestSize(shape, defaultSizes)!;
      const tokens = anyResolutionTokens(
        featureWindow(shape, { rows: target.height / 384, columns: target.width / 384 }, 27, 9),
        27,
      );
      expect([shape.width, shape.height, target.height, target.width, tokens]).toEqual([
        shape.width,
        shape.height,
        shape['onevisionHeight'],
        shape['onevisionWidth'],
        shape['onevisionTokens'],
      ]);
    }
  });

  it('Qwen2-VL, which refuses the ones that are far longer than wide', () => {
    const refused = shapes.filter((shape) => shape['qwen2VlWidth'] === 0);
    expect(refused.length).toBeGreaterThan(3);
    for (const shape of shapes) {
      const size = () => dynamicSize(shape, 28, 56 * 56, 28 * 28 * 1280);
      if (refused.includes(shape)) expect(size).toThrow('more than 200 times as long');
      else expect(size()).toEqual({ width: shape['qwen2VlWidth'], height: shape['qwen2VlHeight'] });
    }
  });

  it('InternVL', () => {
    for (const shape of shapes) {
      const grid = bestGrid(shape, 448, 1, 12);
      expect([shape.width, shape.height, grid.columns, grid.rows]).toEqual([
        shape.width,
        shape.height,
        shape['internvlColumns'],
        shape['internvlRows'],
      ]);
    }
  });
});
