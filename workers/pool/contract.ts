/**
 * The contract between the engine, which schedules decompositions, and a worker, which does one at a time.
 * Plain values only, so that it is the same for a Web Worker, a thread of Node and the engine's own thread.
 *
 * A worker is given the stored bytes of two tensors, or the factors of an adapter, moved to it. It opens the
 * lasting cache by itself: an entry goes from where it was computed to the disk without passing through the
 * engine, and of an entry that is there only the singular values are read.
 */
import type { Dtype } from '../../core/safetensors/dtype.ts';
import type { PlainError } from '../../protocol/events.ts';
import type { DecomposedBy } from '../../protocol/session.ts';
import type { LowRank } from '../io/contract.ts';

export interface StoredTensor {
  readonly dtype: Dtype;
  /** Little endian, row-major. The bytes belong to the worker from now on. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type SvdTask =
  /**
   * Looks whether the matrix is in the cache. If it is not, a preview of this many singular values is made.
   */
  | { readonly kind: 'look'; readonly preview: number }
  /** Takes the factors from the cache, or decomposes. */
  | {
      readonly kind: 'decompose';
      /** False where an entry of the cache is not to be believed. */
      readonly lookUp: boolean;
      readonly mayStore: boolean;
      /** Give U and Vᵀ back even when the cache has them. */
      readonly wantFactors: boolean;
      /** Matrix products may be asked of the engine's device (device-ask.ts). */
      readonly onDevice: boolean;
    };

/** τ, by what it is made of. */
export type TaskVector =
  /** lrm − base. */
  | { readonly kind: 'difference'; readonly base: StoredTensor; readonly lrm: StoredTensor }
  /** scale · B · A, which is never formed. */
  | { readonly kind: 'product'; readonly factors: LowRank };

/** τ, [rows, cols]. */
export interface SvdInput {
  readonly rows: number;
  readonly cols: number;
  readonly tau: TaskVector;
  /** Name of its cache entry when it is known from an earlier look, which saves hashing. */
  readonly key: string | null;
}

export interface SvdRequest extends SvdInput {
  readonly task: SvdTask;
}

export interface SvdVectors {
  readonly u: Float32Array<ArrayBuffer>;
  readonly vt: Float32Array<ArrayBuffer>;
}

export type SvdOutcome =
  | {
      readonly kind: 'preview';
      readonly key: string;
      /** The strongest ones, falling, approximate. */
      readonly s: Float32Array<ArrayBuffer>;
      /** ‖τ‖_F, exact. */
      readonly frobenius: number;
    }
  | {
      readonly kind: 'exact';
      readonly key: string;
      readonly s: Float32Array<ArrayBuffer>;
      /** Read rather than computed. */
      readonly cached: boolean;
      /** A lasting cache has the whole entry. */
      readonly stored: boolean;
      /** Null where the cache has them and nobody asked for them. */
      readonly vectors: SvdVectors | null;
      readonly by: DecomposedBy;
      /** Time that the worker itself was at it, 0 when it was read. */
      readonly computeMs: number;
    };

export type SvdReply =
  { readonly id: number; readonly outcome: SvdOutcome } | { readonly id: number; readonly error: PlainError };

/** A worker as the pool sees it. */
export interface SvdWorkerLike {
  /** Each request gets one reply with its id, unless the worker dies or is terminated first. */
  post(id: number, request: SvdRequest): void;
  /** Called once, before anything is posted. `onDeath`: it will answer nothing more. */
  listen(onReply: (reply: SvdReply) => void, onDeath: (cause: string) => void): void;
  /** At once, in the middle of whatever it does. */
  terminate(): void;
}

/** The message of a request, and what moves with it. */
export interface SvdMessage {
  readonly id: number;
  readonly request: SvdRequest;
}

export function buffersOfRequest({ tau }: SvdRequest): ArrayBuffer[] {
  const buffers =
    tau.kind === 'difference'
      ? [tau.base.bytes.buffer, tau.lrm.bytes.buffer]
      : [tau.factors.b.buffer, tau.factors.a.buffer];
  return [...new Set(buffers)];
}

export function buffersOfReply(reply: SvdReply): ArrayBuffer[] {
  if ('error' in reply) return [];
  const { outcome } = reply;
  const vectors =
    outcome.kind === 'exact' && outcome.vectors ? [outcome.vectors.u.buffer, outcome.vectors.vt.buffer] : [];
  return [...new Set([outcome.s.buffer, ...vectors])];
}
