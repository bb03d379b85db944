/**
 * Compares base, VLM and LRM. A linear layer of the language model is merged when all three have it, in the
 * same shape and in a format that holds plain weights. Everything else stays the VLM's, and the report says
 * so.
 */
import { StudioError } from '../errors.ts';
import { makeLayout, type GateLayout } from '../gates/field.ts';
import { isFloatDtype } from '../safetensors/dtype.ts';
import { compareConfigs } from './compare-configs.ts';
import { compareTypes } from './compare-types.ts';
import { compareModels } from './compare-models.ts';
import { missingTensors } from './missing-tensors.ts';
import type { Finding, PairingReport } from './pairing.ts';
import { compareLinears, linearName, type LinearName } from './tensor-names.ts';
import { unmergedMatrices } from './unmerged-matrices.ts';
import { roleNames, roles, type PairedModel, type PairedTensor, type Role, type Trio } from './trio.ts';

/**
 * Structurally the protocol's SlotInfo; the rank is min(out, in), or less where an adapter is of lower rank.
 */
export interface PairedSlot extends LinearName {
  /** [out, in]. */
  readonly shape: readonly [number, number];
  readonly rank: number;
  readonly tensors: Readonly<Record<Role, string>>;
}

export interface Pairing {
  readonly slots: readonly PairedSlot[];
  readonly layout: GateLayout;
  readonly report: PairingReport;
}

type Linears = ReadonlyMap<string, LinearName & { readonly tensor: PairedTensor }>;

/** Throws `mismatch` when no layer can be merged. */
export function pairModels(trio: Trio): Pairing {
  refuseDequantised(trio.vlm);
  const byPlace = { base: collect(trio.base), vlm: collect(trio.vlm), lrm: collect(trio.lrm) };
  const known = Object.values(byPlace).some(({ size }) => size > 0);
  const linears = known ? byPlace : collectByName(trio);
  const absent = { base: [] as string[], lrm: [] as string[] };
  const notAdapted: string[] = [];
  const otherShape: string[] = [];
  const notPlain: string[] = [];
  const slots: PairedSlot[] = [];
  const { adapted } = trio.lrm;

  for (const [id, vlm] of linears.vlm) {
    const base = linears.base.get(id);
    const lrm = linears.lrm.get(id);
    if (!base) absent.base.push(vlm.tensor.name);
    if (!lrm) absent.lrm.push(vlm.tensor.name);
    if (!base || !lrm) continue;
    const [out, into] = vlm.tensor.shape;
    if (
      !sameShape(base.tensor, vlm.tensor) ||
      !sameShape(lrm.tensor, vlm.tensor) ||
      vlm.tensor.shape.length !== 2 ||
      !out ||
      !into
    ) {
      otherShape.push(vlm.tensor.name);
    } else if (![base, vlm, lrm].every(({ tensor }) => isFloatDtype(tensor.dtype))) {
      notPlain.push(vlm.tensor.name);
    } else if (adapted && !adapted.has(lrm.tensor.name)) {
      notAdapted.push(vlm.tensor.name);
    } else {
      const rank = Math.min(out, into, adapted?.get(lrm.tensor.name)?.rank ?? Infinity);
      const tensors = { base: base.tensor.name, vlm: vlm.tensor.name, lrm: lrm.tensor.name };
      slots.push({ id, layer: vlm.layer, kind: vlm.kind, shape: [out, into], rank, tensors });
    }
  }
  if (slots.length === 0) refuse(trio, linears, notAdapted[0]);

  slots.sort(compareLinears);
  const findings = [
    ...(known ? [] : [unknownNames(slots)]),
    ...unmerged(trio, absent, otherShape, notPlain),
    ...untouched(notAdapted, slots),
    ...extra('base', linears),
    ...extra('lrm', linears),
    ...unmergedMatrices(trio.vlm, slots, known, notAdapted),
    ...missingTensors(trio.vlm),
    ...compareModels(trio, known),
    ...compareTypes(trio),
    ...compareConfigs(trio),
  ];
  return { slots, layout: makeLayout(slots), report: { matched: slots.length, findings } };
}

/** A merged model is written in the VLM's own format, in which codes would have to be found for its numbers. */
function refuseDequantised({ label, dequantised }: PairedModel): void {
  if (dequantised === undefined) return;
  throw new StudioError(
    'unsupported',
    `${label} cannot be the VLM of a merge: ${dequantised} of its matrices are stored in FP8 with scales, and a merged model is written in the VLM's own format. Open the unquantised VLM, or load this one with transformers, dequantised, and save it with save_pretrained. As base or reasoning model it can be used as it is.`,
    { details: { file: label, role: 'vlm', value: dequantised } },
  );
}

function collect({ label, tensors }: PairedModel): Linears {
  const found = new Map<string, LinearName & { readonly tensor: PairedTensor }>();
  for (const tensor of tensors.values()) {
    const name = linearName(tensor.name);
    if (!name) continue;
    const other = found.get(name.id);
    if (other) {
      const message = `${label} holds two tensors for the layer ${name.id}: ${other.tensor.name} and ${tensor.name}.`;
      throw new StudioError('unsupported', message, {
        details: { file: label, tensor: tensor.name, value: other.tensor.name },
      });
    }
    found.set(name.id, { ...name, tensor });
  }
  return found;
}

/**
 * Pairs matrices that have the same name in all three models, where none of the models has names that are
 * known. Embeddings and heads stay out here too.
 */
function collectByName(trio: Trio): Readonly<Record<Role, Linears>> {
  const isMatrix = ({ name, shape }: PairedTensor): boolean =>
    shape.length === 2 &&
    shape.every((size) => size > 1) &&
    !/embed|head|\bwte\b|\bwpe\b|token|position|norm/i.test(name);
  const shared = [...trio.vlm.tensors.values()].filter(
    (tensor) => isMatrix(tensor) && trio.base.tensors.has(tensor.name) && trio.lrm.tensors.has(tensor.name),
  );
  const of = (role: Role): Linears =>
    new Map(
      shared.map(({ name }) => {
        const id = name.replace(/\.weight$/, '');
        const layer = Number(/(?:^|\.)(\d{1,4})\./.exec(name)?.[1] ?? 0);
        return [id, { id, layer, kind: 'other', tensor: trio[role].tensors.get(name) as PairedTensor }];
      }),
    );
  return { base: of('base'), vlm: of('vlm'), lrm: of('lrm') };
}

function unknownNames(slots: readonly PairedSlot[]): Finding {
  return {
    code: 'paired-by-name',
    severity: 'warning',
    tensors: slots.map(({ tensors }) => tensors.vlm),
    message: `The studio does not know the layer names of these models: ${slots.length} matrices that have the same name and shape in all three are merged.`,
    remedy: 'Check the list: every other tensor stays as it is in the VLM.',
  };
}

const sameShape = (a: PairedTensor, b: PairedTensor): boolean =>
  a.shape.length === b.shape.length && a.shape.every((size, i) => size === b.shape[i]);
const shapeText = ({ shape }: PairedTensor): string => `[${shape.join(', ')}]`;

/** No layer fits: says which model is in the way, and the first difference. */
function refuse(trio: Trio, linears: Readonly<Record<Role, Linears>>, notAdapted: string | undefined): never {
  for (const role of roles) {
    if (linears[role].size > 0) continue;
    const { label, spec, tensors } = trio[role];
    const message = `The ${roleNames[role]} ${label} (${spec.architecture}) has no linear layers whose names this studio knows.`;
    throw new StudioError('mismatch', message, {
      details: { file: label, value: tensors.keys().next().value ?? 'no tensors' },
    });
  }
  if (notAdapted !== undefined) {
    const message = `The adapter ${trio.lrm.label} touches none of the linear layers that the VLM ${trio.vlm.label} shares with the base: there is nothing to merge.`;
    throw new StudioError('mismatch', message, { details: { file: trio.lrm.label, tensor: notAdapted } });
  }
  const describe = (role: Role): string =>
    `the ${roleNames[role]} ${trio[role].label} (${trio[role].spec.architecture})`;
  for (const role of ['lrm', 'base'] as const) {
    for (const [id, { tensor }] of linears.vlm) {
      const other = linears[role].get(id);
      if (!other || sameShape(other.tensor, tensor)) continue;
      const message = `No layer of ${describe('vlm')} fits ${describe(role)}: ${id} is ${shapeText(tensor)} in one and ${shapeText(other.tensor)} in the other. Choose models that were tuned from the same base.`;
      throw new StudioError('mismatch', message, {
        details: { file: trio[role].label, tensor: other.tensor.name, value: shapeText(other.tensor) },
      });
    }
  }
  const message = `No layer is common to ${describe('base')}, ${describe('vlm')} and ${describe('lrm')} in a format that holds plain weights (F32, F16, BF16).`;
  throw new StudioError('mismatch', message, { details: { file: trio.vlm.label } });
}

function unmerged(
  trio: Trio,
  absent: { readonly base: readonly string[]; readonly lrm: readonly string[] },
  otherShape: readonly string[],
  notPlain: readonly string[],
): Finding[] {
  const findings: Finding[] = [];
  const add = (code: string, tensors: readonly string[], message: string): void => {
    if (tensors.length === 0) return;
    findings.push({
      code,
      severity: 'warning',
      tensors,
      message: `${tensors.length} linear layer${tensors.length === 1 ? '' : 's'} of the VLM ${message}`,
      remedy: 'They stay as they are in the VLM.',
    });
  };
  add('unmatched-in-base', absent.base, `are not in the base model ${trio.base.label}.`);
  add('unmatched-in-lrm', absent.lrm, `are not in the reasoning model ${trio.lrm.label}.`);
  add('shape-differs', otherShape, 'have another shape in the base or the reasoning model.');
  add('not-plain-weights', notPlain, 'are stored in a quantised or integer format in one of the models.');
  return findings;
}

/** Nothing is lost there: the change that the adapter makes to them is zero. */
function untouched(tensors: readonly string[], slots: readonly PairedSlot[]): Finding[] {
  if (tensors.length === 0) return [];
  const message = `${tensors.length} of ${tensors.length + slots.length} linear layers are not touched by the adapter.`;
  return [
    {
      code: 'not-in-adapter',
      severity: 'info',
      tensors,
      message,
      remedy: 'They stay as they are in the VLM and have no gates.',
    },
  ];
}

function extra(role: 'base' | 'lrm', linears: Readonly<Record<Role, Linears>>): Finding[] {
  const tensors = [...linears[role]]
    .filter(([id]) => !linears.vlm.has(id))
    .map(([, { tensor }]) => tensor.name);
  if (tensors.length === 0) return [];
  const message = `${tensors.length} linear layers of the ${roleNames[role]} have no place in the VLM.`;
  return [
    {
      code: `unmatched-in-vlm-from-${role}`,
      severity: 'warning',
      tensors,
      message,
      remedy: 'They are left out.',
    },
  ];
}
