/**
 * Drawing: the studio's panels against recharts, which the studio draws its small charts with. Median
 * interval of frames.
 */
import { readFileSync } from 'node:fs';
import { alternate } from '../alternate.ts';
import type { Library, SceneName } from '../browser/api.ts';
import { makeRow, median } from '../row.ts';
import type { RunGroup } from './group.ts';

/** As fast as frames can be made. */
const unpaced = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

const scenes: readonly { readonly scene: SceneName; readonly what: string; readonly rivalDraws: string }[] = [
  { scene: 'map', what: 'gate map of 97920 gates, 210 matrices', rivalDraws: 'a line a matrix' },
  { scene: 'one-curve', what: 'one curve of 97920 gates', rivalDraws: 'one line' },
  { scene: 'curves', what: 'gate editor with 29 curves of 576 gates', rivalDraws: '29 lines' },
];

export const runPage: RunGroup = async ({ site, quick, report }) => {
  const lab = await site.open(unpaced);
  const { version } = JSON.parse(
    readFileSync(new URL('../../node_modules/recharts/package.json', import.meta.url), 'utf8'),
  ) as { readonly version: string };
  try {
    for (const { scene, what, rivalDraws } of scenes) {
      const frames = (library: Library, count: number) => async () => {
        await lab.drawing.mount(library, scene);
        return median(await lab.drawing.frameMs(count));
      };
      const rounds: readonly [number, number] = quick ? [3, 3] : [7, 7];
      // Mounting lets both settle.
      const [timings] = await alternate(frames('studio', 60), [frames('recharts', quick ? 5 : 10)], {
        rounds,
        budgetMs: 0,
        warmUp: 0,
      });
      if (timings) report(makeRow('frame', what, `recharts ${version}, ${rivalDraws}`, timings));
    }
  } finally {
    await lab.close();
  }
};
