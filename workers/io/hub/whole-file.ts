/**
 * A remote file against the SHA-256 that the Hub names for it, as soon as all of it is there: blocks come in any order
 * and over several sessions, and the hash needs the bytes in theirs. Blocks that come in order are hashed as they
 * come; the rest is read again once the last one is there.
 *
 * What is known is kept beside the blocks: one byte that is 1 once the whole was checked, and a bitmap of the blocks
 * that were whole (block b is bit b % 8 of byte b / 8).
 */
import { createSHA256, type IHasher } from 'hash-wasm';
import { StudioError } from '../../../core/errors.ts';
import { throwIfCancelled } from '../cancelled.ts';

export interface WholeFileNeeds {
  /** For messages. */
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly blocks: number;
  /** What `keep` was given last, in this session or an earlier one; null for nothing. */
  readonly known: () => Promise<Uint8Array | null>;
  readonly keep: (known: Uint8Array<ArrayBuffer>) => Promise<unknown>;
  /** The bytes of a block where all of it is here. */
  readonly load: (block: number) => Promise<Uint8Array | null>;
  /** Makes a block one that is to be fetched. */
  readonly forget: (block: number) => Promise<void>;
  /** Gets a sentence while a check takes long, and null when it is over. */
  readonly waiting: (reason: string | null) => void;
}

/** It is told that something takes time where more blocks than this are to be read again. */
const toldBlocks = 8;

/** All of the file is here, and it is another one than the Hub names. */
export class WrongFile extends StudioError {}

export class WholeFile {
  readonly #needs: WholeFileNeeds;
  readonly #isWhole: boolean[];
  #isChecked = false;
  #hasher: IHasher | null = null;
  /** The first block that is not hashed yet. */
  #next = 0;
  #turn: Promise<void> = Promise.resolve();

  private constructor(needs: WholeFileNeeds, known: Uint8Array | null) {
    this.#needs = needs;
    const isKnown = known?.length === 1 + Math.ceil(needs.blocks / 8) ? known : null;
    this.#isChecked = isKnown?.[0] === 1;
    this.#isWhole = Array.from(
      { length: needs.blocks },
      (_, b) => (((isKnown?.[1 + (b >> 3)] ?? 0) >> (b & 7)) & 1) === 1,
    );
  }

  static async of(needs: WholeFileNeeds): Promise<WholeFile> {
    return new WholeFile(needs, await needs.known());
  }

  /**
   * To be told of every block that is whole, before its bytes are used.
   * @param isFresh some of it has just been fetched
   * @throws WrongFile, after which no block of the file is kept
   */
  pass(block: number, bytes: Uint8Array, isFresh: boolean, signal?: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#pass(block, bytes, isFresh, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #pass(block: number, bytes: Uint8Array, isFresh: boolean, signal?: AbortSignal): Promise<void> {
    if (this.#isChecked && !isFresh) return;
    // What was hashed or checked before was another block in this place.
    if (isFresh && (block < this.#next || this.#isChecked)) this.#restart();
    if (block === this.#next) await this.#add(bytes);
    if (!this.#isWhole[block] || isFresh) {
      this.#isWhole[block] = true;
      await this.#remember();
    }
    if (this.#isWhole.every(Boolean)) await this.#finish(signal);
  }

  async #finish(signal: AbortSignal | undefined): Promise<void> {
    const { name, sha256, sizeBytes, blocks, load, waiting } = this.#needs;
    const takesLong = blocks - this.#next > toldBlocks;
    if (takesLong) waiting(`All of ${name} is here, and is checked against the SHA-256 that the Hub names`);
    try {
      while (this.#next < blocks) {
        throwIfCancelled(signal);
        const bytes = await load(this.#next);
        if (!bytes) {
          this.#isWhole[this.#next] = false;
          return await this.#remember();
        }
        await this.#add(bytes);
      }
    } finally {
      if (takesLong) waiting(null);
    }
    const found = this.#hasher?.digest('hex') ?? '';
    this.#restart();
    if (found === sha256) {
      this.#isChecked = true;
      return this.#remember();
    }
    this.#isWhole.fill(false);
    await this.#remember();
    for (let block = 0; block < blocks; block++) await this.#needs.forget(block);
    throw new WrongFile(
      'changed',
      `${name}: all of its ${sizeBytes} bytes were fetched, and their SHA-256 is ${found.slice(0, 12)}… where the Hub names ${sha256.slice(0, 12)}…. They were damaged on the way or on this machine, so what was computed from them may be wrong. What was kept of the file has been thrown away. Open the models again to fetch it anew.`,
      { retryable: true, details: { file: name, value: found } },
    );
  }

  async #add(bytes: Uint8Array): Promise<void> {
    this.#hasher ??= await createSHA256();
    this.#hasher.update(bytes);
    this.#next += 1;
  }

  #restart(): void {
    this.#isChecked = false;
    this.#hasher = null;
    this.#next = 0;
  }

  async #remember(): Promise<void> {
    const known = new Uint8Array(1 + Math.ceil(this.#needs.blocks / 8));
    known[0] = this.#isChecked ? 1 : 0;
    this.#isWhole.forEach((isWhole, b) => {
      if (isWhole) known[1 + (b >> 3)] = (known[1 + (b >> 3)] ?? 0) | (1 << (b & 7));
    });
    await this.#needs.keep(known);
  }
}
