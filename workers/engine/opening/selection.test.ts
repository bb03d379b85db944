/**
 * Only some layers of the demo trio: opened, distilled, asked and exported; the others stay the VLM's to the
 * byte.
 */
import { smallDemo } from '../../../test/small-demo.ts';
import { beforeAll, expect, test } from 'vitest';
import { describeSelection, type LayerSelection } from '../../../core/family/selection.ts';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { OpenEvent, RunEvent } from '../../../protocol/events.ts';
import type { Session, SlotInfo } from '../../../protocol/session.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { memoryOutput, type MemoryOutput } from '../../io/output/memory-output.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { createEngine } from '../create-engine.ts';
import type { PerRole } from '../roles.ts';
import { OutsideEnergy } from '../running/outside-energy.ts';

const demo = smallDemo();
const source = { kind: 'manifest', url: demo } as const;
const selection: LayerSelection = { layers: [1, 3], kinds: ['q', 'down'] };
const nothing = () => undefined;

let exported: MemoryOutput;
let engine: EngineApi;
let session: Session;
const opening: OpenEvent[] = [];

beforeAll(async () => {
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => (exported = memoryOutput(name, 2 ** 30)),
    cache: memoryFactorCache(),
  });
  await engine.connect('wasm');
  session = await engine.open('open', { ...source, selection }, (event) => opening.push(event));
});

test('the chosen matrices alone are decomposed and have gates, and the report says so', () => {
  const ids = [1, 3].flatMap((layer) => [
    `layers.${layer}.self_attn.q_proj`,
    `layers.${layer}.mlp.down_proj`,
  ]);
  expect(session.slots.map(({ id }) => id)).toEqual(ids);
  expect(session.layout.size).toBe(4 * 128);
  expect(opening.filter((event) => event.type === 'spectrum')).toHaveLength(4);
  expect(session.pairing.matched).toBe(4);
  expect(session.pairing.findings[0]).toMatchObject({
    code: 'layers-chosen',
    message: `4 of 28 linear layers are open: ${describeSelection(selection)}.`,
  });
});

test('a preview is of all layers whatever is chosen; a choice of what is not there leaves the session as it is', async () => {
  expect((await engine.inspect('inspect', { ...source, selection }, nothing)).slots).toHaveLength(28);
  await expect(
    engine.open('open', { ...source, selection: { layers: [2, 9], kinds: null } }, nothing),
  ).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('Layer 9 cannot be merged') as string,
  });
  await expect(
    engine.open('open', { ...source, selection: { layers: [3, 1], kinds: null } }, nothing),
  ).rejects.toMatchObject({ code: 'bad-request' });
  expect((await engine.gates()).values).toHaveLength(4 * 128);
});

test('α means the same as with all layers open: the injection term is divided by the energy of all', async () => {
  const { slots } = await engine.inspect('inspect', source, nothing);
  const [base, vlm, lrm] = await Promise.all(
    ['base', 'vlm', 'lrm'].map((role) => openCheckpoint(nodeDirectory(`${demo}/${role}`, role))),
  );
  const energyOf = (chosen: readonly SlotInfo[]) =>
    new OutsideEnergy({ base, vlm, lrm } as PerRole<Checkpoint>, chosen).of({
      onDone: nothing,
      signal: new AbortController().signal,
    });
  const share = (await energyOf(session.slots)) / (await energyOf(slots));
  expect(share).toBeLessThan(0.2);
  const before = await engine.gates();
  const events: RunEvent[] = [];
  await engine.distill('inject', { ...session.defaults, steps: 1, batchSize: 1 }, (event) =>
    events.push(event),
  );
  // At the first step every gate is half open: a quarter of the energy is let in.
  const [injected = NaN] = events.flatMap((event) => (event.type === 'step' ? [event.losses.inject] : []));
  expect(injected / (-0.25 * share)).toBeCloseTo(1, 5);
  await engine.setGates(1, { indices: Uint32Array.from(before.values.keys()), ...before });
});

test('a run trains their gates; what is exported differs in them alone and carries a recipe of them', async () => {
  const events: RunEvent[] = [];
  const run = { ...session.defaults, steps: 3, batchSize: 4 };
  await engine.distill('run', run, (event) => events.push(event));
  const losses = events.flatMap((event) => (event.type === 'step' ? [event.losses.total] : []));
  expect(losses.length).toBeGreaterThan(0);
  expect(losses.every(Number.isFinite)).toBe(true);
  const { values } = await engine.gates();
  expect(values.filter((gate) => gate !== 0.5).length).toBeGreaterThan(500);

  await engine.exportMerged(
    'export',
    { run, gates: await engine.gates(), format: { kind: 'checkpoint', maxShardBytes: null } },
    { kind: 'archive' },
    nothing,
  );
  const merged = await openCheckpoint(
    memoryFolder('merged', Object.fromEntries(exported.files.map(({ path, bytes }) => [path, bytes]))),
  );
  const vlm = await openCheckpoint(nodeDirectory(`${demo}/vlm`));
  const changed: string[] = [];
  for (const name of vlm.tensors.keys())
    if (!Buffer.from(await vlm.readRaw(name)).equals(Buffer.from(await merged.readRaw(name))))
      changed.push(name);
  expect(changed.sort()).toEqual(session.slots.map(({ tensors }) => tensors.vlm).sort());
  const recipe = parseRecipe(
    new TextDecoder().decode(exported.files.find(({ path }) => path === 'recipe.json')?.bytes),
  );
  expect(recipe.slots.map(({ id }) => id)).toEqual(session.slots.map(({ id }) => id));
});
