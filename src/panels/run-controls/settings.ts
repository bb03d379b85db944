/** The settings of a run: ranges, and one line each on what it does. */
import type { DistillOptions } from '../../../protocol/session.ts';

export interface Setting {
  readonly label: string;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly integer?: boolean;
  readonly unit?: string;
  readonly about: string;
  /** What the option holds where the field says 0. */
  readonly zeroMeans?: null;
}

export const settings: Readonly<Record<keyof DistillOptions, Setting>> = {
  lambda: {
    label: 'λ',
    name: 'Merge strength lambda',
    min: 0,
    max: 3,
    step: 0.05,
    about: 'How strongly the gated reasoning difference is added to the VLM (Eq. 7). 0 is the VLM itself.',
  },
  alpha: {
    label: 'α',
    name: 'Injection weight alpha',
    min: 0,
    max: 10,
    step: 0.05,
    about:
      'Weight of the injection term, which pulls gates open (Eq. 10). At 0 nothing but a second teacher does.',
  },
  beta: {
    label: 'β',
    name: 'Trace weight beta',
    min: 0,
    max: 10,
    step: 0.1,
    about:
      'Second teacher: the merged model should answer text prompts as the LRM does. 0 is FRISM as published.',
  },
  gamma: {
    label: 'γ',
    name: 'Composed weight gamma',
    min: 0,
    max: 10,
    step: 0.1,
    about:
      'Second teacher: on an image the merged model should answer as the LRM does on the VLM’s transcript of it. 0 is FRISM as published.',
  },
  learningRate: {
    label: 'rate',
    name: 'Learning rate',
    min: 0.0001,
    max: 1,
    step: 0.01,
    about: 'Adam’s step size on the gate logits.',
  },
  steps: {
    label: 'steps',
    name: 'Steps',
    min: 1,
    max: 5000,
    step: 10,
    integer: true,
    about: 'How many optimiser steps a run makes.',
  },
  batchSize: {
    label: 'batch',
    name: 'Batch size',
    min: 1,
    max: 128,
    step: 1,
    integer: true,
    about: 'Unlabeled samples a step, of each teacher. Larger is steadier, slower and takes more memory.',
  },
  seed: {
    label: 'seed',
    name: 'Seed',
    min: 0,
    max: 999999,
    step: 1,
    integer: true,
    about: 'Order of the samples. Same seed and settings, same run on the same backend.',
  },
  gateMax: {
    label: 'gate max',
    name: 'Gate maximum',
    min: 1,
    max: 4,
    step: 0.25,
    about:
      'Upper end of a gate. 1 in the paper; above 1 a direction may be amplified beyond what the reasoning model had.',
  },
  teacherTopK: {
    label: 'top-k',
    name: 'Teacher’s most probable tokens, 0 for all',
    min: 0,
    max: 4096,
    step: 16,
    integer: true,
    zeroMeans: null,
    about:
      'Compares a teacher’s most probable tokens one by one and the rest as one: less memory for large vocabularies, and a lower bound of the full divergence. 0 compares all.',
  },
};
