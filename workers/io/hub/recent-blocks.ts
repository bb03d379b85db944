/**
 * The blocks used last, in memory: neighbouring tensors share a block, and reading 8 MiB again for each would
 * cost more than they are worth.
 */
import type { Block } from './block.ts';

const maxBytes = 64 * 2 ** 20;

export class RecentBlocks {
  readonly #blocks = new Map<string, Block>();
  #heldBytes = 0;

  get(key: string): Block | null {
    const block = this.#blocks.get(key);
    if (!block) return null;
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block;
  }

  set(key: string, block: Block): void {
    this.#heldBytes += block.bytes.length - (this.#blocks.get(key)?.bytes.length ?? 0);
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    for (const [oldest, { bytes }] of this.#blocks) {
      if (this.#heldBytes <= maxBytes) break;
      this.#blocks.delete(oldest);
      this.#heldBytes -= bytes.length;
    }
  }
}
