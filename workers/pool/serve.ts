/**
 * The worker's side of the border. Each request is answered when it is done, and several may be in work at
 * once while they wait for hashing, storage or the device.
 */
import { toPlainError } from '../../protocol/wire.ts';
import type { FactorCache } from '../io/contract.ts';
import { buffersOfReply, type SvdMessage, type SvdReply } from './contract.ts';
import { AskedDevice, type AnswerMessage, type AskMessage } from './device-ask.ts';
import { perform } from './perform.ts';

export type ToWorker = SvdMessage | AnswerMessage;
export type FromWorker = SvdReply | AskMessage;

export interface SvdPort {
  onMessage(listener: (message: ToWorker) => void): void;
  send(message: FromWorker, transfer: ArrayBuffer[]): void;
}

export function serveSvd(port: SvdPort, cache: Promise<FactorCache | null>): void {
  const device = new AskedDevice((message) => port.send(message, []));
  port.onMessage((message) => {
    if ('answer' in message) return device.heard(message);
    const { id, request } = message;
    void cache
      .then((opened) => perform(request, opened, device.visits(id)))
      .then(
        (outcome): SvdReply => ({ id, outcome }),
        (thrown: unknown): SvdReply => ({ id, error: toPlainError(thrown) }),
      )
      .then((reply) => port.send(reply, buffersOfReply(reply)));
  });
}
