/**
 * The session's gates as they are now: what a person sets and what the optimiser moves meet here.
 *
 * An edit takes effect at once. It also marks its gates, so that a step that began before the edit cannot
 * overwrite them.
 */
import { StudioError } from '../../core/errors.ts';
import type { GateEdit, GateField } from '../../core/gates/field.ts';

export class LiveGates {
  readonly values: Float32Array;
  readonly locks: Uint8Array;
  /** 1 where a hand has been since the optimiser last looked. */
  readonly touched: Uint8Array;
  /** The last edit that `values` includes. */
  revision: number;

  constructor(field: GateField, revision = 0) {
    this.revision = revision;
    this.values = field.values.slice();
    this.locks = field.locks.slice();
    this.touched = new Uint8Array(field.values.length);
  }

  /**
   * All or nothing: an edit with a bad index or value changes no gate. Values are clamped to [0, gateMax].
   */
  edit(revision: number, { indices, values, locks }: GateEdit, gateMax: number): void {
    if ((values && values.length !== indices.length) || (locks && locks.length !== indices.length)) {
      throw new StudioError('bad-request', 'A gate edit needs as many values and locks as indices.');
    }
    for (const [i, index] of indices.entries()) {
      if (index >= this.values.length) {
        throw new StudioError(
          'bad-request',
          `There is no gate ${index}; this session has ${this.values.length}.`,
          { details: { value: index } },
        );
      }
      const value = values?.[i];
      if (value !== undefined && Number.isNaN(value))
        throw new StudioError('bad-request', `Gate ${index} cannot be set to NaN.`, {
          details: { value: index },
        });
    }
    for (const [i, index] of indices.entries()) {
      const value = values?.[i];
      const lock = locks?.[i];
      if (value !== undefined) this.values[index] = Math.min(gateMax, Math.max(0, value));
      if (lock !== undefined) this.locks[index] = lock ? 1 : 0;
      this.touched[index] = 1;
    }
    this.revision = Math.max(this.revision, revision);
  }

  field(): GateField {
    return { values: this.values.slice(), locks: this.locks.slice() };
  }

  /** Puts all gates where a run stood that goes on here. The revision stays: edits of this session are its own. */
  restore({ values, locks }: GateField, touched: Uint8Array): void {
    this.values.set(values);
    this.locks.set(locks);
    this.touched.set(touched);
  }
}
