/**
 * What is kept of a run, so that it goes on after its worker or the page has ended: the engine's checkpoint, taken
 * before the session is stored.
 */
import type { GateEdit, GateField } from '../../core/gates/field.ts';
import type { PlainError, RunEvent } from '../../protocol/events.ts';
import type { SliceContext } from './context.ts';
import type { GateKeeper } from './gates-slice.ts';
import { isRunActive } from './run-state.ts';
import type { RunView } from './records.ts';

/** An engine in the middle of a long step answers later; what is kept until then is of the step before. */
const patienceMs = 1500;

/** Has `run.checkpoint` be of now, as far as the engine answers in time. */
export function createCheckpointing(
  { set, get, engine }: SliceContext,
  keeper: GateKeeper,
): () => Promise<void> {
  let asking: Promise<void> | null = null;
  /** Step and edit of the last one: while nothing moves there is nothing to ask. */
  let of = '';

  async function ask(): Promise<void> {
    const { number, step } = get().run;
    const now = `${number} ${step} ${get().revision}`;
    if (now === of && get().run.checkpoint) return;
    try {
      // Edits that are on their way are part of what is kept.
      await keeper.sender.settled();
      const checkpoint = await engine.checkpoint();
      const { run } = get();
      if (!checkpoint || run.number !== number || !isRunActive(run)) return;
      set({ run: { ...run, checkpoint } });
      of = now;
    } catch {
      // An engine that has ended says so itself; the last checkpoint stays.
    }
  }

  return async () => {
    if (!isRunActive(get().run)) return;
    asking ??= ask().finally(() => (asking = null));
    await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, patienceMs))]);
  };
}

/** The run has ended, and not because its device did. */
export const cannotGoOn = ({ state, error }: Extract<RunEvent, { readonly type: 'state' }>): boolean =>
  state === 'finished' || state === 'stopped' || (state === 'failed' && error?.code !== 'device');

/** A run that was given up: not one whose worker died or was started again under it. */
export const isOver = ({ code }: PlainError, { coming }: RunView): boolean =>
  code === 'cancelled' ? coming === 'stop' : code !== 'device';

/** What a hand has set or freed since a checkpoint, as far as locks tell; null where nothing. */
export function handsSince(then: GateField, now: GateField): GateEdit | null {
  if (then.values.length !== now.values.length) return null;
  const indices = Uint32Array.from(now.values.keys()).filter(
    (i) => now.locks[i] !== then.locks[i] || (now.locks[i] === 1 && now.values[i] !== then.values[i]),
  );
  return indices.length === 0
    ? null
    : {
        indices,
        values: Float32Array.from(indices, (i) => now.values[i] ?? 0),
        locks: Uint8Array.from(indices, (i) => now.locks[i] ?? 0),
      };
}
