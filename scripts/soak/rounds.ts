/**
 * Rounds of random actions on one store. Each round ends when everything that it began has ended; page and engine must
 * then have the same gates, bit for bit. The demo is opened again after each, so that every round ends with as much on
 * the page as the one before, and what is still held then can be compared.
 */
import { demoSource } from '../../src/state/demo-source.ts';
import { gatesInForce } from '../../src/state/gates-in-force.ts';
import { isRunActive } from '../../src/state/run-state.ts';
import type { StudioState, StudioStore } from '../../src/state/types.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import { randomBy } from '../fuzz/random.ts';
import { actAtRandom } from './random-actions.ts';

export interface Studio {
  readonly engine: EngineApi;
  readonly now: () => StudioStore;
  /** What the page gave to be saved, the last first. */
  readonly saved: readonly File[];
}

export interface Round {
  readonly number: number;
  readonly actions: number;
  readonly faults: readonly string[];
}

export interface RoundOptions {
  readonly seed: number;
  readonly number: number;
  readonly actions: number;
  /** At most so long between two actions, ms. */
  readonly pauseMs: number;
  /** What does not end within this hangs, ms. */
  readonly hangingMs: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function playRound(studio: Studio, options: RoundOptions): Promise<Round> {
  const { seed, number, actions, pauseMs, hangingMs } = options;
  const { now, saved } = studio;
  const random = randomBy(seed, 'soak', number);
  const faults: string[] = [];
  const done: string[] = [];
  for (let i = 0; i < actions; i++) {
    try {
      done.push(actAtRandom({ random, now, saved }));
    } catch (thrown) {
      faults.push(`An action threw after ${done.slice(-3).join(', ')}: ${String(thrown)}`);
    }
    await wait(random.below(pauseMs + 1));
  }
  const told = `after ${done.slice(-8).join(', ')}`;
  if (!(await settled(now, hangingMs))) faults.push(`${pending(now()).join(', ')} did not end ${told}.`);
  else {
    const apart = await difference(studio);
    if (apart !== null) faults.push(`${apart} ${told}.`);
  }
  for (const { level, text } of now().log)
    if (level === 'error' && /internal|undefined|null|NaN|is not a function/i.test(text))
      faults.push(`The page said: ${text}`);
  await now().open(demoSource());
  if (!(await settled(now, hangingMs)) || now().load.status !== 'ready')
    faults.push(`The demo did not open again ${told}: ${now().load.error?.message ?? 'it did not end'}`);
  await clearSessions(now);
  return { number, actions, faults };
}

/** What a browser has on its disk lies in memory here, and each round leaves a session of its own. */
async function clearSessions(now: () => StudioStore): Promise<void> {
  await now().listRecents();
  const { recents, keeping, deleteRecent } = now();
  for (const { id } of recents ?? []) if (id !== keeping.id) await deleteRecent(id, 'final');
}

/** What goes on, by name. */
function pending(state: StudioState): string[] {
  const goesOn: readonly (readonly [boolean, string])[] = [
    [state.load.status === 'loading', 'opening'],
    [isRunActive(state.run), `a run (${state.run.state})`],
    [state.measuring !== null, 'measuring'],
    [state.tryIt.status === 'answering', 'answering'],
    [state.exporting.status === 'exporting', 'an export'],
    [state.changingBudget, 'a change of the budget'],
    [['reading', 'checking', 'applying'].includes(state.recipe.status), 'a recipe'],
    [state.keeping.status === 'restoring', 'putting a session back'],
  ];
  return goesOn.flatMap(([does, name]) => (does ? [name] : []));
}

/** Ends what would go on, and waits until nothing does. False where something does all the same. */
async function settled(now: () => StudioStore, hangingMs: number): Promise<boolean> {
  const begunMs = performance.now();
  for (let quiet = 0; quiet < 3;) {
    const state = now();
    if (isRunActive(state.run)) void state.stop();
    if (state.measuring) state.cancelMeasuring();
    if (state.load.paused) state.resumeOpen();
    if (state.peek) state.peekSnapshot(null);
    await wait(20);
    quiet = pending(now()).length === 0 ? quiet + 1 : 0;
    if (performance.now() - begunMs > hangingMs) return false;
  }
  await now().storeNow();
  return true;
}

/** How the gates of the page and of the engine differ; null where they do not. */
async function difference({ engine, now }: Studio): Promise<string | null> {
  if (!now().session) return null;
  const there = await engine.gates();
  const here = gatesInForce(now());
  if (here.values.length !== there.values.length)
    return `The page has ${here.values.length} gates and the engine ${there.values.length}`;
  const values = here.values.reduce((sum, value, i) => sum + (Object.is(value, there.values[i]) ? 0 : 1), 0);
  const locks = here.locks.reduce((sum, lock, i) => sum + (lock === there.locks[i] ? 0 : 1), 0);
  return values + locks === 0
    ? null
    : `Of ${here.values.length} gates, ${values} values and ${locks} locks differ between page and engine`;
}
