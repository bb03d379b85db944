/** Settings that several methods share. */
import { optionTable } from '../objective/options.ts';
import type { MethodSetting, MethodSlot, Curve, GateForm, MethodSettings, ValuesOf } from './method.ts';

/** What a gate may be at most wherever no run bounds it: a method that asks for more is cut, and it is said. */
export const gateLimit = optionTable.gateMax.range[1];

export const lambda = (initial = 1): MethodSetting => ({
  symbol: 'λ',
  label: 'strength',
  help: 'The strength of the whole change; 0 leaves the VLM as it is.',
  initial,
  low: optionTable.lambda.range[0],
  high: optionTable.lambda.range[1],
  step: 0.05,
});

/** The share of entries that stays. */
export const density = (initial: number, help: string): MethodSetting => ({
  symbol: 'd',
  label: 'density',
  help,
  initial,
  low: 1e-6,
  high: 1,
  step: 0.05,
});

export const seed: MethodSetting = {
  symbol: 'seed',
  label: 'seed',
  help: 'Another seed drops other entries; the same seed drops the same ones on every machine.',
  initial: 0,
  low: 0,
  high: 2 ** 32 - 1,
  whole: true,
  step: 1,
};

export const directions = (initial: number): MethodSetting => ({
  symbol: 'k',
  label: 'subspaces',
  help: 'The number of strongest subspaces of each matrix that stay; all stay where a matrix has fewer.',
  initial,
  low: 1,
  high: 1e6,
  whole: true,
  step: 1,
  within: 'rank',
});

/** A gate form whose curve of a matrix depends on that matrix alone. */
export const eachSlot =
  <S extends MethodSettings>(curve: (slot: MethodSlot, values: ValuesOf<S>) => Curve) =>
  (slots: Parameters<GateForm<S>['curves']>[0], values: ValuesOf<S>): readonly Curve[] =>
    slots.map((slot) => curve(slot, values));

/** Each piece merged by `merge`, which may write into the VLM's part of it. */
export async function* eachPiece<P>(
  pieces: AsyncIterable<P>,
  merge: (piece: P) => Float32Array<ArrayBuffer>,
): AsyncGenerator<Float32Array<ArrayBuffer>, void, undefined> {
  for await (const piece of pieces) yield merge(piece);
}
