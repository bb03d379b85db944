/** The worker's side: answers each request in its own time. Where hashing and storage let it, several are under way at once. */
import { toPlainError } from '../../src/protocol/wire.ts';
import type { FactorCache } from '../io/contract.ts';
import { buffersOfReply, type SvdMessage, type SvdReply } from './contract.ts';
import { perform } from './perform.ts';

export interface SvdPort {
  onMessage(listener: (message: SvdMessage) => void): void;
  send(reply: SvdReply, transfer: ArrayBuffer[]): void;
}

export function serveSvd(port: SvdPort, cache: Promise<FactorCache | null>): void {
  port.onMessage(({ id, request }) => {
    void cache
      .then((opened) => perform(request, opened))
      .then(
        (outcome): SvdReply => ({ id, outcome }),
        (thrown: unknown): SvdReply => ({ id, error: toPlainError(thrown) }),
      )
      .then((reply) => port.send(reply, buffersOfReply(reply)));
  });
}
