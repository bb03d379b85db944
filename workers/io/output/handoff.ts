/**
 * Hands values from one side to the other, one at a time and in order. Whoever waits, on either side, hears at once
 * when it is given up; a stream would leave the side waiting that has a value on its way.
 */

interface Offer<T> {
  readonly value: T;
  readonly taken: () => void;
  readonly refused: (reason: Error) => void;
}

interface Taker<T> {
  readonly give: (result: IteratorResult<T, undefined>) => void;
  readonly refuse: (reason: Error) => void;
}

export class Handoff<T> implements AsyncIterableIterator<T, undefined> {
  readonly #offers: Offer<T>[] = [];
  readonly #takers: Taker<T>[] = [];
  #ended = false;
  #failure: Error | null = null;

  /** Resolves when `value` has been taken. */
  put(value: T): Promise<void> {
    return new Promise((taken, refused) => {
      if (this.#failure) return refused(this.#failure);
      const taker = this.#takers.shift();
      if (!taker) return void this.#offers.push({ value, taken, refused });
      taker.give({ done: false, value });
      taken();
    });
  }

  /** Nothing more is put. What has been put can still be taken. */
  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker.give({ done: true, value: undefined });
  }

  /** Whoever waits, and whoever comes, gets the first reason. */
  fail(reason: Error): void {
    this.#failure ??= reason;
    for (const offer of this.#offers.splice(0)) offer.refused(this.#failure);
    for (const taker of this.#takers.splice(0)) taker.refuse(this.#failure);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((give, refuse) => {
      if (this.#failure) return refuse(this.#failure);
      const offer = this.#offers.shift();
      if (offer) {
        offer.taken();
        return give({ done: false, value: offer.value });
      }
      if (this.#ended) return give({ done: true, value: undefined });
      this.#takers.push({ give, refuse });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
