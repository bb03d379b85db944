/**
 * A model's rotary tables for positions from 0 on, made once and made longer when a longer sequence comes.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { RotaryTable } from '../kernels/heads/contract.ts';
import { rotaryTable, type Rotation } from './rotary.ts';

/** Lengths come in steps, so that tables are seldom made. */
const step = 256;

export class RotaryTables {
  readonly #rotation: Rotation;
  #length = 0;
  #tables: { readonly query: RotaryTable; readonly key: RotaryTable } | null = null;

  constructor(rotation: Rotation) {
    this.#rotation = rotation;
  }

  /** For positions below `length` at least; the queries' table is scaled by hd^−½. Belongs to this object. */
  upTo(length: number): { readonly query: RotaryTable; readonly key: RotaryTable } {
    if (this.#tables && length <= this.#length) return this.#tables;
    this.dispose();
    this.#length = Math.ceil(length / step) * step;
    const positions = [[Int32Array.from({ length: this.#length }, (_, position) => position)]];
    const kept = (scale: number): RotaryTable => {
      const { cos, sin } = rotaryTable(positions, this.#rotation, scale);
      return { cos: tf.keep(cos), sin: tf.keep(sin) };
    };
    this.#tables = { query: kept((2 * this.#rotation.frequencies.length) ** -0.5), key: kept(1) };
    return this.#tables;
  }

  dispose(): void {
    if (this.#tables)
      tf.dispose([
        this.#tables.query.cos,
        this.#tables.query.sin,
        this.#tables.key.cos,
        this.#tables.key.sin,
      ]);
    this.#tables = null;
    this.#length = 0;
  }
}
