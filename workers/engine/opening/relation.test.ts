import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { changesOf, judgeRelation, relationOf } from './relation.ts';

const projections = ['self_attn.q_proj', 'self_attn.v_proj', 'mlp.up_proj', 'mlp.down_proj'];

/** Whole matrices of the demo trio, given in these roles. */
async function demo(base: string, vlm: string, lrm: string) {
  const open = (name: string) => openCheckpoint(nodeDirectory(`public/models/demo/${name}`, name));
  const [b, v, r] = await Promise.all([base, vlm, lrm].map(open));
  const nameIn = (model: typeof b, rest: string) =>
    [...(model?.tensors.keys() ?? [])].find((name) => name.endsWith(rest) && !name.includes('vision')) ?? '';
  return Promise.all(
    [0, 1, 2, 3].flatMap((layer) =>
      projections.map(async (kind) => {
        const rest = `layers.${layer}.${kind}.weight`;
        const [origin, seeing, reasoning] = await Promise.all(
          [b, v, r].map((model) => model?.readFloat32(nameIn(model, rest)) ?? new Float32Array()),
        );
        const from = (own: Float32Array | undefined) =>
          (own ?? new Float32Array()).map((value, i) => value - (origin?.[i] ?? 0));
        return changesOf(rest, from(seeing), from(reasoning));
      }),
    ),
  );
}

describe('how the changes of VLM and reasoning model lie', () => {
  test('in the demo trio they are nearly perpendicular, in wrong roles they are not', async () => {
    const right = await demo('base', 'vlm', 'lrm');
    const exchanged = await demo('lrm', 'vlm', 'base');
    // The thresholds in relation.ts are set by these.
    const cosines = (all: typeof right) => all.map(({ vv, rr, vr }) => vr / Math.sqrt(vv * rr));
    expect(Math.max(...cosines(right).map(Math.abs))).toBeLessThan(0.07);
    expect(Math.min(...cosines(exchanged))).toBeGreaterThan(0.98);
    expect(relationOf(exchanged)?.inVlm).toBeCloseTo(1, 2);
    expect(judgeRelation(right)).toEqual([]);
    expect(judgeRelation(exchanged)).toMatchObject([{ code: 'vlm-from-lrm', severity: 'error' }]);
  });

  test('what rounding alone makes of two independent changes stays below an error', () => {
    // Numbers far finer than the grid of 1: both flip to the next number only where the base lies near the border.
    const random = (seed: number) => {
      let state = seed;
      return () => (state = (state * 16807) % 2147483647) / 2147483647;
    };
    const [place, one, other] = [random(5), random(11), random(17)];
    const size = 200_000;
    const ofVlm = new Float32Array(size);
    const ofLrm = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const at = 10 * place();
      const moved = (by: number) => Math.round(at + by) - Math.round(at);
      ofVlm[i] = moved(0.2 * (one() - 0.5));
      ofLrm[i] = moved(0.2 * (other() - 0.5));
    }
    const relation = relationOf([changesOf('w', ofVlm, ofLrm)]);
    expect(relation?.cosine).toBeGreaterThan(0.2);
    expect(Math.max(relation?.inVlm ?? 1, relation?.inLrm ?? 1)).toBeLessThan(0.5);
    expect(judgeRelation([changesOf('w', ofVlm, ofLrm)]).every(({ severity }) => severity !== 'error')).toBe(
      true,
    );
  });

  test('differences that are no numbers are left out, and nothing is said where no other is left', () => {
    const same = Float32Array.of(1, -1, 2, 0.5);
    const beyond = Float32Array.of(Infinity, 1, -Infinity, NaN);
    expect(judgeRelation([changesOf('w', same, beyond)])).toEqual([]);
    const [finding] = judgeRelation([changesOf('w', same, beyond), changesOf('x', same, same)]);
    expect(finding?.message).toContain('correlate by 1.00');
  });

  test('nothing is said where one of the two has not changed, or the other way round', () => {
    const zero = new Float32Array(4);
    const some = Float32Array.of(1, -1, 2, 0.5);
    expect(judgeRelation([])).toEqual([]);
    expect(judgeRelation([changesOf('w', zero, some), changesOf('x', some, zero)])).toEqual([]);
  });
});
