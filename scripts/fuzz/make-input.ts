/**
 * The input of one execution: a seed of the parser, changed a few times. The number of the execution decides it, so
 * that fuzzing can be stopped, gone on with, and repeated.
 */
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { joined, mutateBytes } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';
import { mutateText } from './mutate-text.ts';
import type { Bytes, ParserRow } from './parser.ts';
import { randomBy, type Random } from './random.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Half pairs become the replacement character: they reach readers as escapes in JSON. */
const bytesOf = (text: string): Bytes => encoder.encode(text);

const seedsOf = new WeakMap<ParserRow, readonly Bytes[]>();

export function seedInputs(row: ParserRow): readonly Bytes[] {
  const known = seedsOf.get(row);
  if (known) return known;
  const seeds = row.seeds();
  if (seeds.length === 0) throw new Error(`${row.name} has no seeds.`);
  seedsOf.set(row, seeds);
  return seeds;
}

/** @param index number of the execution, from 0 */
export function makeInput(row: ParserRow, seed: number, index: number): Bytes {
  const random = randomBy(seed, row.name, index);
  const seeds = seedInputs(row);
  // Made from nothing now and then; mutation alone stays near its seeds.
  if (row.shape === 'json' && random.oneIn(40))
    return bytesOf(fc.sample(fc.json({ maxDepth: 4 }), { seed: random.below(2 ** 31), numRuns: 1 })[0] ?? '');
  const [one, other] = [random.pick(seeds), random.pick(seeds)];
  let input = shaped[row.shape](one, other, row.words ?? [], random);
  if (random.oneIn(6)) input = mutateBytes(input, other, random);
  return input;
}

type Mutate = (one: Bytes, other: Bytes, words: readonly string[], random: Random) => Bytes;

const several = (random: Random): number => 1 + random.below(random.pick([1, 4, 8]));

const bytes: Mutate = (one, other, _words, random) => {
  let input = one;
  for (let i = several(random); i > 0; i--) input = mutateBytes(input, other, random);
  return input;
};

const shaped: Readonly<Record<ParserRow['shape'], Mutate>> = {
  bytes,
  text: (one, other, words, random) => {
    let text = decoder.decode(one);
    for (let i = several(random); i > 0; i--) text = mutateText(text, decoder.decode(other), words, random);
    return bytesOf(text);
  },
  json: (one, other, words, random) =>
    bytesOf(mutateJson(decoder.decode(one), decoder.decode(other), words, random)),
  safetensors: (one, other, words, random) => {
    const [header, data] = framed(one);
    if (random.oneIn(4)) return bytes(one, other, words, random);
    const text = bytesOf(mutateJson(header, framed(other)[0], words, random));
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, BigInt(text.length), true);
    return joined(new Uint8Array(length.buffer), text, data);
  },
  png: (one, other, words, random) => {
    const changed = bytes(one, other, words, random);
    return random.oneIn(4) ? changed : withChecksums(changed);
  },
};

function framed(file: Bytes): readonly [header: string, data: Bytes] {
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  return [decoder.decode(file.subarray(8, 8 + length)), file.subarray(8 + length)];
}

/** The chunks' checksums made right, so that what is behind them is reached. */
function withChecksums(file: Bytes): Bytes {
  const copy = new Uint8Array(file);
  const view = new DataView(copy.buffer);
  for (let at = 8; at + 12 <= copy.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > copy.length) break;
    view.setUint32(end, crc32(copy.subarray(at + 4, end)));
    at = end + 4;
  }
  return copy;
}
