/**
 * Opening a trio of SmolLM2-135M's shapes as the studio does: a pool of workers, previews first, factors kept
 * in the browser's own file system.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { alternate } from '../alternate.ts';
import type { TrioTimes } from '../browser/api.ts';
import { writeSmolLm2 } from '../checkpoint.ts';
import type { Lab } from '../lab.ts';
import { startRival } from '../python.ts';
import { makeRow } from '../row.ts';
import type { GroupParts } from './group.ts';

/** The layers of 576 × 1536 or 1536 × 576. */
const wide = ['gate', 'up', 'down'] as const;
const wideMatrices = 40;
/** Decompositions after which most of the workers' code has been compiled: about six a worker. */
const warmAfter = 12;
const linear = /\.(q|k|v|o|gate|up|down)_proj\.weight$/;

export async function runPool(parts: GroupParts): Promise<void> {
  const [base, lrm] = ['base', 'lrm'].map((role) => join(parts.site.scratch, 'trio', role)) as [
    string,
    string,
  ];
  const { weights: baseWeights } = writeSmolLm2(base, 1);
  const { weights: lrmWeights, tensors } = writeSmolLm2(lrm, 2);
  const lab = await parts.site.open();
  try {
    // The VLM takes no part in the decomposition: the base stands in for it.
    for (const [role, folder] of [
      ['base', base],
      ['vlm', base],
      ['lrm', lrm],
    ] as const) {
      await lab.page.setInputFiles('#files', [
        join(folder, 'config.json'),
        join(folder, 'model.safetensors'),
      ]);
      await lab.drawing.usePicked(role);
    }
    await twoWorkers(parts, lab);
    // Largest first, as we do.
    const names = tensors
      .filter(({ name }) => linear.test(name))
      .sort((a, b) => size(b.shape) - size(a.shape))
      .map(({ name }) => name);
    await wholeTrio(parts, lab, { base: baseWeights, lrm: lrmWeights, names });
  } finally {
    await lab.close();
    for (const folder of [base, lrm]) rmSync(folder, { recursive: true, force: true });
  }
}

const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/**
 * Two rows of the same runs: from the start, workers and all, and once both are warm, which is what a longer
 * run is like.
 */
async function twoWorkers({ quick, report }: GroupParts, lab: Lab): Promise<void> {
  const runs = new Map<number, TrioTimes[]>([
    [1, []],
    [2, []],
  ]);
  const decompose = (workers: number) => async () => {
    await lab.worker.forgetFactors();
    const times = await lab.drawing.decompose({
      workers,
      kinds: wide,
      matrices: wideMatrices,
      order: 'once',
    });
    runs.get(workers)?.push(times);
    return times.totalMs;
  };
  const [timings] = await alternate(decompose(2), [decompose(1)], {
    rounds: quick ? [3, 3] : [7, 7],
    budgetMs: 0,
    warmUp: 0,
  });
  const name = `${wideMatrices} matrices of 576x1536, two workers`;
  if (timings) report(makeRow('SVD pool', name, 'the same with one worker', timings));
  const warm = (workers: number): number[] =>
    (runs.get(workers) ?? []).map(
      ({ exactMs }) => (exactMs.at(-1) as number) - (exactMs[warmAfter - 1] as number),
    );
  report(
    makeRow('SVD pool', `${name}: the last ${wideMatrices - warmAfter}`, 'the same with one worker', {
      ours: warm(2),
      rival: warm(1),
    }),
  );
}

async function wholeTrio(
  { quick, report }: GroupParts,
  lab: Lab,
  job: { readonly base: string; readonly lrm: string; readonly names: readonly string[] },
): Promise<void> {
  const rival = await startRival('numpy trio');
  const opened: {
    readonly cold: TrioTimes;
    readonly warm: TrioTimes;
    readonly theirFirstMs: number | null;
    readonly theirMs: number | null;
  }[] = [];
  try {
    // Worker processes come up.
    if (rival.available) await rival.call('run', { ...job, names: job.names.slice(-8) });
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      await lab.worker.forgetFactors();
      const cold = await lab.drawing.decompose({ workers: 2 });
      const warm = await lab.drawing.decompose({ workers: 2 });
      if (cold.cached !== 0 || warm.cached !== warm.matrices)
        throw new Error(
          `Of ${warm.matrices} matrices ${cold.cached} came from the cache at first, ${warm.cached} at the second opening.`,
        );
      const theirs = rival.available
        ? await rival.call<{ readonly ms: number; readonly firstMs: number }>('run', job)
        : null;
      opened.push({ cold, warm, theirFirstMs: theirs?.firstMs ?? null, theirMs: theirs?.ms ?? null });
    }
  } finally {
    rival.close();
  }
  const all = `all ${job.names.length} matrices of SmolLM2-135M's shapes, two workers`;
  const row = (
    what: string,
    ours: (round: (typeof opened)[number]) => number,
    theirs: (round: (typeof opened)[number]) => number | null,
  ): void => {
    const rivalMs = opened.map(theirs).filter((ms) => ms !== null);
    report(
      makeRow('SVD pool', what, rival.label, {
        ours: opened.map(ours),
        rival: rivalMs.length > 0 ? rivalMs : null,
      }),
    );
  };
  row(
    all,
    ({ cold }) => cold.totalMs,
    ({ theirMs }) => theirMs,
  );
  row(
    `${all}: until the first spectrum`,
    ({ cold }) => cold.firstMs,
    ({ theirFirstMs }) => theirFirstMs,
  );
  row(
    `${all}: until a preview of each`,
    ({ cold }) => cold.lookedMs,
    ({ theirMs }) => theirMs,
  );
  row(
    `${all}, second opening, from the cache`,
    ({ warm }) => warm.totalMs,
    ({ theirMs }) => theirMs,
  );
}
