/** Receives what comes over the network, and the reason while nothing comes. */
export interface TransferSink {
  /** This many bytes have just arrived. */
  received(bytes: number): void;
  /** This many bytes need not be fetched, because an earlier download left them here. */
  kept(bytes: number): void;
  /** This many bytes that an earlier download left here are not what was fetched then: they are fetched again. */
  damaged(bytes: number): void;
  /** Gets a sentence while a request waits to be repeated, and null when it goes on. */
  waiting(reason: string | null): void;
}

export function waitingReason({
  ms,
  status,
}: {
  readonly ms: number;
  readonly status: number | null;
}): string {
  const seconds = `${Math.max(1, Math.round(ms / 1000))} s`;
  if (status === 429) return `The Hub limits how often it is asked. The download goes on in ${seconds}`;
  if (status !== null && status >= 500)
    return `The Hub has a fault (HTTP ${status}). The request is repeated in ${seconds}`;
  return `The connection was lost. The request is repeated in ${seconds}`;
}
