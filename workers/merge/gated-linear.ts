/**
 * A merged layer at the gates of one step, W = W₀ + λ (U · diag(gate ⊙ S) · Vᵀ + gate_tail · T) (FRISM Eq.
 * 7), as something that rows are multiplied by. Differentiable with respect to the rows and the gates;
 * everything else is frozen. cost-model.ts says in which form.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Linear, LinearMap } from '../nn/contract.ts';
import { columnDots, plusScaledProduct } from '../kernels/low-rank/low-rank.ts';
import { denseWeight, multiply, multiplyBack } from '../nn/linear.ts';
import { PackedLinear } from '../nn/packed-linear.ts';
import { chooseForm, flopsPerByte, type Form } from './cost-model.ts';
import type { DeviceSlot } from './factors.ts';
import { gateGradient, gatesBySlope, materialise, scaledGates, tailSlope } from './materialise.ts';

export class GatedLinear implements LinearMap {
  readonly shape: readonly [number, number];
  /** [slot.place.gates]; what a gradient is asked for. Belongs to this object. */
  readonly gates: Tensor1D;
  readonly #own: Linear;
  readonly #slot: DeviceSlot;
  readonly #lambda: number;
  readonly #form: Form | null;
  /** λ · gate ⊙ S of each vector. */
  readonly #scaled: Tensor1D;
  /** W, or W₀ + λ gate_tail T for the factored form; made when first needed. */
  #matrix: Tensor2D | null = null;
  #base: Tensor2D | null = null;

  /**
   * @param own W₀; stays the caller's
   * @param gates their values, in the slot's order
   * @param form for tests: otherwise chosen for the rows that come
   */
  constructor(own: Linear, slot: DeviceSlot, gates: Float32Array, lambda: number, form: Form | null = null) {
    this.shape = [slot.factors.rows, slot.factors.columns];
    this.gates = tf.tensor1d(gates);
    this.#own = own;
    this.#slot = slot;
    this.#lambda = lambda;
    this.#form = form;
    this.#scaled = tf.tidy(() => scaledGates(slot, this.gates, lambda));
  }

  apply(x: Tensor2D, constant: boolean): Tensor2D {
    const form = this.#form ?? this.#choose(x.shape[0]);
    const operation = tf.customGrad((...given) => {
      const save = given.at(-1) as tf.GradSaveFunc;
      const { value, along } = this.#there(form, x);
      save(along ? [x, along] : [x]);
      return {
        value,
        // tfjs tidies nothing here: without it dW and the like of every layer would stay until the whole way
        // back is done.
        gradFunc: (dy: tf.Tensor, [kept, keptAlong]: tf.Tensor[]) =>
          tf.tidy(() => {
            const { dx, dGates } = this.#back(
              form,
              kept as Tensor2D,
              dy as Tensor2D,
              (keptAlong as Tensor2D | undefined) ?? null,
              constant,
            );
            return dx ? [dx, dGates] : [dGates];
          }),
      };
    });
    return (constant ? operation(this.gates) : operation(x, this.gates)) as Tensor2D;
  }

  applyTransposed(dy: Tensor2D): Tensor2D {
    return tf.matMul(dy, this.#merged());
  }

  dense(): Tensor2D {
    return tf.tidy(() => materialise(this.#own, this.#slot, this.gates, this.#lambda));
  }

  /** What a tape keeps of this layer beside its rows. */
  keptBytes(rows: number): number {
    return (this.#form ?? this.#choose(rows)) === 'factored' ? 4 * rows * this.#slot.u.shape[1] : 0;
  }

  /** Gives back what can be made again. */
  release(): void {
    tf.dispose([this.#matrix, this.#base].filter((tensor) => tensor !== null));
    this.#matrix = this.#base = null;
  }

  dispose(): void {
    this.release();
    tf.dispose([this.gates, this.#scaled]);
  }

  #choose(rows: number): Form {
    const { u, tail } = this.#slot;
    const [out, width] = this.shape;
    return chooseForm(
      { out, in: width, vectors: u.shape[1], tail: tail !== null, packed: this.#own instanceof PackedLinear },
      rows,
      tf.getBackend() === 'webgpu' ? flopsPerByte.webgpu : flopsPerByte.wasm,
    );
  }

  /** `along`: x·V, kept for the way back. */
  #there(form: Form, x: Tensor2D): { readonly value: Tensor2D; readonly along: Tensor2D | null } {
    if (form !== 'factored') return { value: tf.matMul(x, this.#merged(), false, true), along: null };
    const { u, vt } = this.#slot;
    const along: Tensor2D = tf.matMul(x, vt, false, true);
    return { value: plusScaledProduct(multiply(x, this.#withTail()), along, this.#scaled, u, true), along };
  }

  #back(
    form: Form,
    x: Tensor2D,
    dy: Tensor2D,
    along: Tensor2D | null,
    constant: boolean,
  ): { readonly dx: Tensor2D | null; readonly dGates: Tensor1D } {
    const slot = this.#slot;
    if (form === 'dense') {
      const dW: Tensor2D = tf.matMul(dy, x, true, false);
      return {
        dx: constant ? null : tf.matMul(dy, this.#merged()),
        dGates: gateGradient(slot, dW, this.#lambda),
      };
    }
    const dAlong: Tensor2D = tf.matMul(dy, slot.u);
    const slopes = columnDots(
      dAlong,
      along ?? tf.matMul(x, slot.vt, false, true),
      tf.tidy(() => tf.mul(slot.s, this.#lambda)),
    );
    const ofTail = slot.tail ? tailSlope(tf.matMul(dy, slot.tail), x, this.#lambda) : null;
    const dGates = gatesBySlope(slot, slopes, ofTail);
    if (constant) return { dx: null, dGates };
    if (form === 'projected') return { dx: tf.matMul(dy, this.#merged()), dGates };
    return {
      dx: plusScaledProduct(multiplyBack(dy, this.#withTail()), dAlong, this.#scaled, slot.vt),
      dGates,
    };
  }

  #merged(): Tensor2D {
    return (this.#matrix ??= tf.keep(this.dense()));
  }

  /** W₀ + λ gate_tail T. */
  #withTail(): Linear {
    const { tail, place } = this.#slot;
    if (!tail) return this.#own;
    return (this.#base ??= tf.keep(
      tf.tidy(() => {
        const gate = tf.slice(this.gates, [place.gates - 1], [1]);
        return tf.add(denseWeight(this.#own), tf.mul(tail, tf.mul(gate, this.#lambda))) as Tensor2D;
      }),
    ));
  }
}
