/** The part of the engine's interface that is about bases (core/gates/basis.ts). */
import type { Basis } from '../core/gates/basis.ts';
import type { OpenEvent } from './events.ts';
import type { Session } from './session.ts';

/** While the basis is changed: how far it is, and of each matrix its new pieces. */
export type BasisEvent = Exclude<OpenEvent, { readonly type: 'paired' }>;

export interface BasisApi {
  /**
   * Writes every task vector in another basis: the same matrices, with gates for other pieces of them. All gates start
   * anew, half open; the budget stays. Back to the SVD nothing is computed, and the basis that there is already changes
   * nothing. The call is refused while a distillation goes on (`busy`), and for models that do not have the basis
   * (`unsupported`). One that fails or is cancelled changes nothing.
   */
  setBasis(
    job: string,
    basis: Basis,
    onEvent: (event: BasisEvent) => void,
  ): Promise<Pick<Session, 'basis' | 'layout' | 'gates'>>;
}
