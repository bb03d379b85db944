/** The parts of a memory estimate in words, largest first. Pure. */
import type { PartName, Phase, PhaseName } from '../../../core/memory/phase.ts';

const partNames: Readonly<Record<PartName, string>> = {
  weights: 'Weights of the language model',
  tower: 'Vision tower and connector',
  reasoner: 'Weights of the reasoning model',
  factors: 'Factors of the open matrices',
  merged: 'Merged matrices of a step',
  answers: 'Answers being generated',
  activations: 'Activations and gradients',
  vocabulary: 'Logits and distributions',
  images: 'Images in the vision tower',
};

const phaseNames: Readonly<Record<PhaseName, string>> = {
  look: 'when images are looked at',
  teach: 'when the teachers answer',
  step: 'in a step',
  measure: 'when the result is measured',
};

export interface NamedPart {
  readonly name: PartName;
  readonly label: string;
  readonly bytes: number;
  /** Of the whole, in [0, 1]. */
  readonly share: number;
}

/** @param of what the shares are of */
export function namedParts({ parts }: Phase, of: number): readonly NamedPart[] {
  return [...parts]
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ name, bytes }) => ({ name, label: partNames[name], bytes, share: bytes / of }));
}

export const peakWhen = ({ name }: Phase): string => phaseNames[name];
