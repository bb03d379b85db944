/**
 * A run of an open session: what the engine needs to begin it, or to go on with one that was interrupted, to take
 * checkpoints of it, and to know afterwards what it did.
 */
import { checkOptions } from '../../../core/objective/check-options.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import { readRunCheckpoint } from '../../../core/runs/read-run-checkpoint.ts';
import {
  runCheckpointVersion,
  type RunCheckpoint,
  type RunOrigin,
} from '../../../core/runs/run-checkpoint.ts';
import type { BackendReport } from '../../../protocol/engine.ts';
import type { Progress, RunEvent } from '../../../protocol/events.ts';
import { DistillRun, type Prepared } from '../../distill/run.ts';
import { RunEvents } from '../../distill/run-events.ts';
import type { OpenSession } from '../opening/open-session.ts';
import { progressMeter } from '../progress-meter.ts';
import { checkDistillable, prepare } from './prepare.ts';
import { checkSameRun, differences, originOf } from './run-origin.ts';

export interface RunRequest {
  readonly options: DistillOptions;
  readonly onEvent: (event: RunEvent) => void;
  readonly pauseAfter: number | undefined;
  /** As it came: not checked yet. */
  readonly from: RunCheckpoint | null;
  readonly signal: AbortSignal;
  /** Throws outside of a body that runs on the device, where none has been started. */
  readonly device: () => BackendReport;
  /** `owner`: what others who wait are told; `report`: told what this one waits for. */
  readonly onDevice: <T>(
    owner: string,
    body: () => Promise<T>,
    report: (progress: Progress) => void,
  ) => Promise<T>;
}

export interface BegunRun {
  readonly handle: DistillRun;
  readonly gateMax: number;
  /** Resolves and rejects as `DistillRun.run`; a run that ended well has then left its figures in the session. */
  toEnd(): Promise<void>;
  /** Copies, of the last whole step; null before the first preparation is done. */
  checkpoint(): RunCheckpoint | null;
}

/** Throws what makes the run impossible; nothing of the session has changed then. */
export function beginRun(session: OpenSession, request: RunRequest): BegunRun {
  const { options, onEvent, signal, device, onDevice } = request;
  checkOptions(options);
  checkDistillable(session, options);
  const from = request.from && readRunCheckpoint(request.from);
  if (from) checkSameRun(session, options, from);

  const begunMs = performance.now();
  const elapsedMs = (): number => (from?.elapsedMs ?? 0) + performance.now() - begunMs;
  let origin: RunOrigin | null = from?.origin ?? null;
  const events = new RunEvents((event) => {
    if (event.type === 'state' || event.type === 'step') session.training.steps = event.step;
    onEvent(event);
  });

  const prepareHere = async (): Promise<Prepared> => {
    const prepared = await prepare(session, options, { onDone: stages(events), signal });
    const lessons = prepared.terms.flatMap(({ term: { mark } }) => (mark ? [mark] : []));
    const now = await originOf(session, device(), lessons, signal);
    const reasons = from ? differences(from.origin, now) : [];
    if (reasons.length > 0)
      events.notice(
        `The run goes on, but not to the very bits that it would have had: ${reasons.join('; ')}.`,
      );
    origin = now;
    return prepared;
  };

  const handle = new DistillRun({
    options,
    pauseAfter: request.pauseAfter ?? Infinity,
    from,
    live: session.live,
    events,
    signal,
    exclusive: (body, owner) => onDevice(owner, body, (progress) => events.waits(progress)),
    prepare: prepareHere,
  });
  return {
    handle,
    gateMax: options.gateMax,
    checkpoint() {
      const position = handle.position();
      return position && origin
        ? { version: runCheckpointVersion, options, ...position, elapsedMs: elapsedMs(), origin }
        : null;
    },
    async toEnd() {
      await handle.run();
      const losses = handle.position()?.losses ?? null;
      const { live, facts, training, figures } = session;
      const { layout, basis } = facts;
      const of = { gates: live.values, lambda: options.lambda, budget: layout.budget, basis };
      if (losses)
        await figures.ran(of, {
          steps: training.steps,
          losses,
          backend: device().backend,
        });
    },
  };
}

/** Tells how far each stage of a preparation is, from its beginning on. */
function stages(
  events: RunEvents,
): (name: string, done: number, total: number, unit?: 'items' | 'bytes') => void {
  let stage = '';
  let report = (_done: number): void => undefined;
  return (name, done, total, unit = 'items') => {
    if (name !== stage)
      report = progressMeter({ stage: name, total, unit }, (progress) =>
        events.frame({ type: 'progress', progress }, progress.done === 0),
      );
    stage = name;
    report(done);
  };
}
