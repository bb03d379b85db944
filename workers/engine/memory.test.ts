/** What is said of a run's memory, held against what the device's allocator hands out while it goes on. */
import { afterEach, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { estimateRun, type RunChoice } from '../../src/core/memory/estimate.ts';
import { peakDeviceBytes } from '../../test/deviceBytes.ts';
import { mediumTrio } from '../../test/mediumTrio.ts';
import { nodeHost } from '../backend/host.node.ts';
import { startBackend } from '../backend/start.ts';
import { nodeDirectory } from '../io/directory.node.ts';
import { memoryFactorCache } from '../io/memory-factor-cache.ts';
import { memoryOutput } from '../io/memory-output.ts';
import { createEngine } from './createEngine.ts';

void tf; void (null as unknown as BackendWasm); void afterEach;
const shapes = { layers: 6, hidden: 256, inner: 704, heads: 8, keyHeads: 4, vocabulary: 8192 };

describe('x', () => {
  for (const [name, folder, budget, batchSize, second, layers] of [
    ['demo', nodeDirectory('public/models/demo'), null, 32, false, null],
    ['demo 2nd', nodeDirectory('public/models/demo'), null, 32, true, null],
    ['demo 16', nodeDirectory('public/models/demo'), 16, 8, false, null],
    ['medium', mediumTrio(shapes), null, 8, false, null],
    ['medium 16', mediumTrio(shapes), 16, 8, false, null],
    ['medium part', mediumTrio(shapes), null, 8, false, [3, 4]],
    ['medium 2nd', mediumTrio(shapes), 32, 16, true, null],
  ] as const) {
    test(name, async () => {
      const engine = createEngine({
        startBackend: (choice) => startBackend(choice, nodeHost()),
        openManifest: () => ({ folder, file: 'manifest.json' }),
        openOutput: async (_target, name) => memoryOutput(name, 2 ** 30),
        cache: memoryFactorCache(),
      });
      const { capacity } = await engine.connect('wasm');
      const session = await engine.open('open', { kind: 'manifest', url: 'x', ...(layers && { selection: { layers, kinds: null } }) }, () => undefined);
      if (budget) await engine.setBudget('b', budget);
      const run = session.memory.run;
      if (!run) throw new Error('no run');
      const choice: RunChoice = { budget, batchSize, trace: second, composed: second };
      const said = estimateRun(run, capacity, session.slots.map(({ id, layer, shape, rank }, index) => ({ index, id, layer, shape, rank })), choice);
      const peak = peakDeviceBytes();
      const seen: Record<string, number> = {};
      let stage = '';
      await engine.distill('run', { ...session.defaults, steps: 2, batchSize, beta: second ? 1 : 0, gamma: second ? 1 : 0 }, (event) => {
        const now = event.type === 'progress' ? event.progress.stage : event.type === 'state' ? event.state : 'step';
        seen[stage] = Math.max(seen[stage] ?? 0, peak.take());
        stage = now;
      });
      seen[stage] = peak.take();
      await engine.evaluate('e', { kind: 'merged', lambda: 1, gates: null }, 64, () => undefined);
      seen['measure'] = peak.take();
      peak.stop();
      const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
      console.log(name, JSON.stringify(run.sample), '\n', Object.entries(seen).map(([k, v]) => `${k} ${mb(v)}`).join(', '), '\n', said.phases.map((p) => `${p.name} ${mb(p.bytes)}: ${p.parts.map((q) => `${q.name} ${mb(q.bytes)}`).join(' ')}`).join('\n '));
      expect(1).toBe(1);
    }, 300_000);
  }
});
