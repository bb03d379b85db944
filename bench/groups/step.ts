/**
 * A step of distillation and greedy generation on the demo trio, and the products of matrices that they
 * consist of. WebAssembly on one thread against PyTorch on one thread, and against tfjs's own kernels; a
 * graphics processor, where there is one, against WebAssembly.
 */
import { readFileSync } from 'node:fs';
import { alternate, type Plan, type Side } from '../alternate.ts';
import type { Device, FusedCase, MatMulCase } from '../browser/api.ts';
import type { Lab } from '../lab.ts';
import { startRival } from '../python.ts';
import { makeRow } from '../row.ts';
import { say } from '../say.ts';
import type { GroupParts, RunGroup } from './group.ts';

/** As the studio batches them. */
const generatedRows = 64;

export const runStep: RunGroup = async (parts) => {
  const lab = await parts.site.open();
  const gpu = await parts.site.openOnGpu();
  try {
    await steps(parts, lab, gpu);
    await generation(parts, lab, gpu);
    await kernels(parts, lab, 'wasm');
    if (gpu) await kernels(parts, gpu, 'webgpu');
  } finally {
    await gpu?.close();
    await lab.close();
  }
};

async function steps({ quick, report }: GroupParts, lab: Lab, gpu: Lab | null): Promise<void> {
  const rival = await startRival('torch step');
  // A run does several steps, so that what comes once in a while (a new batch shape, collected garbage) is in
  // it.
  const count = 5;
  const plan: Plan = { rounds: quick ? [5, 9] : [9, 21], budgetMs: quick ? 12_000 : 60_000, warmUp: 2 };
  const what = 'demo trio, 32 items, default options, one thread';
  try {
    await lab.worker.startRun('wasm');
    const ours: Side = () => lab.worker.stepMs(count);
    const [timings] = await alternate(
      ours,
      [rival.available ? () => rival.time('step', { times: count }) : null],
      plan,
    );
    if (timings) report(makeRow('distillation step', what, rival.label, timings));
    if (gpu) {
      await gpu.worker.startRun('webgpu');
      const [onGpu] = await alternate(() => gpu.worker.stepMs(count), [ours], plan);
      if (onGpu)
        report(
          makeRow(
            'distillation step on WebGPU',
            'demo trio, 32 items, default options',
            'the same on WebAssembly, one thread',
            onGpu,
          ),
        );
      await gpu.worker.endRun();
    }
    await lab.worker.endRun();
  } finally {
    rival.close();
  }
}

async function generation({ quick, report }: GroupParts, lab: Lab, gpu: Lab | null): Promise<void> {
  const rival = await startRival('torch generate');
  const plan: Plan = { rounds: quick ? [3, 7] : [7, 15], budgetMs: quick ? 6_000 : 30_000, warmUp: 2 };
  const what = `${generatedRows} answers of the demo's VLM, key-value cache, one thread`;
  const ours: Side = () => lab.worker.generateMs('wasm', generatedRows);
  try {
    await ours();
    if (rival.available)
      await sameAnswers(
        await lab.worker.answers(),
        await rival.call<number[][]>('answers', { rows: generatedRows }),
        rival.label,
      );
    const [timings] = await alternate(
      ours,
      [rival.available ? () => rival.time('generate', { rows: generatedRows }) : null],
      plan,
    );
    if (timings) report(makeRow('greedy generation', what, rival.label, timings));
    if (!gpu) return;
    const [onGpu] = await alternate(() => gpu.worker.generateMs('webgpu', generatedRows), [ours], plan);
    if (onGpu)
      report(
        makeRow(
          'greedy generation on WebGPU',
          `${generatedRows} answers of the demo's VLM, key-value cache`,
          'the same on WebAssembly, one thread',
          onGpu,
        ),
      );
  } finally {
    rival.close();
  }
}

/** Greedy choices hang on the last bit where two logits nearly tie, so a few may differ. */
async function sameAnswers(
  ours: readonly number[][],
  theirs: readonly number[][],
  label: string,
): Promise<void> {
  const same = ours.filter((answer, i) => JSON.stringify(answer) === JSON.stringify(theirs[i])).length;
  if (same < 0.9 * theirs.length)
    throw new Error(`Only ${same} of ${theirs.length} answers are those of ${label}.`);
  if (same < theirs.length)
    say(`  ${theirs.length - same} of ${theirs.length} answers differ from those of ${label}.`);
}

interface KernelCase {
  readonly about: string;
  readonly kernel: MatMulCase | FusedCase;
  readonly slow?: true;
}

const plain = { batch: 1, transposeA: false, transposeB: false } as const;
/**
 * 32 rows of 40 tokens on the demo's layers; a prompt of 512 tokens on SmolLM2-135M's; a square of 1024,
 * which takes stock tfjs seconds.
 */
const products: readonly KernelCase[] = [
  { about: 'A·B 1280x128x352', kernel: { ...plain, m: 1280, k: 128, n: 352 } },
  { about: 'A·Bᵀ 1280x128x352', kernel: { ...plain, m: 1280, k: 128, n: 352, transposeB: true } },
  { about: 'Aᵀ·B 352x1280x128', kernel: { ...plain, m: 352, k: 1280, n: 128, transposeA: true } },
  {
    about: '128 times A·Bᵀ 40x32x40',
    kernel: { ...plain, batch: 128, m: 40, k: 32, n: 40, transposeB: true },
  },
  { about: '128 times A·B 40x40x32', kernel: { ...plain, batch: 128, m: 40, k: 40, n: 32 } },
  { about: 'A·Bᵀ 512x576x1536', kernel: { ...plain, m: 512, k: 576, n: 1536, transposeB: true } },
  {
    about: 'A·Bᵀ 1024x1024x1024',
    kernel: { ...plain, m: 1024, k: 1024, n: 1024, transposeB: true },
    slow: true,
  },
  {
    about: 'Aᵀ·B 1024x1024x1024',
    kernel: { ...plain, m: 1024, k: 1024, n: 1024, transposeA: true },
    slow: true,
  },
];
/**
 * Made in one pass on wasm alone; on WebGPU the studio writes them with tfjs's operations. The last over
 * SmolLM2's vocabulary.
 */
const fused: readonly KernelCase[] = [
  { about: 'RMS norm and gradient 1280x128', kernel: { fused: 'rmsNorm', rows: 1280, columns: 128 } },
  { about: 'SwiGLU and gradient 1280x352', kernel: { fused: 'swiglu', rows: 1280, columns: 352 } },
  { about: 'KL and gradient 64x49152', kernel: { fused: 'divergence', rows: 64, columns: 49_152 } },
];

async function kernels({ quick, report }: GroupParts, lab: Lab, device: Device): Promise<void> {
  const { version } = JSON.parse(
    readFileSync(new URL('../../node_modules/@tensorflow/tfjs-core/package.json', import.meta.url), 'utf8'),
  ) as { readonly version: string };
  for (const { about, kernel, slow } of device === 'wasm' ? [...products, ...fused] : products) {
    if (quick && slow) continue;
    const difference = await lab.worker.prepareKernel(device, kernel);
    if (!(difference < 1e-4)) {
      // On WebGPU tfjs's own product can be wrong, which is what is mended there; how long it takes is of no
      // interest then.
      say(`  ${about} on ${device}: tfjs's own result is off by ${difference.toPrecision(2)}; not timed.`);
      continue;
    }
    const plan: Plan = {
      rounds: quick ? [5, 15] : [9, 25],
      budgetMs: quick ? 1_000 : slow ? 20_000 : 3_000,
      warmUp: slow ? 0 : 3,
    };
    const [timings] = await alternate(
      () => lab.worker.kernelMs('ours'),
      [() => lab.worker.kernelMs('stock')],
      plan,
    );
    const rival =
      'fused' in kernel ? `tfjs ${version}, of its operations` : `tfjs ${version}, its own kernel`;
    if (timings)
      report(
        makeRow(
          `${'fused' in kernel ? 'one pass' : 'matMul'} on ${device}${device === 'wasm' ? ', one thread' : ''}`,
          about,
          rival,
          timings,
        ),
      );
  }
}
