/**
 * Does it fit, and what would? An estimate against what the device and the machine have, and the least change
 * with which it fits: fewer gates of their own (a subspace budget), smaller batches, fewer layers; where
 * nothing helps, merging and exporting without a run.
 */
import { selects, type LayerSelection } from '../family/selection.ts';
import { estimateOpening, estimateRun, type ChosenSlot, type RunEstimate } from './estimate.ts';
import type { RunChoice } from './run-choice.ts';
import type { DeviceCapacity, MemoryFacts } from './facts.ts';

export type Proposal =
  | { readonly kind: 'budget'; readonly budget: number }
  | { readonly kind: 'batch'; readonly batchSize: number }
  | {
      readonly kind: 'layers';
      readonly layers: readonly number[];
      readonly budget: number | null;
      readonly batchSize: number;
    }
  | { readonly kind: 'merge-only' };

export type VerdictCode =
  /** It fits, with room to spare. */
  | 'fits'
  /** So near to the limit that it may fail. */
  | 'may-not-fit'
  | 'does-not-fit'
  /** Nobody says how much there is. */
  | 'unknown'
  /** These models are not run here, whatever memory there is. */
  | 'not-run-here'
  /** A matrix is larger than the decomposition can address. */
  | 'cannot-be-decomposed';

export interface Verdict {
  readonly code: VerdictCode;
  readonly message: string;
  /** Empty where there is nothing to do. */
  readonly remedy: string;
  readonly proposal: Proposal | null;
}

export interface MemoryOutlook {
  readonly openingBytes: number;
  /** Null where these models are not run here. */
  readonly run: RunEstimate | null;
  readonly verdict: Verdict;
}

export type SlotPlace = Omit<ChosenSlot, 'index'> & { readonly kind: string };

/**
 * Estimates are up to this far above what is measured (docs/architecture.md): what is beyond the limit even
 * so surely does not fit.
 */
const slack = 1.5;
/** Of the limit, the rest being lost between tensors. */
const usable = 0.9;
/** Fewer gates than this in a matrix are hardly a choice. */
const fewestBudget = 16;

const size = (bytes: number): string =>
  bytes >= 999.5e6 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;

/** @param slots all that `facts` are about; `selection` chooses among them */
export function memoryOutlook(
  facts: MemoryFacts,
  device: DeviceCapacity,
  slots: readonly SlotPlace[],
  choice: RunChoice,
  selection: LayerSelection,
): MemoryOutlook {
  const isChosen = selects(selection);
  const chosen = slots.map((slot, index) => ({ ...slot, index })).filter(isChosen);
  const openingBytes = estimateOpening(facts, chosen);
  const run = facts.run && estimateRun(facts.run, device, chosen, choice);
  return { openingBytes, run, verdict: judge(facts, device, chosen, choice, run) };
}

function judge(
  facts: MemoryFacts,
  device: DeviceCapacity,
  chosen: readonly ChosenSlot[],
  choice: RunChoice,
  run: RunEstimate | null,
): Verdict {
  const impossible = chosen.filter(({ index }) => facts.impossible.includes(index));
  const [first] = impossible;
  if (first) {
    const message = `${impossible.length} of the chosen matrices are too large to be decomposed here, the first being ${first.id} with ${first.shape.join(' × ')}.`;
    return {
      code: 'cannot-be-decomposed',
      message,
      remedy:
        'Leave them out by choosing other layers or kinds; merging by one λ on the command line needs no decomposition.',
      proposal: { kind: 'merge-only' },
    };
  }
  if (!facts.run || !run)
    return {
      code: 'not-run-here',
      message: 'These models are not run here, so opening is all that takes memory.',
      remedy: '',
      proposal: null,
    };
  const fit = fits(run, device);
  if (fit === 'yes')
    return {
      code: 'fits',
      message: `A run takes about ${size(run.peak.bytes)} of ${limitText(device)}.`,
      remedy: '',
      proposal: null,
    };
  if (fit === 'unknown') {
    const message = `A run takes about ${size(run.peak.bytes)} on the graphics processor. Browsers do not say how much memory that has.`;
    return {
      code: 'unknown',
      message,
      remedy: 'If it fails, choose a smaller subspace budget, a smaller batch or fewer layers.',
      proposal: null,
    };
  }
  const proposal = propose(facts, device, chosen, choice);
  const sure = fit === 'no';
  const message = tooLargeTensor(run, device)
    ? `A run needs a tensor of ${size(run.tensorBytes)}; the device takes ${size(device.tensorBytes)} at most in one.`
    : `A run takes about ${size(run.peak.bytes)}, ${sure ? 'more than' : 'nearly all of, or more than,'} the ${limitText(device)}.`;
  return { code: sure ? 'does-not-fit' : 'may-not-fit', message, remedy: remedyOf(proposal), proposal };
}

type Fit = 'yes' | 'no' | 'perhaps' | 'unknown';

const tooLargeTensor = ({ tensorBytes }: RunEstimate, device: DeviceCapacity): boolean =>
  tensorBytes > device.tensorBytes;

function fits(run: RunEstimate, device: DeviceCapacity): Fit {
  if (tooLargeTensor(run, device)) return 'no';
  const { totalBytes, machineBytes, machineAtLeast } = device;
  const all = run.peak.bytes + run.pageBytes;
  // With a graphics processor of its own the machine's memory says nothing of the device's.
  const ofMachine =
    machineBytes !== null && !machineAtLeast ? (totalBytes === null ? run.pageBytes : all) / machineBytes : 0;
  if (totalBytes !== null && run.peak.bytes > slack * totalBytes) return 'no';
  if (ofMachine > usable || (totalBytes !== null && run.peak.bytes > usable * totalBytes)) return 'perhaps';
  return totalBytes === null ? 'unknown' : 'yes';
}

const limitText = ({ backend, totalBytes, machineBytes }: DeviceCapacity): string =>
  totalBytes === null || (machineBytes !== null && machineBytes < totalBytes)
    ? `${size(machineBytes ?? 0)} that this machine has`
    : `${size(totalBytes)} that ${backend === 'wasm' ? 'WebAssembly can address' : 'the device has'}`;

/** The first of these that fits, else none: a budget, a smaller batch, the middle layers. */
export function propose(
  { run: facts }: MemoryFacts,
  device: DeviceCapacity,
  chosen: readonly ChosenSlot[],
  choice: RunChoice,
): Proposal {
  if (!facts) return { kind: 'merge-only' };
  const fine = (slots: readonly ChosenSlot[], changed: Partial<RunChoice>) =>
    ['yes', 'unknown'].includes(fits(estimateRun(facts, device, slots, { ...choice, ...changed }), device));
  const budget = largestBudget(chosen, choice, (k) => fine(chosen, { budget: k }));
  if (budget !== null) return { kind: 'budget', budget };
  for (
    let batchSize = Math.floor(choice.batchSize / 2);
    batchSize >= 1;
    batchSize = Math.floor(batchSize / 2)
  )
    if (fine(chosen, { batchSize })) return { kind: 'batch', batchSize };
  const layers = [...new Set(chosen.map(({ layer }) => layer))].sort((a, b) => a - b);
  for (const batchSize of new Set([choice.batchSize, Math.min(choice.batchSize, 2), 1])) {
    const kept = middleLayers(layers, (some) =>
      fine(
        chosen.filter(({ layer }) => some.includes(layer)),
        { batchSize },
      ),
    );
    if (kept) return { kind: 'layers', layers: kept, budget: choice.budget, batchSize };
  }
  return { kind: 'merge-only' };
}

/** The largest number of gates that fits, in steps of 8, below what is asked for; null where none does. */
function largestBudget(
  chosen: readonly ChosenSlot[],
  { budget }: RunChoice,
  fine: (k: number) => boolean,
): number | null {
  const most = Math.min(
    budget ?? Infinity,
    chosen.reduce((largest, { rank }) => Math.max(largest, rank), 0),
  );
  let [low, high] = [fewestBudget / 8, Math.ceil(most / 8) - 1];
  if (high < low || !fine(8 * low)) return null;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fine(8 * middle)) low = middle;
    else high = middle - 1;
  }
  return 8 * low;
}

/** As many as fit, around the middle; null where not even one does. */
function middleLayers(
  layers: readonly number[],
  fine: (some: readonly number[]) => boolean,
): readonly number[] | null {
  const middle = (count: number) => layers.slice(Math.floor((layers.length - count) / 2)).slice(0, count);
  let [low, high] = [0, layers.length - 1];
  while (low < high) {
    const count = Math.ceil((low + high) / 2);
    if (fine(middle(count))) low = count;
    else high = count - 1;
  }
  return low > 0 ? middle(low) : null;
}

function remedyOf(proposal: Proposal): string {
  switch (proposal.kind) {
    case 'budget':
      return `With a gate of its own for each of the ${proposal.budget} strongest subspaces of a matrix, and one for the rest, it fits.`;
    case 'batch':
      return `With batches of ${proposal.batchSize} it fits.`;
    case 'layers': {
      const { layers, batchSize } = proposal;
      return `With ${layers.length === 1 ? `layer ${layers[0]}` : `the layers ${layers[0]} to ${layers.at(-1)}`} alone${batchSize > 0 ? ` and batches of ${batchSize}` : ''} it fits.`;
    }
    case 'merge-only':
      return 'Gates can be set by hand, merged and exported here; running these models needs more memory.';
    default:
      return proposal satisfies never;
  }
}
