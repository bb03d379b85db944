/** Who is told what comes over the network, and why nothing does. */
export interface TransferSink {
  /** So many bytes have just arrived. */
  received(bytes: number): void;
  /** So many need not: they are here from an earlier download. */
  kept(bytes: number): void;
  /** A sentence while a request waits to be tried again, null when it goes on. */
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
