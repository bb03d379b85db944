/** The phases of a run that follow one another, and what each holds by part. */

export type PartName =
  | 'weights'
  | 'tower'
  | 'reasoner'
  | 'factors'
  | 'merged'
  | 'answers'
  | 'activations'
  | 'vocabulary'
  | 'images';

export interface Part {
  readonly name: PartName;
  readonly bytes: number;
}

/** What a run does one after another; the first two once a session. */
export type PhaseName = 'look' | 'teach' | 'step' | 'measure';

export interface Phase {
  readonly name: PhaseName;
  /** What is held on the device, by part. No part is empty. */
  readonly parts: readonly Part[];
  readonly bytes: number;
}

export const floatBytes = 4;
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const most = (values: readonly number[]): number =>
  values.reduce((largest, value) => Math.max(largest, value), 0);

/** Of parts that are not empty. */
export function phase(name: PhaseName, ...parts: readonly (readonly Part[])[]): Phase {
  const all = parts.flat().filter(({ bytes }) => bytes > 0);
  return { name, parts: all, bytes: sum(all.map(({ bytes }) => bytes)) };
}
