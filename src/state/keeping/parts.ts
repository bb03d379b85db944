/**
 * Every part of a session that outlives the page, in the order in which they are put back: what sets the number of
 * gates before gates, and options before the gates that they bound. A new part is a row here; sessions that were
 * stored before it stay as they are.
 */
import * as v from 'valibot';
import { StudioError } from '../../../core/errors.ts';
import { share } from '../../../core/sessions/packing.ts';
import type { StoredParts } from '../../../core/sessions/versions.ts';
import type { StudioState } from '../types.ts';
import { calibrationPart } from './calibration-part.ts';
import { figuresPart } from './figures-part.ts';
import { gatesPart } from './gates-part.ts';
import { exportPart, logPart } from './log-part.ts';
import { modelsPart } from './models-part.ts';
import { acceptedPart, methodPart, recipePart, tryItPart } from './output-parts.ts';
import type { KeptPart, RestoreHands } from './part.ts';
import { recordsPart } from './records-part.ts';
import { interruptedPart, runPart } from './run-part.ts';
import { viewPart } from './view-part.ts';

const table = {
  models: modelsPart,
  calibration: calibrationPart,
  run: runPart,
  gates: gatesPart,
  records: recordsPart,
  figures: figuresPart,
  recipe: recipePart,
  tryIt: tryItPart,
  method: methodPart,
  accepted: acceptedPart,
  view: viewPart,
  exporting: exportPart,
  log: logPart,
  interrupted: interruptedPart,
};

type Table = typeof table;
type ValueOf<P> = P extends KeptPart<infer T> ? T : never;

/** The parts of one session, checked; a part that was not kept is absent. */
export type KeptSession = { readonly [K in keyof Table]?: ValueOf<Table[K]> } & {
  readonly models: ValueOf<Table['models']>;
};

const rows = Object.entries(table) as unknown as readonly (readonly [keyof Table, KeptPart<unknown>])[];

export const keepAll = (state: StudioState): KeptSession =>
  Object.fromEntries(rows.map(([name, part]) => [name, part.keep(state)])) as KeptSession;

/** Parts as they were stored. Throws `bad-file` for what was not stored by this studio, or has changed since. */
export function checkParts(stored: StoredParts): KeptSession {
  const unknown = Object.keys(stored).find((name) => !Object.hasOwn(table, name));
  if (unknown !== undefined)
    throw damaged(`it has a part “${unknown.slice(0, 80)}”, which is none of a session`);
  const parts = rows.flatMap(([name, part]) => {
    if (!Object.hasOwn(stored, name)) return [];
    const read = v.safeParse(part.shape, stored[name], { abortEarly: true });
    if (read.success) return [[name, read.output] as const];
    const [issue] = read.issues;
    throw damaged(`${[name, v.getDotPath(issue)].filter(Boolean).join('.')}: ${issue.message.slice(0, 200)}`);
  });
  const kept = Object.fromEntries(parts) as Partial<KeptSession>;
  if (!kept.models) throw damaged('it does not say of which models it is');
  return share(kept) as KeptSession;
}

const damaged = (what: string): StudioError =>
  new StudioError('bad-file', `The session cannot be read: ${what}. Open the models anew.`);

/** Why the session cannot be put back onto the models that are open, or null. */
export function misfitOf(kept: KeptSession, state: StudioState): string | null {
  for (const [name, part] of rows) {
    const value = kept[name];
    const misfit = value === undefined ? null : (part.misfit?.(value, state) ?? null);
    if (misfit !== null) return misfit;
  }
  return null;
}

/**
 * @param isMeant asked before each part: false once the session was left or other models were opened, which ends it
 * @returns whether all of it is back
 */
export async function restoreAll(
  kept: KeptSession,
  hands: RestoreHands,
  isMeant: () => boolean,
): Promise<boolean> {
  for (const [name, part] of rows) {
    const value = kept[name];
    if (!isMeant()) return false;
    if (value !== undefined) await part.restore(value, hands);
  }
  return isMeant();
}
