/** What the store knows of compute that fails or falls silent, and what can be done about it. */
import type { PlainError } from '../../protocol/events.ts';

export interface QuietState {
  /** How often the device on which the page computed has failed since the page was loaded. */
  readonly deviceFailures: number;
  /** Compute that is waited for and has not been heard of for long; null otherwise. */
  readonly quiet: { readonly kind: 'no sign' | 'no word'; readonly forMs: number } | null;
}

export interface QuietActions {
  /** The device failed and the worker was ended. The first time, compute is started again by itself. */
  deviceFailed(error: PlainError): Promise<void>;
  /** Called every few seconds with how long the worker has given no sign, and no word of what it does. */
  computeQuiet(heard: { readonly signMs: number; readonly wordMs: number }): void;
  keepWaiting(): void;
  /** Ends the worker at once and does what `reconnect` does. */
  stopAndReopen(): Promise<void>;
}
