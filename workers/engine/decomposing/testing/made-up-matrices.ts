/** For tests of decomposing: models of made-up matrices, and a note of what workers were asked and what was said. */
import type { OpenEvent } from '../../../../protocol/events.ts';
import type { SlotInfo, SlotSpectrum } from '../../../../protocol/session.ts';
import type { Checkpoint, FactorCache, TensorEntry } from '../../../io/contract.ts';
import { inputs } from '../../../kernels/svd/testing/inputs.ts';
import type { SvdRequest, SvdWorkerLike } from '../../../pool/contract.ts';
import { inProcessWorker } from '../../../pool/in-process.ts';
import { decompose, type DecomposeParts } from '../decompose.ts';

/** Large enough for a preview, and small enough for a test. */
export const large = [400, 420] as const;
export const small = [24, 40] as const;
export const { signal } = new AbortController();

/** A base of zeros and an LRM that is τ itself, so that τ is what the test says. */
export function trioOf(
  matrices: readonly { readonly shape: readonly [number, number]; readonly tau?: Float32Array }[],
) {
  const reads: string[] = [];
  const slots = matrices.map(({ shape }, i): SlotInfo => {
    const name = `model.layers.${i}.mlp.up_proj.weight`;
    return {
      id: `layers.${i}.mlp.up_proj`,
      layer: i,
      kind: 'up',
      shape,
      rank: Math.min(...shape),
      tensors: { base: name, vlm: name, lrm: name },
    };
  });
  const values = matrices.map(
    ({ shape: [rows, cols], tau }, i) => tau ?? inputs['task']!(rows, cols).map((value) => value * (1 + i)),
  );
  const checkpoint = (role: 'base' | 'lrm'): Checkpoint => {
    const entries = slots.map(({ tensors, shape }): [string, TensorEntry] => [
      tensors[role],
      {
        name: tensors[role],
        dtype: 'F32',
        shape,
        sizeBytes: 4 * shape[0] * shape[1],
        file: 'model.safetensors',
      },
    ]);
    const indexOf = new Map(slots.map(({ tensors }, i) => [tensors[role], i]));
    return {
      label: role,
      config: {},
      tensors: new Map(entries),
      metadata: {},
      sizeBytes: 0,
      async readRaw(name) {
        reads.push(`${role} ${indexOf.get(name)}`);
        const tau = values[indexOf.get(name) ?? -1] ?? new Float32Array(0);
        return new Uint8Array((role === 'lrm' ? tau.slice() : new Float32Array(tau.length)).buffer);
      },
      readRange: () => Promise.reject(new Error('not asked for')),
      readFloat32: () => Promise.reject(new Error('not asked for')),
      readText: async () => null,
    };
  };
  const [base, lrm] = [checkpoint('base'), checkpoint('lrm')];
  return { slots, values, reads, checkpoints: { base, lrm, vlm: base } };
}

/** Runs it, and notes what workers were asked and what was said. */
export async function run(
  { slots, checkpoints }: Pick<DecomposeParts, 'slots' | 'checkpoints'>,
  cache: FactorCache,
  more: Partial<DecomposeParts> = {},
) {
  const asked: string[] = [];
  const events: OpenEvent[] = [];
  const indexOf = new Map(slots.map(({ shape }, i) => [shape, i]));
  const spawn = (): SvdWorkerLike => {
    const worker = inProcessWorker(cache);
    return {
      ...worker,
      post: (id, request) => (asked.push(said(request, indexOf)), worker.post(id, request)),
    };
  };
  const store = await decompose({
    checkpoints,
    slots,
    cache,
    workers: { spawn, count: 1 },
    onEvent: (event) => events.push(event),
    signal,
    ...more,
  });
  return {
    store,
    asked,
    events,
    spectra: events.flatMap((event) => (event.type === 'spectrum' ? [event.spectrum] : [])),
  };
}
const said = ({ task, rows, cols }: SvdRequest, _: unknown): string => `${task.kind} ${rows}x${cols}`;
export const exactOf = (spectra: readonly SlotSpectrum[]) => spectra.filter(({ exact }) => exact);
