/** Servers that keep a download waiting, by a clock of the test's own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Fetched } from './contract.ts';
import { fetchBytes } from './http.ts';
import { plainPatience } from './patience.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const file = Uint8Array.from({ length: 200_000 }, (_, i) => i & 255);
const { answerMs, stretchMs } = plainPatience;

/** What one request meets: headers after `answersAfterMs`, then pieces of so many bytes with so many ms before each. */
interface Manner {
  readonly answersAfterMs: number;
  readonly pieceBytes: number;
  readonly everyMs: number;
}
const prompt: Manner = { answersAfterMs: 0, pieceBytes: 50_000, everyMs: 0 };
const silent: Manner = { ...prompt, answersAfterMs: Infinity };

const after = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (ms !== Infinity) setTimeout(resolve, ms);
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

/** A server that meets one request after another in these manners, the last of them for all that follow. */
function server(...manners: Manner[]) {
  const ranges: string[] = [];
  const get: typeof fetch = async (_, init) => {
    const manner = manners[Math.min(ranges.length, manners.length - 1)]!;
    const range = new Headers(init?.headers).get('range') ?? '';
    ranges.push(range);
    const signal = init!.signal!;
    await after(manner.answersAfterMs, signal);
    const [begin = 0, last = 0] = (/^bytes=(\d+)-(\d+)$/.exec(range)?.slice(1) ?? []).map(Number);
    let at = begin;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await after(manner.everyMs, signal);
        controller.enqueue(file.slice(at, Math.min(last + 1, at + manner.pieceBytes)));
        at += manner.pieceBytes;
        if (at > last) controller.close();
      },
    });
    return new Response(body, {
      status: 206,
      headers: { 'content-range': `bytes ${begin}-${last}/${file.length}`, etag: '"1"' },
    });
  };
  return { get, ranges };
}

async function download(get: typeof fetch, signal?: AbortSignal) {
  const waits: number[] = [];
  let result: Fetched | null | Error | undefined;
  fetchBytes(
    'http://x/f',
    'f',
    { begin: 1000, end: file.length },
    { fetch: get, onPause: (pause) => pause && waits.push(pause.ms) },
    signal,
  ).then(
    (fetched) => (result = fetched),
    (error: Error) => (result = error),
  );
  for (let hours = 0; result === undefined && hours < 100; hours += 1)
    await vi.advanceTimersByTimeAsync(3_600_000);
  return { result, waits };
}
const whole = (result: unknown) => {
  expect(result).not.toBeInstanceOf(Error);
  expect(Buffer.from((result as Fetched).bytes).equals(Buffer.from(file.subarray(1000)))).toBe(true);
};

describe('a server that', () => {
  test('does not answer is asked again, and what it sends then is taken', async () => {
    const { get, ranges } = server(silent, silent, prompt);
    const { result, waits } = await download(get);
    whole(result);
    expect([ranges.length, waits.length]).toEqual([3, 2]);
  });

  test('never answers is left with a sentence', async () => {
    const { result } = await download(server(silent).get);
    expect(result).toMatchObject({
      code: 'network',
      retryable: true,
      message: 'f: The server did not answer for 30 s. Check the connection and the server, and try again.',
      details: { file: 'f' },
    });
  });

  test('stops in the middle is asked for the rest alone', async () => {
    const { get, ranges } = server({ ...prompt, pieceBytes: 70_000, everyMs: stretchMs * 0.6 }, prompt);
    // The first piece comes in time; the third would, too: each stretch has one.
    whole((await download(get)).result);
    expect(ranges).toEqual(['bytes=1000-199999']);
    const stops = server({ answersAfterMs: 0, pieceBytes: 100, everyMs: 0 }, prompt);
    const counted: typeof fetch = async (...asked) => {
      const response = await stops.get(...asked);
      if (stops.ranges.length > 1) return response;
      const reader = response.body!.getReader();
      let pieces = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (++pieces > 5) return after(Infinity, asked[1]!.signal!);
          const { value } = await reader.read();
          controller.enqueue(value!);
        },
      });
      return new Response(body, { status: 206, headers: response.headers });
    };
    whole((await download(counted)).result);
    expect(stops.ranges).toEqual(['bytes=1000-199999', 'bytes=1500-199999']);
  });

  test('sends a byte a second is left, with what it sent', async () => {
    const { result } = await download(server({ answersAfterMs: 0, pieceBytes: 1, everyMs: 1000 }).get);
    expect(result).toMatchObject({
      code: 'network',
      message: expect.stringMatching(/^f: The server sent \d+ bytes for 30 s\./),
    });
  });

  test('is slow but goes on is waited for: 20 s to its answer, 5 kB in each half minute', async () => {
    const slow = { answersAfterMs: answerMs * 0.7, pieceBytes: 5000, everyMs: stretchMs * 0.9 };
    const { get, ranges } = server(slow);
    whole((await download(get)).result);
    expect(ranges).toHaveLength(1);
  });
});

test('no clock runs on after the last byte, nor after a cancel', async () => {
  whole((await download(server(prompt).get)).result);
  expect(vi.getTimerCount()).toBe(0);
  const stop = new AbortController();
  const waiting = download(server(silent).get, stop.signal);
  stop.abort();
  expect((await waiting).result).toMatchObject({ code: 'cancelled' });
  expect(vi.getTimerCount()).toBe(0);
});
