/**
 * The numbered events of one run. State changes and notices are sent at once and in order. Steps and progress are sent at
 * most about 15 times a second, and a later one takes the place of an earlier one that was not sent yet. What
 * was held back is sent before the next state change, so the last step is never lost. The beginning of a stage is
 * sent at once too: what follows may keep the thread, and with it the timer, for a minute.
 */
import type { PlainError, Progress, RunEvent, RunState } from '../../protocol/events.ts';

const gapMs = 66;

type StepEvent = Extract<RunEvent, { type: 'step' }>;
type Frame = Omit<StepEvent, 'seq'> | { readonly type: 'progress'; readonly progress: Progress };

export class RunEvents {
  readonly #send: (event: RunEvent) => void;
  #seq = 0;
  #held: Frame | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #lastSentMs = -Infinity;

  constructor(send: (event: RunEvent) => void) {
    this.#send = send;
  }

  state(state: RunState, step: number, error?: PlainError): void {
    this.#flush();
    this.#send({ type: 'state', seq: ++this.#seq, state, step, ...(error && { error }) });
  }

  /** @param message a whole sentence */
  notice(message: string): void {
    this.#flush();
    this.#send({ type: 'notice', seq: ++this.#seq, message });
  }

  /** @param atOnce nothing may be heard of this thread for long after it, as where a stage begins */
  frame(frame: Frame, atOnce = false): void {
    this.#held = frame;
    const waitMs = this.#lastSentMs + gapMs - performance.now();
    if (atOnce || waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  /** The run waits for the device, maybe for long: said at once, and no step is dropped for it. */
  waits(progress: Progress): void {
    this.#flush();
    this.#send({ type: 'progress', seq: ++this.#seq, progress });
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#held) return;
    const frame = this.#held;
    this.#held = null;
    this.#lastSentMs = performance.now();
    this.#send({ ...frame, seq: ++this.#seq });
  }
}
