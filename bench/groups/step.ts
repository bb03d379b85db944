/**
 * A step of distillation and greedy generation on the demo trio, and the products of matrices that they consist of. WebAssembly on one
 * thread against PyTorch on one thread, and against tfjs's own kernels; a graphics processor, where there is one, against WebAssembly.
 */
import { readFileSync } from 'node:fs';
import { alternate, type Plan, type Side } from '../alternate.ts';
import type { Device, MatMulCase } from '../browser/api.ts';
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
    await products(parts, lab, 'wasm');
    if (gpu) await products(parts, gpu, 'webgpu');
  } finally {
    await gpu?.close();
    await lab.close();
  }
};

async function steps({ quick, report }: GroupParts, lab: Lab, gpu: Lab | null): Promise<void> {
  const rival = await startRival('torch step');
  // A run does several steps, so that what comes once in a while (a new batch shape, collected garbage) is in it.
  const count = 5;
  const plan: Plan = { rounds: quick ? [5, 9] : [9, 21], budgetMs: quick ? 12_000 : 60_000, warmUp: 2 };
  const what = 'demo trio, 32 items, default options, one thread';
  try {
    await lab.worker.startRun('wasm');
    const ours: Side = () => lab.worker.stepMs(count);
    const [timings] = await alternate(ours, [rival.available ? () => rival.time('step', { times: count }) : null], plan);
    if (timings) report(makeRow('distillation step', what, rival.label, timings));
    if (gpu) {
      await gpu.worker.startRun('webgpu');
      const [onGpu] = await alternate(() => gpu.worker.stepMs(count), [ours], plan);
      if (onGpu) report(makeRow('distillation step on WebGPU', 'demo trio, 32 items, default options', 'the same on WebAssembly, one thread', onGpu));
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
    if (rival.available) await sameAnswers(await lab.worker.answers(), await rival.call<number[][]>('answers', { rows: generatedRows }), rival.label);
    const [timings] = await alternate(ours, [rival.available ? () => rival.time('generate', { rows: generatedRows }) : null], plan);
    if (timings) report(makeRow('greedy generation', what, rival.label, timings));
    if (!gpu) return;
    const [onGpu] = await alternate(() => gpu.worker.generateMs('webgpu', generatedRows), [ours], plan);
    if (onGpu) report(makeRow('greedy generation on WebGPU', `${generatedRows} answers of the demo's VLM, key-value cache`, 'the same on WebAssembly, one thread', onGpu));
  } finally {
    rival.close();
  }
}

/** Greedy choices hang on the last bit where two logits nearly tie, so a few may differ. */
async function sameAnswers(ours: readonly number[][], theirs: readonly number[][], label: string): Promise<void> {
  const same = ours.filter((answer, i) => JSON.stringify(answer) === JSON.stringify(theirs[i])).length;
  if (same < 0.9 * theirs.length) throw new Error(`Only ${same} of ${theirs.length} answers are those of ${label}.`);
  if (same < theirs.length) say(`  ${theirs.length - same} of ${theirs.length} answers differ from those of ${label}.`);
}

type Product = MatMulCase & { readonly about: string; readonly slow?: true };

const plainProduct = { batch: 1, transposeA: false, transposeB: false } as const;
/** 32 rows of 40 tokens on the demo's layers; a prompt of 512 tokens on SmolLM2-135M's; a square of 1024, which takes stock tfjs seconds. */
const matMuls: readonly Product[] = [
  { ...plainProduct, m: 1280, k: 128, n: 352, about: 'A·B 1280x128x352' },
  { ...plainProduct, m: 1280, k: 128, n: 352, transposeB: true, about: 'A·Bᵀ 1280x128x352' },
  { ...plainProduct, m: 352, k: 1280, n: 128, transposeA: true, about: 'Aᵀ·B 352x1280x128' },
  { ...plainProduct, batch: 128, m: 40, k: 32, n: 40, transposeB: true, about: '128 times A·Bᵀ 40x32x40' },
  { ...plainProduct, batch: 128, m: 40, k: 40, n: 32, about: '128 times A·B 40x40x32' },
  { ...plainProduct, m: 512, k: 576, n: 1536, transposeB: true, about: 'A·Bᵀ 512x576x1536' },
  { ...plainProduct, m: 1024, k: 1024, n: 1024, transposeB: true, about: 'A·Bᵀ 1024x1024x1024', slow: true },
  { ...plainProduct, m: 1024, k: 1024, n: 1024, transposeA: true, about: 'Aᵀ·B 1024x1024x1024', slow: true },
];

async function products({ quick, report }: GroupParts, lab: Lab, device: Device): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../../node_modules/@tensorflow/tfjs-core/package.json', import.meta.url), 'utf8')) as { readonly version: string };
  for (const { about, slow, ...product } of matMuls) {
    if (quick && slow) continue;
    const difference = await lab.worker.prepareMatMul(device, product);
    if (!(difference < 1e-4)) {
      // The fault of tfjs on WebGPU that is mended there; its time is of no interest then.
      say(`  ${about} on ${device}: tfjs's own product is off by ${difference.toPrecision(2)}; not timed.`);
      continue;
    }
    const plan: Plan = { rounds: quick ? [5, 9] : [9, 25], budgetMs: quick ? 500 : slow ? 20_000 : 3_000, warmUp: slow ? 0 : 2 };
    const [timings] = await alternate(() => lab.worker.matMulMs('ours'), [() => lab.worker.matMulMs('stock')], plan);
    if (timings) report(makeRow(`matMul on ${device}${device === 'wasm' ? ', one thread' : ''}`, about, `tfjs ${version}, its own kernel`, timings));
  }
}
