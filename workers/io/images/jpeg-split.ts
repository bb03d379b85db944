/**
 * A JPEG of four channels as JPEGs of three of them. The decoder gives out red, green and blue alone; the channels
 * of CMYK are coded side by side, each by itself, so the code of each block can be sorted out bit by bit, and
 * the decoder's own transform and upsampling do the rest.
 */
import { BitReader, BitWriter, huffmanTable, type HuffmanTable } from './jpeg-bits.ts';

interface Component {
  readonly id: number;
  /** Blocks across and down in a unit of several components. */
  readonly across: number;
  readonly down: number;
}

/** By class (0 for DC, 16 for AC) and place. */
type Tables = Map<number, () => HuffmanTable>;

interface Scan {
  readonly components: readonly { readonly index: number; readonly dc: number; readonly ac: number }[];
  /** First and last coefficient; 0 and 63 where it is not progressive. */
  readonly first: number;
  /** Whether bits of coefficients are made more exact that were sent before. */
  readonly refines: boolean;
}

/** How the decoder is to take three channels: as they are, or as luminance and chroma. */
type Transform = 'none' | 'ycc';

export interface FourChannels {
  /** Whether the first three are luminance and chroma of inverted colours (the Adobe marker's transform 2). */
  readonly isYcck: boolean;
  /** Channels 1 to 3, decoded to RGB. */
  readonly colours: Uint8Array<ArrayBuffer>;
  /** Its last channel, decoded as blue, is the fourth. */
  readonly black: Uint8Array<ArrayBuffer>;
}

/** Throws where the file breaks the rules, and where its channels are coded in a way that cannot be sorted out. */
export function splitFourChannels(bytes: Uint8Array<ArrayBuffer>): FourChannels {
  const components = componentsOf(bytes);
  const isYcck = adobeTransform(bytes) === 2;
  return {
    isYcck,
    colours: only(bytes, components, [0, 1, 2], isYcck ? 'ycc' : 'none'),
    black: only(bytes, components, besideBlack(components), 'none'),
  };
}

/** The fourth and two more, among them those that say how many samples the others have for each of theirs. */
function besideBlack(components: readonly Component[]): number[] {
  const largest = (of: 'across' | 'down'): number =>
    components.findIndex((one) => one[of] === Math.max(...components.map((other) => other[of])));
  const chosen = new Set([3, largest('across'), largest('down')]);
  for (const filler of [1, 2]) if (chosen.size < 3) chosen.add(filler);
  return [...chosen].sort((a, b) => a - b);
}

interface Segment {
  readonly marker: number;
  /** Of the segment's bytes behind marker and length. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Where it ends. */
  readonly end: number;
}

/** Segments up to the end of the image, over the coded data between them. */
function* segments(bytes: Uint8Array<ArrayBuffer>): Generator<Segment> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 2; at + 1 < bytes.length;) {
    const marker = bytes[at + 1] as number;
    const isData = bytes[at] !== 0xff || marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7);
    if (isData || marker === 0xff) at += 1;
    else if (marker === 0xd9) return;
    else {
      const end = at + 2 + view.getUint16(at + 2);
      yield { marker, body: bytes.subarray(at + 4, end), end };
      at = end;
    }
  }
}

const isFrame = (marker: number): boolean => marker === 0xc0 || marker === 0xc1 || marker === 0xc2;

function componentsOf(bytes: Uint8Array<ArrayBuffer>): Component[] {
  for (const { marker, body } of segments(bytes))
    if (isFrame(marker))
      return [0, 1, 2, 3].map((i) => {
        const [id, sampling] = [body[6 + 3 * i], body[7 + 3 * i]];
        if (id === undefined || sampling === undefined) throw new Error('its frame is not whole');
        return { id, across: sampling >> 4, down: sampling & 15 };
      });
  throw new Error('it holds no picture');
}

function adobeTransform(bytes: Uint8Array<ArrayBuffer>): number | null {
  for (const { marker, body } of segments(bytes))
    if (marker === 0xee && String.fromCharCode(...body.subarray(0, 5)) === 'Adobe') return body[11] ?? null;
  return null;
}

/** The file with these of its components alone. */
function only(
  bytes: Uint8Array<ArrayBuffer>,
  components: readonly Component[],
  kept: readonly number[],
  transform: Transform,
): Uint8Array<ArrayBuffer> {
  const out = new BitWriter();
  const put = (marker: number, body: ArrayLike<number>): void =>
    out.raw([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...Array.from(body)]);
  out.raw([0xff, 0xd8]);
  // In place of the file's own application markers: with JFIF's the decoder would take luminance and chroma.
  put(0xee, [0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform === 'ycc' ? 1 : 0]);
  const tables: Tables = new Map();
  let [units, restartEvery, progressive] = [0, 0, false];
  for (const { marker, body, end } of segments(bytes)) {
    if (isFrame(marker)) {
      progressive = marker === 0xc2;
      const [height, width] = [
        ((body[1] ?? 0) << 8) | (body[2] ?? 0),
        ((body[3] ?? 0) << 8) | (body[4] ?? 0),
      ];
      units = unitsOf(width, height, components);
      put(marker, [
        ...body.subarray(0, 5),
        kept.length,
        ...kept.flatMap((i) => [...body.subarray(6 + 3 * i, 9 + 3 * i)]),
      ]);
    } else if (marker === 0xc4) {
      readTables(body, tables);
      put(marker, body);
    } else if (marker === 0xdb || marker === 0xdd) {
      if (marker === 0xdd) restartEvery = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
      put(marker, body);
    } else if (marker === 0xda) {
      const scan = readScan(body, components);
      const taken = scan.components.map(({ index }) => kept.includes(index));
      const count = taken.filter(Boolean).length;
      if (count === 0) continue;
      put(marker, [
        count,
        ...scan.components.flatMap((_, i) => (taken[i] ? [...body.subarray(1 + 2 * i, 3 + 2 * i)] : [])),
        ...body.subarray(1 + 2 * scan.components.length),
      ]);
      if (count === scan.components.length) out.raw(codedData(bytes, end));
      else if (count === 1) throw new Error('its channels are coded in pairs');
      else
        sortOut(new BitReader(bytes, end), out, {
          scan,
          taken,
          components,
          tables,
          units,
          restartEvery,
          progressive,
        });
    }
  }
  out.raw([0xff, 0xd9]);
  return out.done();
}

/** Units of a scan of several components: each has all blocks of one area of the picture. */
function unitsOf(width: number, height: number, components: readonly Component[]): number {
  const most = (of: 'across' | 'down'): number => Math.max(...components.map((one) => one[of]));
  if (components.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4))
    throw new Error('its channels have a sampling that cannot be');
  return Math.ceil(width / (8 * most('across'))) * Math.ceil(height / (8 * most('down')));
}

/** Made where a scan first uses them: a file may define far more than that. */
function readTables(body: Uint8Array, tables: Tables): void {
  for (let at = 0; at + 17 <= body.length;) {
    const place = body[at] as number;
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = body.subarray(at + 17, at + 17 + total);
    let made: HuffmanTable | null = null;
    tables.set(place, () => (made ??= huffmanTable(counts, symbols)));
    at += 17 + total;
  }
}

function readScan(body: Uint8Array, components: readonly Component[]): Scan {
  const count = body[0] ?? 0;
  if (body.length < 4 + 2 * count) throw new Error('a scan of it is not whole');
  return {
    components: Array.from({ length: count }, (_, i) => {
      const index = components.findIndex(({ id }) => id === body[1 + 2 * i]);
      const places = body[2 + 2 * i] as number;
      if (index < 0) throw new Error('a scan of it names a channel that it lacks');
      return { index, dc: places >> 4, ac: places & 15 };
    }),
    first: body[1 + 2 * count] as number,
    refines: (body[3 + 2 * count] as number) >> 4 > 0,
  };
}

/** From `at` to the next marker that is no restart. */
function codedData(bytes: Uint8Array, at: number): Uint8Array {
  for (let end = bytes.indexOf(0xff, at); end >= 0; end = bytes.indexOf(0xff, end + 1)) {
    const next = bytes[end + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return bytes.subarray(at, end);
  }
  throw new Error('it ends in the middle');
}

interface Sorting {
  readonly scan: Scan;
  /** For each component of the scan. */
  readonly taken: readonly boolean[];
  readonly components: readonly Component[];
  readonly tables: Tables;
  readonly units: number;
  readonly restartEvery: number;
  readonly progressive: boolean;
}

/** Copies the bits of the blocks that are taken (F.2.2 and G.1.2.1), in their order. */
function sortOut(input: BitReader, out: BitWriter, sorting: Sorting): void {
  const { scan, taken, components, tables, units, restartEvery, progressive } = sorting;
  if (progressive && scan.first > 0) throw new Error('a scan of it that may have one channel has several');
  let sink: BitWriter | null = null;
  const bits = (n: number): void => {
    const value = input.read(n);
    sink?.write(value, n);
  };
  const symbol = (table: HuffmanTable): number => {
    const found = input.code(table);
    bits(found >> 8);
    return found & 255;
  };
  const tableOf = (place: number): HuffmanTable => {
    const table = tables.get(place);
    if (!table) throw new Error('it lacks a Huffman table');
    return table();
  };
  const block = (dc: HuffmanTable | null, ac: HuffmanTable | null): void => {
    if (!dc) return bits(1);
    bits(Math.min(symbol(dc), 16));
    for (let k = 1; ac && k < 64; k++) {
      const runAndSize = symbol(ac);
      // A run without a value ends the block, but for that of sixteen zeros.
      if ((runAndSize & 15) === 0 && runAndSize !== 0xf0) return;
      k += runAndSize >> 4;
      bits(runAndSize & 15);
    }
  };
  const plan = scan.components.map(({ index, dc, ac }, i) => ({
    blocks: (components[index] as Component).across * (components[index] as Component).down,
    sink: taken[i] ? out : null,
    dc: scan.refines ? null : tableOf(dc),
    ac: progressive ? null : tableOf(0x10 | ac),
  }));
  for (let unit = 0; unit < units; unit++) {
    if (restartEvery > 0 && unit > 0 && unit % restartEvery === 0) out.raw([0xff, input.restart()]);
    for (const part of plan) {
      sink = part.sink;
      for (let i = 0; i < part.blocks; i++) block(part.dc, part.ac);
    }
  }
}
