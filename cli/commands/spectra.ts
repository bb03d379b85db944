import { StudioError, toStudioError } from '../../core/errors.ts';
import { everything, selectSlots, type LayerSelection } from '../../core/family/selection.ts';
import { linearName } from '../../core/family/tensor-names.ts';
import { isFloatDtype } from '../../core/safetensors/dtype.ts';
import { measures, measureSpectrum } from '../../core/spectrum/measures.ts';
import { progressMeter } from '../../workers/engine/progress-meter.ts';
import type { Checkpoint, TensorEntry } from '../../workers/io/contract.ts';
import { thinSvdOfProduct } from '../../workers/kernels/svd/product.ts';
import { svdFlops, thinSvd } from '../../workers/kernels/svd/svd.ts';
import { breathe } from '../../workers/nn/breathe.ts';
import type { Command } from '../command.ts';
import { openModel } from '../models.ts';
import { readSelection, selectionOptions } from '../options.ts';
import { table } from '../table.ts';
import { UsageError } from '../usage.ts';

interface Pair {
  readonly base: TensorEntry;
  readonly tuned: TensorEntry;
}

export const spectra: Command = {
  name: 'spectra',
  about: `Singular values of the task vector θ_tuned − θ_base, matrix by matrix, with their ${measures.map(({ name }) => name).join(', ')}.`,
  options: {
    base: { value: 'DIR', required: true, about: 'the model before tuning' },
    tuned: { value: 'DIR', required: true, about: 'the model after tuning, or a LoRA adapter on the base' },
    tensor: {
      value: 'NAME',
      many: true,
      about: 'only this tensor or layer (may be repeated); any 2-D tensor that both have',
    },
    ...selectionOptions,
    top: { value: 'K', about: 'print only the K largest singular values; measures are of all' },
  },
  async run(given, context) {
    const { signal, onProgress } = context;
    const top = given.whole('top', 1, 1e6) ?? Infinity;
    const selection = readSelection(given);
    if (selection && given.many('tensor').length > 0)
      throw new UsageError('Give --tensor, or --layers and --kinds, not both.');
    const before = await openModel(given.required('base'), context);
    const base = before.checkpoint;
    const tuned = (await openModel(given.required('tuned'), context, before)).checkpoint;
    const pairs = choose(base, tuned, given.many('tensor'), selection ?? everything);
    const flops = pairs.map(({ tuned: { shape } }) => svdFlops(shape[0] ?? 0, shape[1] ?? 0));
    const allFlops = flops.reduce((sum, value) => sum + value, 0);
    const report = progressMeter({ stage: 'Decomposing', total: pairs.length, unit: 'matrices' }, onProgress);
    const begunMs = performance.now();
    let done = 0;
    const tensors = [];
    for (const [i, pair] of pairs.entries()) {
      await breathe(signal);
      const [rows, columns] = pair.tuned.shape as [number, number];
      const values = await singularValues(base, tuned, pair, signal);
      tensors.push({
        name: pair.tuned.name,
        shape: [rows, columns],
        singularValues: Array.from(values.subarray(0, top)),
        ...measureSpectrum({ sigma: values, rows, columns }),
      });
      done += flops[i] ?? 0;
      report(i + 1, (performance.now() - begunMs) * (allFlops / done - 1));
    }
    const rows = tensors.map((tensor) => [
      tensor.name,
      tensor.shape.join(' × '),
      tensor.singularValues[0] ?? 0,
      ...measures.map(({ id }) => tensor[id]),
    ]);
    return {
      json: { tensors },
      text: table(['tensor', 'shape', 'σ₁', ...measures.map(({ name }) => name)], rows),
    };
  },
};

/**
 * Language-model layers by their place, whatever prefix each model gives them; where there are none, 2-D
 * tensors of equal name.
 */
function choose(
  base: Checkpoint,
  tuned: Checkpoint,
  wanted: readonly string[],
  selection: LayerSelection,
): Pair[] {
  const byName = new Map([...base.tensors.values()].map((entry) => [entry.name, entry]));
  const byLayer = new Map(
    [...base.tensors.values()].flatMap((entry) =>
      linearName(entry.name) ? [[linearName(entry.name)?.id ?? '', entry] as const] : [],
    ),
  );
  const partner = (entry: TensorEntry) =>
    byLayer.get(linearName(entry.name)?.id ?? '') ?? byName.get(entry.name);
  const fits = (entry: TensorEntry): Pair[] => {
    const other = partner(entry);
    const paired =
      other &&
      entry.shape.length === 2 &&
      entry.shape.every((size, i) => size > 0 && size === other.shape[i]) &&
      other.shape.length === 2 &&
      isFloatDtype(entry.dtype) &&
      isFloatDtype(other.dtype);
    return paired ? [{ base: other, tuned: entry }] : [];
  };
  const all = [...tuned.tensors.values()];
  if (wanted.length > 0) {
    return wanted.map((name) => {
      const entry = all.find(
        (candidate) => candidate.name === name || linearName(candidate.name)?.id === name,
      );
      if (!entry)
        throw new StudioError('missing', `${tuned.label} has no tensor ${name}.`, {
          details: { file: tuned.label, tensor: name },
        });
      const [pair] = fits(entry);
      if (!pair)
        throw new StudioError(
          'mismatch',
          `${name} is not a 2-D float tensor of the same shape in both models.`,
          { details: { file: base.label, tensor: name } },
        );
      return pair;
    });
  }
  const layers = all.filter(({ name }) => linearName(name)).flatMap(fits);
  const placed = layers.map((pair) => ({ layer: 0, kind: 'other', ...linearName(pair.tuned.name), pair }));
  // What has no known place cannot be chosen by one.
  const pairs =
    layers.length > 0
      ? selectSlots(placed, selection).map(({ pair }) => pair)
      : selectSlots(
          all.flatMap(fits).map((pair) => ({ layer: 0, kind: 'other', pair })),
          selection,
        ).map(({ pair }) => pair);
  if (pairs.length === 0)
    throw new StudioError(
      'mismatch',
      `${base.label} and ${tuned.label} share no 2-D tensor of equal name and shape.`,
      { details: { file: tuned.label } },
    );
  return pairs;
}

async function singularValues(
  base: Checkpoint,
  tuned: Checkpoint,
  pair: Pair,
  signal: AbortSignal,
): Promise<Float32Array> {
  const [rows, columns] = pair.tuned.shape as [number, number];
  const low = await tuned.lowRank?.(pair.tuned.name, signal);
  if (low) {
    const found = thinSvdOfProduct(low.b, low.a, rows, low.rank, columns, low.scale).s;
    // The rest of the spectrum is known to be 0.
    const all = new Float32Array(Math.min(rows, columns));
    all.set(found);
    return all;
  }
  const tau = Float32Array.from(await tuned.readFloat32(pair.tuned.name, signal));
  const origin = await base.readFloat32(pair.base.name, signal);
  for (let i = 0; i < tau.length; i++) tau[i] = (tau[i] as number) - (origin[i] as number);
  try {
    return thinSvd(tau, rows, columns).s;
  } catch (thrown) {
    const error = toStudioError(thrown);
    throw new StudioError(error.code, `${pair.tuned.name}: ${error.message}`, {
      details: { ...error.details, file: tuned.label, tensor: pair.tuned.name },
      cause: thrown,
    });
  }
}
