/**
 * What a browser keeps of a session, or a file brings: values with typed arrays in them, here as JSON in which
 * `{"array": "Float32Array", "values": […]}` stands for such an array.
 */
import { parseBoundedJson } from '../../../core/bounded-json.ts';
import { readRunCheckpoint } from '../../../core/runs/read-run-checkpoint.ts';
import { defaultOptions } from '../../../core/objective/options.ts';
import { makeLosses } from '../../../core/objective/terms.ts';
import { unpack } from '../../../core/sessions/packing.ts';
import { agree, type ParserRow } from '../parser.ts';
import { asJson, decoded } from '../seeds.ts';

const arrays = { Float32Array, Float64Array, Uint8Array, Uint32Array };
const array = (name: keyof typeof arrays, ...values: readonly number[]) => ({ array: name, values });
const hash = 'ab'.repeat(32);

const checkpoint = {
  version: 1,
  options: { ...defaultOptions, steps: 20 },
  step: 3,
  gates: { values: array('Float32Array', 0, 1, 0.5, 0.25, 0.75), locks: array('Uint8Array', 1, 0, 0, 0, 0) },
  touched: array('Uint8Array', 0, 1, 0, 0, 0),
  optimiser: {
    logits: array('Float64Array', -0.1, -0.1, 0.2, 0, 1),
    first: array('Float64Array', 0, 0, -1e-9, 0, 0),
    second: array('Float64Array', 0, 0, 1e-18, 0, 0),
    ages: array('Uint32Array', 0, 3, 3, 1, 2),
  },
  lastFinite: array('Float32Array', 0.5, 0.5, 0.5, 0.5, 0.5),
  losses: makeLosses(0.5, (_, { onlyWeighted }) => (onlyWeighted ? null : 0.25)),
  divergence: { first: 0.75, recent: [0.75, 0.5, 0.25] },
  elapsedMs: 1234.5,
  origin: {
    backend: 'wasm',
    adapter: null,
    slots: [
      { id: 'a', rank: 4, norm: 2 },
      { id: 'b', rank: 2, norm: 0 },
    ],
    budget: 2,
    factors: hash,
    vlm: hash,
    lessons: [{ term: 'distill', items: 7, prompts: hash, answers: hash }],
  },
};

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.hasOwn(value, 'array')) {
    const { array: name, values } = value as { readonly array: unknown; readonly values: unknown };
    if (typeof name === 'string' && Object.hasOwn(arrays, name) && Array.isArray(values))
      return arrays[name as keyof typeof arrays].from(values.map(Number));
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revived(one)]));
}

export const keptWorkRows: readonly ParserRow[] = [
  {
    name: 'a run that was interrupted',
    shape: 'json',
    seeds: () => [asJson(checkpoint)],
    words: [
      'array',
      'values',
      'Float32Array',
      'Float64Array',
      'Uint8Array',
      'gates',
      'optimiser',
      'origin',
      'slots',
    ],
    // What stores it gives values, not text.
    refuses: (thrown) => thrown instanceof SyntaxError,
    parse(input) {
      const { gates, step, options, optimiser } = readRunCheckpoint(
        revived(parseBoundedJson(decoded(input))),
      );
      agree(step <= options.steps && gates.values.length === gates.locks.length, 'It is no run.');
      agree(optimiser.logits.every(Number.isFinite), 'A logit is no number.');
    },
  },
  {
    name: 'a session as a browser stores it, put together',
    shape: 'json',
    seeds: () => [asJson({ gates: { values: { '~value': 1 } }, view: [{ '~value': 2 }, null, 'a', 3] })],
    words: ['~value'],
    refuses: (thrown) => thrown instanceof SyntaxError,
    parse: (input) =>
      unpack(parseBoundedJson(decoded(input)), (number) =>
        [0, 1, 2, 3].includes(number) ? new Uint8Array(number) : null,
      ),
  },
];
