/** The thin SVD against LAPACK, one thread each: same matrix, same clock's resolution, in turn. */
import { alternate, type Plan, type Side } from '../alternate.ts';
import { noiseAndStrongDirections } from '../inputs.ts';
import type { Lab } from '../lab.ts';
import { startRival, type Rival } from '../python.ts';
import { makeRow, type Timings } from '../row.ts';
import type { GroupParts, RunGroup } from './group.ts';
import { runPool } from './pool.ts';

const quickShapes: readonly (readonly [number, number])[] = [
  [256, 512],
  [576, 576],
  [576, 1536],
  [896, 896],
  [896, 4864],
];
/** Seconds a run. */
const slowShapes: typeof quickShapes = [
  [2048, 2048],
  [2048, 11008],
];
/** Large enough for a first look to be worth it. */
const previewed = new Set(['576x1536', '896x4864', '2048x11008']);
/**
 * σ of both sides must agree to this share of the largest, or they did not compute the same thing. sgesdd
 * works in float32.
 */
const agreement = 1e-5;

export const runSvd: RunGroup = async (parts) => {
  const rivals = await Promise.all([startRival('numpy'), startRival('scipy')]);
  const lab = await parts.site.open();
  const gpu = await parts.site.openOnGpu();
  try {
    for (const shape of quickShapes) await oneShape(parts, { lab, gpu, rivals }, shape, 4);
    if (!parts.quick) for (const shape of slowShapes) await oneShape(parts, { lab, gpu, rivals }, shape, 0);
  } finally {
    for (const rival of rivals) rival.close();
    await gpu?.close();
    await lab.close();
  }
  await runPool(parts);
};

interface Sides {
  readonly lab: Lab;
  readonly gpu: Lab | null;
  readonly rivals: readonly Rival[];
}

/** @param warmUp runs beside the first one of each side, which checks that they agree */
async function oneShape(
  { site, quick, report }: GroupParts,
  { lab, gpu, rivals }: Sides,
  [rows, cols]: readonly [number, number],
  warmUp: number,
): Promise<void> {
  const name = `${rows}x${cols}`;
  const { path, url } = site.share(
    'matrix.f32',
    new Uint8Array(noiseAndStrongDirections(rows, cols, 8, rows * cols).buffer),
  );
  await lab.worker.loadMatrix(url, rows, cols);
  const ourValues = await lab.worker.singularValues();
  for (const rival of rivals) {
    if (!rival.available) continue;
    await rival.call('load', { path, rows, cols });
    const theirs = await rival.call<number[]>('values');
    const error =
      Math.max(...theirs.map((value, i) => Math.abs(value - (ourValues[i] as number)))) /
      (theirs[0] as number);
    if (!(error <= agreement))
      throw new Error(
        `${name}: our singular values and those of ${rival.label} differ by ${error} of the largest.`,
      );
  }
  const plan: Plan = { rounds: quick ? [3, 15] : [5, 25], budgetMs: quick ? 3_000 : 20_000, warmUp };
  const theirs = rivals.map((rival): Side | null => (rival.available ? () => rival.time('svd') : null));
  const timings = await alternate(() => lab.worker.thinSvdMs(), theirs, plan);
  for (const [i, rival] of rivals.entries())
    report(makeRow('thin SVD', name, rival.label, timings[i] as Timings));
  if (previewed.has(name)) {
    const [timing] = await alternate(() => lab.worker.previewMs(), theirs.slice(0, 1), plan);
    report(makeRow('preview of the strongest directions', name, rivals[0]?.label ?? '', timing as Timings));
  }
  if (!gpu) return;
  await gpu.worker.loadMatrix(url, rows, cols);
  let handedBack: string | null = null;
  const ours: Side = async () => {
    const run = await gpu.worker.gpuSvd();
    ({ handedBack } = run);
    return run.ms;
  };
  const onGpu = await alternate(ours, [theirs[0] ?? null, () => lab.worker.thinSvdMs()], {
    ...plan,
    warmUp: Math.max(1, warmUp),
  });
  for (const [i, rival] of [rivals[0]?.label ?? '', 'the same on WebAssembly'].entries())
    report(
      makeRow(
        'thin SVD on WebGPU',
        name + (handedBack ? `, handed back to the kernel: ${handedBack}` : ''),
        rival,
        onGpu[i] as Timings,
      ),
    );
}
