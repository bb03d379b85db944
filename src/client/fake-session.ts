/**
 * The session of the fake engine: a made-up trio of 4 layers with 7 linear layers each (width 128, MLP 352),
 * deterministic. For panel development and tests only; nothing here was measured on a model.
 */
import type { LinearKind } from '../../core/family/linear-kinds.ts';
import type { Role } from '../../core/family/trio.ts';
import { everything, selectSlots, type LayerSelection } from '../../core/family/selection.ts';
import { svdBasis } from '../../core/gates/basis.ts';
import { initialField, makeLayout } from '../../core/gates/field.ts';
import type { TrioIdentity } from '../../core/recipe/compare.ts';
import type { MemoryFacts } from '../../core/memory/facts.ts';
import { defaultOptions, type DistillOptions } from '../../core/objective/options.ts';
import { measurePreview, measureSpectrum } from '../../core/spectrum/measures.ts';
import type { ExampleImage, ModelSummary, Session, SlotInfo, SlotSpectrum } from '../../protocol/session.ts';

const kinds: readonly { kind: LinearKind; path: string; shape: readonly [number, number] }[] = [
  { kind: 'q', path: 'self_attn.q_proj', shape: [128, 128] },
  { kind: 'k', path: 'self_attn.k_proj', shape: [128, 128] },
  { kind: 'v', path: 'self_attn.v_proj', shape: [128, 128] },
  { kind: 'o', path: 'self_attn.o_proj', shape: [128, 128] },
  { kind: 'gate', path: 'mlp.gate_proj', shape: [352, 128] },
  { kind: 'up', path: 'mlp.up_proj', shape: [352, 128] },
  { kind: 'down', path: 'mlp.down_proj', shape: [128, 352] },
];
const layers = 4;
const rank = 128;
const tilePixels = 64;

export const fakeDefaults: DistillOptions = { ...defaultOptions, lambda: 1.2, steps: 150, batchSize: 32 };

const summary = (role: Role, architecture: string, parameters: number): ModelSummary => ({
  role,
  label: `fake-${role}`,
  architecture,
  tensors: role === 'vlm' ? 95 : 39,
  parameters,
  sizeBytes: 2 * parameters,
  dtypes: ['F16'],
});

function slots(): SlotInfo[] {
  return Array.from({ length: layers }, (_, layer) =>
    kinds.map(({ kind, path, shape }) => {
      const id = `layers.${layer}.${path}`;
      return {
        id,
        layer,
        kind,
        shape,
        rank,
        tensors: {
          base: `model.${id}.weight`,
          vlm: `model.text_model.${id}.weight`,
          lrm: `model.${id}.weight`,
        },
      };
    }),
  ).flat();
}

/** A light board with one dark cell. */
function exampleImage(index: number): ExampleImage {
  const data = new Uint8ClampedArray(4 * tilePixels * tilePixels).fill(255);
  for (let y = 0; y < tilePixels; y++) {
    for (let x = 0; x < tilePixels; x++) {
      const inked = (x >> 4) + 4 * (y >> 4) === index;
      data.set(inked ? [25, 25, 28] : [244, 242, 238], 4 * (y * tilePixels + x));
    }
  }
  return {
    id: `fake-${index}`,
    image: { width: tilePixels, height: tilePixels, data },
    text: null,
    answers: [],
  };
}

export function fakeSession(id: string, label: string, selection: LayerSelection = everything): Session {
  const all = selectSlots(slots(), selection);
  const layout = makeLayout(all);
  return {
    id,
    label,
    models: {
      base: summary('base', 'LlamaForCausalLM', 817_280),
      vlm: summary('vlm', 'Idefics3ForConditionalGeneration', 1_150_000),
      lrm: summary('lrm', 'LlamaForCausalLM', 817_280),
    },
    pairing: {
      matched: all.length,
      findings: [
        {
          code: 'fake',
          severity: 'info',
          tensors: [],
          message: 'This trio is made up.',
          remedy: 'For development only.',
        },
      ],
    },
    slots: all,
    layout,
    basis: svdBasis,
    gates: initialField(layout),
    forward: {
      available: true,
      prompts: [
        { prompt: 'read', label: 'Read what is written', kind: 'perception' },
        { prompt: 'solve', label: 'Solve the expression step by step', kind: 'reasoning' },
      ],
      examples: [0, 5, 10].map(exampleImage),
      board: {
        rows: 4,
        columns: 4,
        cellPixels: 16,
        inks: [
          { name: 'black', color: [25, 25, 28] },
          { name: 'red', color: [205, 30, 35] },
        ],
        background: [244, 242, 238],
      },
      calibrationItems: 384,
      tracePrompts: 96,
      perceptionItems: 540,
      reasoningItems: 420,
      secondTeacher: true,
      cutsImages: true,
    },
    memory: fakeMemory(all),
    defaults: fakeDefaults,
    secondTeacherDefaults: { alpha: 0, beta: 0, gamma: 1 },
  };
}

/** Made-up hashes, each of its own. */
export function fakeIdentity({ slots }: Session): TrioIdentity {
  const hash = (n: number): string => n.toString(16).padStart(64, '0');
  return {
    kernel: 'fake 1',
    inputs: { base: hash(1), vlm: hash(2), lrm: hash(3) },
    factors: slots.map((_, i) => hash(100 + i)),
  };
}

function fakeMemory(slots: readonly SlotInfo[]): MemoryFacts {
  const text = {
    layers,
    hiddenSize: 128,
    intermediateSize: 352,
    heads: 4,
    keyValueHeads: 4,
    headDim: 32,
    vocabSize: 48,
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    qkNorm: false,
  };
  const sample = {
    promptTokens: 24,
    imageTokens: 16,
    imageTiles: 1,
    textTokens: 24,
    answerTokens: 32,
    items: { calibration: 384, traces: 384, composed: 384 },
    images: 768,
    assumed: false,
  };
  return {
    decomposing: slots.map(({ shape: [rows, columns] }) => 60 * rows * columns + 2 ** 20),
    impossible: [],
    workers: 1,
    poolBytes: 2 * 2 ** 30,
    run: {
      text,
      parameters: { text: 820_000, vision: 330_000, lrm: 820_000 },
      storedBytes: 2,
      largestTensor: 352 * 128,
      lrmVocabulary: 48,
      encodingBytes: 2 ** 24,
      tileValues: 3 * 64 ** 2,
      sample,
    },
  };
}

/** The first values of a fake spectrum, as a preview. */
export function fakePreview(slot: SlotInfo, index: number): SlotSpectrum {
  const { singularValues, measures, ...rest } = fakeSpectrum(slot, index);
  const [rows, columns] = slot.shape;
  const sigma = singularValues.slice(0, 16);
  return {
    ...rest,
    singularValues: sigma,
    measures: measurePreview({ sigma, rows, columns, frobenius: measures.frobenius }),
    exact: false,
  };
}

/** A noise bulk with a few strong directions, stronger in deeper layers. */
export function fakeSpectrum(slot: SlotInfo, index: number): SlotSpectrum {
  const [rows, columns] = slot.shape;
  const noise = 0.01;
  const noiseEdge = noise * (Math.sqrt(rows) + Math.sqrt(columns));
  const noiseFloor = noise * (Math.sqrt(Math.max(rows, columns)) - Math.sqrt(Math.min(rows, columns)));
  const strength = 1 + 0.4 * slot.layer + 0.1 * (index % kinds.length);
  const sigma = Float32Array.from({ length: slot.rank }, (_, i) => {
    const bulk = noiseEdge + (noiseFloor - noiseEdge) * (i / (slot.rank - 1)) ** 0.8;
    return bulk + strength * Math.exp(-i / 4) * 0.6;
  });
  return {
    slot: index,
    singularValues: sigma,
    measures: { ...measureSpectrum({ sigma, rows, columns }), noiseEdge },
    cached: false,
    exact: true,
  };
}
