import { expect, test } from 'vitest';
import { everything } from '../family/selection.ts';
import { estimateOpening, estimateRun } from './estimate.ts';
import type { RunChoice } from './run-choice.ts';
import type { DeviceCapacity, MemoryFacts, TextShape } from './facts.ts';
import { layerBytes, tapeBytes, tokenCacheBytes } from './text-work.ts';
import { memoryOutlook, type SlotPlace } from './verdict.ts';

const gib = 2 ** 30;
const plain = { qkvBias: false, outputBias: false, mlpBias: false, qkNorm: false };
/** SmolLM2-135M in SmolVLM-256M; Qwen2.5-0.5B; Qwen2.5-3B. */
const smol: TextShape = {
  layers: 30,
  hiddenSize: 576,
  intermediateSize: 1536,
  heads: 9,
  keyValueHeads: 3,
  headDim: 64,
  vocabSize: 49_280,
  ...plain,
};
const half: TextShape = {
  layers: 24,
  hiddenSize: 896,
  intermediateSize: 4864,
  heads: 14,
  keyValueHeads: 2,
  headDim: 64,
  vocabSize: 151_936,
  ...plain,
  qkvBias: true,
};
const three: TextShape = {
  layers: 36,
  hiddenSize: 2048,
  intermediateSize: 11_008,
  heads: 16,
  keyValueHeads: 2,
  headDim: 128,
  vocabSize: 151_936,
  ...plain,
  qkvBias: true,
};

const wasm: DeviceCapacity = {
  backend: 'wasm',
  totalBytes: 4 * gib,
  tensorBytes: 2 * gib,
  packsWeights: false,
  fused: true,
  copiesOperands: false,
  machineBytes: 16 * gib,
  machineAtLeast: false,
};
const webgpu: DeviceCapacity = {
  ...wasm,
  backend: 'webgpu',
  totalBytes: null,
  tensorBytes: gib,
  packsWeights: true,
  fused: false,
};
const choice: RunChoice = { budget: null, batchSize: 8, trace: false, composed: false };

function trio(
  text: TextShape,
  { promptTokens = 128, vision = 90e6 } = {},
): { readonly facts: MemoryFacts; readonly slots: readonly SlotPlace[] } {
  const { hiddenSize: d, intermediateSize: m, keyValueHeads, headDim } = text;
  const k = keyValueHeads * headDim;
  const kinds = [
    ['q', d, d],
    ['k', k, d],
    ['v', k, d],
    ['o', d, d],
    ['gate', m, d],
    ['up', m, d],
    ['down', d, m],
  ] as const;
  const slots = Array.from({ length: text.layers }, (_, layer) =>
    kinds.map(([kind, rows, columns]): SlotPlace => ({
      id: `layers.${layer}.${kind}`,
      layer,
      kind,
      shape: [rows, columns],
      rank: Math.min(rows, columns),
    })),
  ).flat();
  const linears = slots.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0);
  const embedding = text.vocabSize * d;
  const sample = {
    promptTokens,
    imageTokens: 64,
    imageTiles: 1,
    textTokens: 64,
    answerTokens: 32,
    items: { distill: 64, trace: 0, composed: 0 },
    images: 64,
    assumed: false,
  };
  const run = {
    text,
    parameters: { text: linears + embedding, vision, lrm: linears + embedding },
    storedBytes: 2,
    largestTensor: embedding,
    lrmVocabulary: text.vocabSize,
    encodingBytes: 3e8,
    tileValues: 3 * 512 ** 2,
    sample,
  };
  return {
    facts: {
      decomposing: slots.map(({ shape: [rows, columns] }) => 100 * rows * columns),
      impossible: [],
      workers: 3,
      poolBytes: 2 * gib,
      run,
    },
    slots,
  };
}

const outlook = (
  { facts, slots }: ReturnType<typeof trio>,
  device = wasm,
  changed: Partial<RunChoice> = {},
) => memoryOutlook(facts, device, slots, { ...choice, ...changed }, everything);

test('of one token: caches and a layer’s rows as the shapes have them', () => {
  expect(tokenCacheBytes(smol)).toBe(4 * 2 * 30 * 192);
  expect(layerBytes(smol, { rows: 10, columns: 5, fused: true })).toBe(
    40 * (7 * 576 + 2 * 576 + 2 * 192 + 3 * 1536),
  );
  expect(
    layerBytes({ ...smol, qkvBias: true }, { rows: 10, columns: 5, fused: true }) -
      layerBytes(smol, { rows: 10, columns: 5, fused: true }),
  ).toBe(40 * (576 + 2 * 192));
  expect(tapeBytes(smol, { rows: 1, columns: 1, fused: true })).toBe(
    4 * 30 * (4 * 576 + 2 * 576 + 2 * 192 + 3 * 1536),
  );
  expect(layerBytes(smol, { rows: 10, columns: 500, fused: false })).toBeGreaterThan(
    layerBytes(smol, { rows: 10, columns: 500, fused: true }) + 40 * 3 * 9 * 500,
  );
});

test('opening takes the largest few at once, within the pool’s limit, or the largest alone', () => {
  const facts = { decomposing: [5, 1, 4, 3], workers: 2, poolBytes: 100 };
  const all = [0, 1, 2, 3].map((index) => ({ index }));
  expect(estimateOpening(facts, all)).toBe(9);
  expect(estimateOpening({ ...facts, poolBytes: 7 }, all)).toBe(7);
  expect(estimateOpening({ ...facts, poolBytes: 2 }, all)).toBe(5);
  expect(estimateOpening(facts, all.slice(1, 3))).toBe(5);
  expect(estimateOpening(facts, [])).toBe(0);
});

test('a run’s parts are what they say, and everything that makes it smaller does', () => {
  const { facts, slots } = trio(smol);
  const chosen = slots.map((slot, index) => ({ ...slot, index }));
  const of = (changed: Partial<RunChoice>, among = chosen) =>
    estimateRun(facts.run!, wasm, among, { ...choice, ...changed });
  const step = (estimate: ReturnType<typeof of>) => estimate.phases.find(({ name }) => name === 'step')!;
  const part = (estimate: ReturnType<typeof of>, name: string) =>
    step(estimate).parts.find((each) => each.name === name)?.bytes ?? 0;
  const full = of({});
  expect(part(full, 'weights')).toBe(4 * facts.run!.parameters.text);
  expect(part(full, 'factors')).toBe(
    slots.reduce((sum, { rank, shape }) => sum + 4 * rank * (shape[0] + shape[1] + 1), 0),
  );
  // 106 million numbers fit into what is kept for a step.
  expect(part(full, 'merged')).toBe(slots.reduce((sum, { shape }) => sum + 4 * shape[0] * shape[1], 0));
  expect(step(full).bytes).toBe(step(full).parts.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(full.peak.bytes).toBe(Math.max(...full.phases.map(({ bytes }) => bytes)));
  expect(step(of({ budget: 64 })).bytes).toBeLessThan(step(full).bytes);
  expect(step(of({ batchSize: 32 })).bytes).toBeGreaterThan(step(full).bytes);
  const upper = chosen.filter(({ layer }) => layer >= 20);
  expect(step(of({}, upper)).bytes).toBeLessThan(0.75 * step(full).bytes);
  // The tape begins at the lowest layer with a gate.
  expect(part(of({}, upper), 'activations')).toBeLessThan(
    part(
      of(
        {},
        chosen.filter(({ layer }) => layer < 10),
      ),
      'activations',
    ),
  );
  expect(part(of({ trace: true }), 'reasoner')).toBe(4 * facts.run!.parameters.lrm);
});

test('SmolVLM-256M’s shapes fit into WebAssembly with one tile an image; nothing is proposed', () => {
  const { verdict, run, openingBytes } = outlook(trio(smol));
  expect(verdict).toMatchObject({ code: 'fits', remedy: '', proposal: null });
  expect(run?.peak.bytes).toBeLessThan(3.6 * gib);
  expect(openingBytes).toBeGreaterThan(0);
});

test('what does not fit is met by the largest budget that does, by smaller batches, by the middle layers, or by merging alone', () => {
  // 0.5 billion parameters: weights of 2 GB, factors of 3 GB.
  const budget = outlook(trio(half));
  expect(budget.verdict).toMatchObject({
    code: expect.stringMatching(/^(may-not-fit|does-not-fit)$/) as string,
  });
  const { proposal } = budget.verdict;
  if (proposal?.kind !== 'layers' && proposal?.kind !== 'budget')
    throw new Error(`unexpected: ${proposal?.kind}`);
  const after =
    proposal.kind === 'budget'
      ? outlook(trio(half), wasm, { budget: proposal.budget })
      : memoryOutlook(
          trio(half).facts,
          wasm,
          trio(half).slots,
          { ...choice, batchSize: proposal.batchSize },
          { layers: proposal.layers, kinds: null },
        );
  expect(after.verdict.code).toBe('fits');
  // One more of what was proposed would be too much.
  if (proposal.kind === 'budget')
    expect(outlook(trio(half), wasm, { budget: proposal.budget + 8 }).verdict.code).not.toBe('fits');

  // Long prompts in large batches: activations are what is too much.
  expect(outlook(trio(smol, { promptTokens: 1152 }), wasm, { batchSize: 64 }).verdict.proposal).toMatchObject(
    { kind: 'batch' },
  );

  const hopeless = outlook(trio(three));
  expect(hopeless.verdict).toMatchObject({ code: 'does-not-fit', proposal: { kind: 'merge-only' } });
  expect(hopeless.verdict.message).toContain('4.3 GB that WebAssembly can address');
});

test('a graphics processor’s memory is not known; its largest tensor is', () => {
  const found = outlook(trio(smol), webgpu);
  expect(found.verdict).toMatchObject({ code: 'unknown', proposal: null });
  // Stored in 16 bits, and so on the device.
  expect(found.run!.peak.parts.find(({ name }) => name === 'weights')?.bytes).toBe(
    2 * trio(smol).facts.run!.parameters.text,
  );
  expect(outlook(trio(half), { ...webgpu, tensorBytes: 128 * 2 ** 20 }).verdict).toMatchObject({
    code: 'does-not-fit',
    message: expect.stringContaining('a tensor of') as string,
  });
});

test('a machine with less memory than WebAssembly could use is the limit, unless a browser only says that it has so much at least', () => {
  const small = { ...wasm, machineBytes: 2 * gib };
  expect(outlook(trio(smol), small).verdict).toMatchObject({
    code: 'may-not-fit',
    message: expect.stringContaining('2.1 GB that this machine has') as string,
  });
  expect(outlook(trio(smol), { ...small, machineAtLeast: true }).verdict.code).toBe('fits');
});

test('models that are not run here, and matrices that cannot be decomposed, say so', () => {
  const { facts, slots } = trio(three);
  expect(memoryOutlook({ ...facts, run: null }, wasm, slots, choice, everything)).toMatchObject({
    run: null,
    verdict: { code: 'not-run-here' },
  });
  const stuck = { ...facts, impossible: [4] };
  expect(memoryOutlook(stuck, wasm, slots, choice, everything).verdict).toMatchObject({
    code: 'cannot-be-decomposed',
    message: expect.stringContaining('layers.0.gate') as string,
  });
  expect(memoryOutlook(stuck, wasm, slots, choice, { layers: [1], kinds: null }).verdict.code).not.toBe(
    'cannot-be-decomposed',
  );
});
