/** Collects which tensors hold values that are not finite, while their bytes pass by on their way to elsewhere. */
import { isDtype } from '../../core/safetensors/dtype.ts';
import { FiniteLook } from '../../core/safetensors/not-finite.ts';
import type { NotFiniteTensor } from '../../core/family/copied-values.ts';
import type { TensorEntry } from './contract.ts';

export class CopiedValues {
  readonly #found = new Map<string, NotFiniteTensor>();
  #current: { readonly name: string; readonly look: FiniteLook } | null = null;

  /** The whole of a tensor. */
  readonly whole = (tensor: TensorEntry, bytes: Uint8Array<ArrayBuffer>): void => {
    this.#current = null;
    this.piece(tensor, bytes);
  };

  /** The next bytes of a tensor. Those of one tensor come in order, with none of another between them. */
  readonly piece = (tensor: TensorEntry, bytes: Uint8Array<ArrayBuffer>): void => {
    const { name, dtype, file, shape } = tensor;
    if (!isDtype(dtype)) return;
    const current = this.#current?.name === name ? this.#current : { name, look: new FiniteLook(dtype) };
    this.#current = current;
    current.look.add(bytes);
    const found = current.look.found();
    if (found) this.#found.set(name, { name, file, shape, found });
  };

  /** By name. */
  found(): readonly NotFiniteTensor[] {
    return [...this.#found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
