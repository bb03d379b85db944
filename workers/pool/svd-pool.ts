/**
 * Decompositions on several workers: tasks are begun in the order given, results come in the order in which
 * they are done.
 *
 * Memory: what tasks under way may hold (their peaks) and what was read ahead for those that wait stays
 * within a budget together. A task that is larger than all of it runs alone.
 *
 * Pausing stops handing out; what is being decomposed is finished. Cancelling terminates the workers, so it
 * takes effect in the middle of a matrix. The tasks of a worker that dies are tried once more, each with a
 * worker to itself; if it dies again, that is an error.
 */
import { StudioError } from '../../core/errors.ts';
import { fromPlainError } from '../../protocol/wire.ts';
import type { SvdInput, SvdOutcome, SvdReply, SvdTask, SvdWorkerLike } from './contract.ts';
import type { PauseSwitch } from './pause-switch.ts';

export interface PoolTask {
  /** For messages: what is decomposed. */
  readonly label: string;
  /** Bytes that its request holds. */
  readonly inputBytes: number;
  /** Bytes that a worker holds at most while it is at it, its request included. */
  readonly peakBytes: number;
  /** Reads what the worker is given; asked again when the worker that had it died. */
  load(signal: AbortSignal): Promise<SvdInput>;
  /** What is to be done with it, as of when it is handed out. */
  task(): SvdTask;
  /** The run ends only after this has. */
  done(outcome: SvdOutcome): void | Promise<void>;
  /** What the worker threw, in terms of the files. */
  explain(error: StudioError): StudioError;
}

export interface PoolOptions {
  readonly spawn: () => SvdWorkerLike;
  /** At most so many workers, at least one. */
  readonly workers: number;
  readonly budgetBytes: number;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly pause?: PauseSwitch | undefined;
  /**
   * Tasks that a worker is given at once: more than one only where they wait for something else than the
   * processor.
   */
  readonly perWorker?: number;
}

interface Entry {
  readonly task: PoolTask;
  /** Null until it is read. */
  input: SvdInput | null;
  deaths: number;
}

interface Member {
  readonly worker: SvdWorkerLike;
  readonly entries: Map<number, Entry>;
}

/** Tasks read ahead beside those that workers can take at once. */
const spare = 1;
const allowedDeaths = 1;

export class SvdPool {
  readonly #options: PoolOptions;
  #members: Member[] = [];
  #run: PoolRun | null = null;
  #lastId = 0;

  constructor(options: PoolOptions) {
    this.#options = { ...options, workers: Math.max(1, Math.floor(options.workers)) };
  }

  get workers(): number {
    return this.#options.workers;
  }

  /**
   * Runs tasks; only one such run goes on at a time. It rejects with the signal's reason when it is
   * cancelled. The pool then has no workers left, as after any failure.
   */
  async run(tasks: readonly PoolTask[], options: RunOptions): Promise<void> {
    options.signal.throwIfAborted();
    if (this.#run) throw new StudioError('internal', 'The pool is at work already.');
    const run = new PoolRun(tasks, options, this.#options, (entry, mostEntries) =>
      this.#give(entry, mostEntries),
    );
    this.#run = run;
    try {
      await run.ended;
    } catch (thrown) {
      this.close();
      throw thrown;
    } finally {
      this.#run = null;
    }
  }

  /** Ends all workers at once; a later run starts new ones. */
  close(): void {
    for (const { worker } of this.#members) worker.terminate();
    this.#members = [];
  }

  /** Posts it to the worker that has least to do, a new one if need be. False when all have enough. */
  #give(entry: Entry, mostEntries: number): boolean {
    const alone = (member: Member): boolean => [...member.entries.values()].some(({ deaths }) => deaths > 0);
    const free = this.#members
      .filter((member) => !alone(member) && member.entries.size < (entry.deaths > 0 ? 1 : mostEntries))
      .sort((a, b) => a.entries.size - b.entries.size)[0];
    const member = (free?.entries.size === 0 ? free : this.#hire()) ?? free;
    if (!member || !entry.input) return false;
    const id = ++this.#lastId;
    const request = { ...entry.input, task: entry.task.task() };
    entry.input = null;
    member.entries.set(id, entry);
    member.worker.post(id, request);
    return true;
  }

  #hire(): Member | null {
    if (this.#members.length >= this.#options.workers) return null;
    const member: Member = { worker: this.#options.spawn(), entries: new Map() };
    this.#members.push(member);
    member.worker.listen(
      (reply) => this.#heard(member, reply),
      (cause) => this.#died(member, cause),
    );
    return member;
  }

  #heard(member: Member, reply: SvdReply): void {
    const entry = member.entries.get(reply.id);
    if (!entry || !this.#members.includes(member)) return;
    member.entries.delete(reply.id);
    this.#run?.heard(entry, reply);
  }

  #died(member: Member, cause: string): void {
    if (!this.#members.includes(member)) return;
    this.#members = this.#members.filter((other) => other !== member);
    member.worker.terminate();
    this.#run?.lost([...member.entries.values()], cause);
  }
}

/** One run: what waits, what is under way, and how much memory that takes. */
class PoolRun {
  readonly ended: Promise<void>;
  readonly #options: RunOptions;
  readonly #pool: PoolOptions;
  readonly #give: (entry: Entry, mostEntries: number) => boolean;
  readonly #perWorker: number;
  /** Not begun to be read. */
  readonly #later: Entry[];
  /** Being read or read, in order. */
  readonly #waiting: Entry[] = [];
  /** With a worker. */
  readonly #underway = new Set<Entry>();
  /** Not yet through with `done`. */
  #left: number;
  #over = false;
  #end: (finish: () => void) => void = () => undefined;
  #resolve: () => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor(
    tasks: readonly PoolTask[],
    options: RunOptions,
    pool: PoolOptions,
    give: (entry: Entry, mostEntries: number) => boolean,
  ) {
    this.#options = options;
    this.#pool = pool;
    this.#give = give;
    this.#perWorker = options.perWorker ?? 1;
    this.#later = tasks.map((task) => ({ task, input: null, deaths: 0 }));
    this.#left = tasks.length;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const stop = (): void => this.#fail(options.signal.reason);
    options.signal.addEventListener('abort', stop);
    const unlisten = options.pause?.onChange(() => this.#pump());
    this.#end = (finish) => {
      if (this.#over) return;
      this.#over = true;
      options.signal.removeEventListener('abort', stop);
      unlisten?.();
      finish();
    };
    this.#pump();
  }

  heard(entry: Entry, reply: SvdReply): void {
    this.#underway.delete(entry);
    if ('error' in reply) return this.#fail(entry.task.explain(fromPlainError(reply.error)));
    Promise.resolve(reply.outcome)
      .then((outcome) => (this.#over ? undefined : entry.task.done(outcome)))
      .then(
        () => {
          this.#left--;
          this.#pump();
        },
        (thrown: unknown) => this.#fail(thrown),
      );
  }

  lost(entries: readonly Entry[], cause: string): void {
    for (const entry of entries) {
      this.#underway.delete(entry);
      entry.deaths++;
      if (entry.deaths > allowedDeaths) {
        const message = `Decomposing ${entry.task.label} stopped its worker twice (${cause}). It may need more memory than there is: close other tabs and programs, or choose smaller models.`;
        return this.#fail(
          new StudioError('device', message, { retryable: true, details: { tensor: entry.task.label } }),
        );
      }
    }
    this.#waiting.unshift(...entries);
    entries.forEach((entry) => this.#load(entry));
    this.#pump();
  }

  #pump(): void {
    if (this.#over) return;
    if (this.#left === 0) return this.#end(this.#resolve);
    if (this.#options.pause?.paused) return;
    // Handing out and reading ahead make room for each other.
    for (let moved = true; moved;) {
      moved = false;
      while (this.#handOut()) moved = true;
      while (this.#readAhead()) moved = true;
    }
  }

  #handOut(): boolean {
    const head = this.#waiting[0];
    if (!head?.input) return false;
    const { peakBytes, inputBytes } = head.task;
    if (this.#underway.size > 0 && this.#bytes() - inputBytes + peakBytes > this.#pool.budgetBytes)
      return false;
    if (!this.#give(head, this.#perWorker)) return false;
    this.#waiting.shift();
    this.#underway.add(head);
    return true;
  }

  #readAhead(): boolean {
    const [next] = this.#later;
    if (!next || this.#waiting.length >= this.#pool.workers * this.#perWorker + spare) return false;
    const idle = this.#underway.size + this.#waiting.length === 0;
    if (!idle && this.#bytes() + next.task.inputBytes > this.#pool.budgetBytes) return false;
    this.#later.shift();
    this.#waiting.push(next);
    this.#load(next);
    return true;
  }

  #load(entry: Entry): void {
    entry.task.load(this.#options.signal).then(
      (input) => {
        entry.input = input;
        this.#pump();
      },
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  #bytes(): number {
    let bytes = 0;
    for (const { task } of this.#underway) bytes += task.peakBytes;
    for (const { task } of this.#waiting) bytes += task.inputBytes;
    return bytes;
  }

  #fail(reason: unknown): void {
    this.#end(() => this.#reject(reason));
  }
}
