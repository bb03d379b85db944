/**
 * Reading and writing checkpoints of SmolLM2-135M's shapes, 269 MB: in Chromium from picked files against
 * Python's safetensors, and `frism merge` in Node against mergekit and against copying. All files lie in the
 * page cache of the operating system.
 */
import { roles } from '../../core/family/trio.ts';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate, type Plan, type Side } from '../alternate.ts';
import { writeSmolLm2 } from '../checkpoint.ts';
import { startRival } from '../python.ts';
import { makeRow } from '../row.ts';
import type { GroupParts, RunGroup } from './group.ts';

export const runIo: RunGroup = async (parts) => {
  const folders = roles.map((role) => join(parts.site.scratch, 'smol', role)) as [string, string, string];
  const written = folders.map((folder, i) => writeSmolLm2(folder, i + 1)) as [
    ReturnType<typeof writeSmolLm2>,
    ...unknown[],
  ];
  try {
    await reading(parts, folders[0], written[0]);
    await merging(parts, folders);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
};

async function reading(
  { site, quick, report }: GroupParts,
  folder: string,
  { weights, tensors }: ReturnType<typeof writeSmolLm2>,
): Promise<void> {
  const rival = await startRival('safetensors');
  const lab = await site.open();
  try {
    await lab.page.setInputFiles('#files', [join(folder, 'config.json'), weights]);
    await lab.drawing.usePicked('base');
    const [embedding, matrix] = ['model.embed_tokens.weight', 'model.layers.29.mlp.up_proj.weight'];
    if (rival.available) {
      await rival.call('load', { weights });
      const [ours, theirs] = [
        await lab.worker.total(matrix),
        await rival.call<number>('total', { name: matrix }),
      ];
      if (Math.abs(ours - theirs) > 1e-9 * Math.abs(theirs))
        throw new Error(`We read ${matrix} as values that sum to ${ours}, and ${rival.label} ${theirs}.`);
    }
    const plan: Plan = { rounds: quick ? [3, 15] : [5, 30], budgetMs: quick ? 2_000 : 10_000, warmUp: 2 };
    const measure = async (what: string, ours: Side, theirs: Side): Promise<void> => {
      const [timings] = await alternate(ours, [rival.available ? theirs : null], plan);
      if (timings) report(makeRow('read safetensors', what, rival.label, timings));
    };
    const wanted = (names: readonly string[]): [Side, Side] => [
      () => lab.worker.readMs(names),
      () => (rival.available ? rival.time('read', { names }) : Promise.reject(new Error('missing'))),
    ];
    await measure(
      'headers of 272 tensors',
      () => lab.worker.openMs(),
      () => (rival.available ? rival.time('open') : Promise.reject(new Error('missing'))),
    );
    await measure('one matrix 1536x576, bfloat16 to float32', ...wanted([matrix]));
    await measure('embedding 49152x576, bfloat16 to float32', ...wanted([embedding]));
    await measure('all 272 tensors, 269 MB, bfloat16 to float32', ...wanted(tensors.map(({ name }) => name)));
  } finally {
    rival.close();
    await lab.close();
  }
}

/** λ of the merge: any but 0 and 1 makes every element a sum of three. */
const lambda = 0.5;

async function merging(
  { site, quick, report }: GroupParts,
  [base, vlm, lrm]: readonly [string, string, string],
): Promise<void> {
  const frism = fileURLToPath(new URL('../../scripts/frism.mjs', import.meta.url));
  const rival = await startRival('mergekit');
  const [ours, theirs, copy] = ['frism', 'mergekit', 'copy'].map((name) =>
    join(site.scratch, `merged-${name}`),
  ) as [string, string, string];
  try {
    const weights = (folder: string): string => join(folder, 'model.safetensors');
    const merge: Side = async () => {
      rmSync(ours, { recursive: true, force: true });
      return processMs(process.execPath, [
        frism,
        'merge',
        '--base',
        base,
        '--vlm',
        vlm,
        '--lrm',
        lrm,
        '--set',
        `lambda=${lambda}`,
        '--out',
        ours,
        '--quiet',
      ]);
    };
    const readAndCopy: Side = async () => {
      rmSync(copy, { force: true });
      return processMs('sh', [
        '-c',
        'cat "$1" "$2" "$3" > /dev/null && cp "$4" "$5"',
        'sh',
        weights(base),
        weights(vlm),
        weights(lrm),
        weights(ours),
        copy,
      ]);
    };
    const mergekit: Side | null = rival.available
      ? () => rival.time('run', { base, first: vlm, second: lrm, out: theirs, weight: lambda })
      : null;
    // The first run, which does not count, bundles the command line if its sources changed.
    const timings = await alternate(merge, [mergekit, readAndCopy], {
      rounds: quick ? [3, 3] : [7, 7],
      budgetMs: 0,
      warmUp: 1,
    });
    for (const [i, label] of [rival.label, 'cat of the inputs, cp of the output'].entries()) {
      const timing = timings[i];
      if (timing)
        report(makeRow('frism merge', 'task arithmetic, 3 x 269 MB bfloat16, whole process', label, timing));
    }
  } finally {
    rival.close();
    for (const path of [ours, theirs, copy]) rmSync(path, { recursive: true, force: true });
  }
}

/** Wall time from start to end of a process, its own start-up included. */
function processMs(command: string, args: readonly string[]): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(performance.now() - begun)
        : reject(new Error(`${command} ended with ${code}: ${complaint.slice(-500)}`)),
    );
  });
}
