/** Equal runs export equal bytes, whenever and however quickly they were run. */
import { afterEach, expect, test, vi } from 'vitest';
import { mediumTrio } from '../../../test/medium-trio.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { archiveOutput, type ArchiveOutput } from '../../io/output/archive-output.ts';
import { createEngine } from '../create-engine.ts';

afterEach(() => vi.useRealTimers());

const folder = mediumTrio({ layers: 1, hidden: 64, inner: 96, heads: 2, keyHeads: 1, vocabulary: 512 });
const nothing = () => undefined;

/** The archive of a run of two steps, written at that time on an engine of its own. */
async function archiveOf(format: 'checkpoint' | 'adapter', date: string): Promise<Uint8Array> {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(date) });
  let output: ArchiveOutput | null = null;
  const engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: () => ({ folder, file: 'manifest.json' }),
    openOutput: async (_target, name) => (output = await archiveOutput(name)),
    cache: memoryFactorCache(),
  });
  await engine.connect('wasm');
  const { defaults, pairing } = await engine.open('open', { kind: 'manifest', url: 'small' }, nothing);
  const run = { ...defaults, steps: 2, batchSize: 2 };
  await engine.distill('run', run, nothing);
  await engine.exportMerged(
    'export',
    {
      run,
      gates: await engine.gates(),
      format:
        format === 'adapter' ? { kind: 'adapter', maxRank: 2 } : { kind: 'checkpoint', maxShardBytes: null },
      accepted: pairing.findings.map(({ code }) => code),
    },
    { kind: 'archive' },
    nothing,
  );
  const archive = await (output as ArchiveOutput | null)?.archive();
  if (!archive) throw new Error('Nothing was exported.');
  return new Uint8Array(await archive.arrayBuffer());
}

test.each(['checkpoint', 'adapter'] as const)('as a %s', async (format) => {
  const first = await archiveOf(format, '2026-01-01T10:00:00Z');
  const second = await archiveOf(format, '2031-07-08T23:59:58Z');
  expect(first.length).toBeGreaterThan(10_000);
  expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
});
