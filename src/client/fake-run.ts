/** The run of the fake engine: gates that go where a pretended optimiser would take them. */
import { StudioError } from '../../core/errors.ts';
import type { EngineApi, JobId } from '../../protocol/engine.ts';
import {
  makeLosses,
  termRow,
  termRows,
  termsOf,
  weightOf,
  type Losses,
  type TermId,
} from '../../core/objective/terms.ts';
import type { RunEvent, RunState } from '../../protocol/events.ts';
import { readRunCheckpoint } from '../../core/runs/read-run-checkpoint.ts';
import type { RunCheckpoint } from '../../core/runs/run-checkpoint.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import type { SlotInfo } from '../../protocol/session.ts';
import { fakeCheckpoint } from './fake-checkpoint.ts';
import type { FakeRun, FakeState } from './fake-state.ts';

export function fakeRun(
  fake: FakeState,
): Pick<EngineApi, 'distill' | 'checkpoint' | 'pause' | 'resume' | 'step' | 'stop'> {
  /** Where the pretended optimiser goes: wide open in the MLPs, half shut at the top of attention. */
  const target = (slot: SlotInfo | undefined, gate: number, gateMax: number) => {
    const early = Math.exp(-gate / 12);
    const open =
      slot?.kind === 'gate' || slot?.kind === 'up' || slot?.kind === 'down'
        ? 0.97
        : 0.85 - 0.7 * early + 0.05 * (slot?.layer ?? 0);
    return gateMax * Math.min(1, Math.max(0, open));
  };

  const oneStep = (options: DistillOptions, step: number): Losses => {
    const values = fake.field.values.slice();
    fake.opened().layout.slots.forEach(({ offset, gates }, s) => {
      for (let gate = 0; gate < gates; gate++) {
        const value = values[offset + gate] ?? 0;
        if (!fake.field.locks[offset + gate])
          values[offset + gate] =
            value +
            (target(fake.opened().slots[s], gate, options.gateMax) - value) * 0.3 * options.learningRate;
      }
    });
    fake.field = { values, locks: fake.field.locks };
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const pretended = (id: TermId): number =>
      termRow(id).lessons === null
        ? -mean * mean
        : 0.02 + 0.6 * Math.exp(-step / (30 + 10 * termRows.findIndex(([other]) => other === id)));
    const computed = termsOf(options);
    const total = computed.reduce((sum, id) => sum + weightOf(termRow(id), options) * pretended(id), 0);
    return makeLosses(total, (id) => (computed.includes(id) ? pretended(id) : null));
  };

  const wakeRun = (change: (current: FakeRun) => void) => {
    if (!fake.run) return;
    change(fake.run);
    fake.run.wake();
  };

  return {
    distill: (
      job: JobId,
      options: DistillOptions,
      onEvent: (event: RunEvent) => void,
      pauseAfter = Infinity,
      given: RunCheckpoint | null = null,
    ) =>
      fake.within(job, async (check) => {
        fake.fail('distill');
        const session = fake.opened();
        if (fake.run) throw new StudioError('busy', 'A run is going on already.');
        const from = given && readRunCheckpoint(given);
        if (from && from.gates.values.length !== session.layout.size)
          throw new StudioError('mismatch', 'The interrupted run was made of other layers.');
        let step = from?.step ?? 0;
        let losses = from?.losses ?? null;
        let prepared = from !== null;
        const current: FakeRun = {
          state: 'preparing',
          allowed: pauseAfter - step,
          wake: () => undefined,
          checkpoint: () =>
            prepared
              ? fakeCheckpoint({ session, field: fake.field, options, step, losses, stepMs: fake.stepMs })
              : null,
        };
        fake.run = current;
        if (from) fake.field = from.gates;
        const say = (state: RunState) => {
          current.state = state;
          onEvent({ type: 'state', seq: ++fake.seq, state, step });
        };
        try {
          say('preparing');
          for (let done = 1; done <= 3; done++) {
            await fake.wait(fake.stepMs);
            check();
            onEvent({
              type: 'progress',
              seq: ++fake.seq,
              progress: fake.progress('Asking the teachers', done, 3, 'items'),
            });
          }
          prepared = true;
          if (current.allowed > 0) say('running');
          while (step < options.steps) {
            if (current.state === 'stopped') break;
            if (current.allowed <= 0) {
              say('paused');
              await new Promise<void>((resolve) => (current.wake = resolve));
              check();
              if (current.allowed > 0 && (current.state as RunState) !== 'stopped') say('running');
              continue;
            }
            await fake.wait(fake.stepMs);
            check();
            step++;
            current.allowed--;
            losses = oneStep(options, step);
            const etaMs = (options.steps - step) * fake.stepMs;
            const divergence = { first: 0.6, recent: losses.distill, over: 1 };
            onEvent({
              type: 'step',
              seq: ++fake.seq,
              step,
              steps: options.steps,
              revision: fake.revision,
              losses,
              divergence,
              gates: fake.field.values.slice(),
              stepMs: fake.stepMs,
              etaMs,
            });
          }
          say(step < options.steps ? 'stopped' : 'finished');
        } catch (error) {
          say('stopped');
          throw error;
        } finally {
          fake.run = null;
        }
      }),
    checkpoint: async () => fake.run?.checkpoint() ?? null,
    pause: async () => wakeRun((r) => (r.allowed = 0)),
    resume: async () => wakeRun((r) => (r.allowed = Infinity)),
    step: async (count: number) => wakeRun((r) => (r.allowed = count)),
    stop: async () => wakeRun((r) => (r.state = 'stopped')),
  };
}
