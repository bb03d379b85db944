/**
 * Attention with grouped keys and rotary positions over sequences of different lengths, one head at a time,
 * on rows as linear layers make and take them (head h of a row: `width` numbers from h·width on): no head is
 * split off or joined, nothing is padded, no mask is made, and of the scores only QUERIES rows exist at a
 * time. On the way back they are computed again (as in FlashAttention, Dao et al. 2022, arXiv 2205.14135).
 *
 * A sequence is four int32 of `spans`: its first query row, number of queries, first key row, number of keys.
 * Its queries are the last ones of the sequence: query i stands at position keys − queries + i, key j at
 * position j.
 *
 * Rotation: y = x ⊙ cos + swap(x) ⊙ sin, swap exchanging the halves of a head; tables [positions, width]
 * carry the sign and, for queries, the scale width^−½.
 */
import { exp4, sum4 } from '../../../backend/heap/wasm/exp';
import { gemm, gemmScratchBytes } from '../../../backend/heap/wasm/gemm';

/** Query rows whose scores are held at once: a multiple of gemm's tile. */
const QUERIES: i32 = 60;

/** What the next calls are about; set once, because a call with so many numbers is easy to get wrong. */
let sequences: i32 = 0;
let spans: usize = 0;
let heads: i32 = 0;
let keyHeads: i32 = 0;
let width: i32 = 0;
let causal: bool = false;
let queryCos: usize = 0;
let querySin: usize = 0;
let keyCos: usize = 0;
let keySin: usize = 0;
/** Keys of the longest sequence, and that rounded up to whole vectors: the length of a row of scores. */
let mostKeys: i32 = 0;
let scoreRow: i32 = 0;

/** The sequence at hand. */
let firstQuery: i32 = 0;
let queries: i32 = 0;
let firstKey: i32 = 0;
let keys: i32 = 0;

/** Places in the scratch memory. */
let turnedKeys: usize = 0;
let turnedQueries: usize = 0;
let scores: usize = 0;
let slopes: usize = 0;
let queryGradient: usize = 0;
let keyGradient: usize = 0;
let gemmScratch: usize = 0;

/**
 * `causal_`: no query reads a later position. Tables: 0 for no rotation (queries then must have been scaled,
 * keys rotated). Returns the bytes of scratch that the next calls need.
 */
export function setAttention(
  sequences_: i32,
  spans_: usize,
  heads_: i32,
  keyHeads_: i32,
  width_: i32,
  causal_: bool,
  queryCos_: usize,
  querySin_: usize,
  keyCos_: usize,
  keySin_: usize,
): i32 {
  sequences = sequences_;
  spans = spans_;
  heads = heads_;
  keyHeads = keyHeads_;
  width = width_;
  causal = causal_;
  queryCos = queryCos_;
  querySin = querySin_;
  keyCos = keyCos_;
  keySin = keySin_;
  mostKeys = 0;
  for (let s = 0; s < sequences; s++) mostKeys = max(mostKeys, load<i32>(spans + ((<usize>s) << 4), 12));
  scoreRow = (mostKeys + 3) & ~3;
  return gemmScratchBytes() + 4 * (2 * mostKeys * width + 2 * QUERIES * width + 2 * QUERIES * scoreRow);
}

function place(scratch: usize): void {
  gemmScratch = scratch;
  turnedKeys = scratch + gemmScratchBytes();
  keyGradient = turnedKeys + 4 * <usize>(mostKeys * width);
  turnedQueries = keyGradient + 4 * <usize>(mostKeys * width);
  queryGradient = turnedQueries + 4 * <usize>(QUERIES * width);
  scores = queryGradient + 4 * <usize>(QUERIES * width);
  slopes = scores + 4 * <usize>(QUERIES * scoreRow);
}

function open(sequence: i32): void {
  const span = spans + ((<usize>sequence) << 4);
  firstQuery = load<i32>(span);
  queries = load<i32>(span, 4);
  firstKey = load<i32>(span, 8);
  keys = load<i32>(span, 12);
}

/**
 * q, out [·, heads·width]; k, v [·, keyHeads·width]. Rows of `out` that belong to no sequence stay as they
 * are.
 */
export function attention(q: usize, k: usize, v: usize, out: usize, scratch: usize): void {
  place(scratch);
  const group = heads / keyHeads;
  for (let s = 0; s < sequences; s++) {
    open(s);
    for (let g = 0; g < keyHeads; g++) {
      const keyAt = at(firstKey, keyHeads, g);
      turnRows(k + keyAt, keyHeads, keyCos, keySin, 0, keys, turnedKeys);
      for (let h = g * group; h < (g + 1) * group; h++) {
        for (let i = 0; i < queries; i += QUERIES) {
          const rows = min(QUERIES, queries - i);
          const read = keysRead(i + rows);
          const queryAt = at(firstQuery + i, heads, h);
          turnRows(q + queryAt, heads, queryCos, querySin, keys - queries + i, rows, turnedQueries);
          probabilities(i, rows, read);
          gemm(
            rows,
            width,
            read,
            scores,
            scoreRow,
            1,
            v + keyAt,
            keyHeads * width,
            1,
            0,
            out + queryAt,
            heads * width,
            0,
            0,
            gemmScratch,
          );
        }
      }
    }
  }
}

/**
 * dq, dk, dv from dOut, shapes as above. Nothing of the way there is needed: the probabilities are made
 * again.
 */
export function attentionGradient(
  q: usize,
  k: usize,
  v: usize,
  dOut: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  scratch: usize,
): void {
  place(scratch);
  const group = heads / keyHeads;
  const queryRow = heads * width;
  const keyRow = keyHeads * width;
  for (let s = 0; s < sequences; s++) {
    open(s);
    memory.fill(dv + at(firstKey, keyHeads, 0), 0, 4 * <usize>(keys * keyRow));
    for (let g = 0; g < keyHeads; g++) {
      const keyAt = at(firstKey, keyHeads, g);
      turnRows(k + keyAt, keyHeads, keyCos, keySin, 0, keys, turnedKeys);
      memory.fill(keyGradient, 0, 4 * <usize>(keys * width));
      for (let h = g * group; h < (g + 1) * group; h++) {
        for (let i = 0; i < queries; i += QUERIES) {
          const rows = min(QUERIES, queries - i);
          const read = keysRead(i + rows);
          const queryAt = at(firstQuery + i, heads, h);
          turnRows(q + queryAt, heads, queryCos, querySin, keys - queries + i, rows, turnedQueries);
          probabilities(i, rows, read);
          gemm(
            rows,
            read,
            width,
            dOut + queryAt,
            queryRow,
            1,
            v + keyAt,
            1,
            keyRow,
            0,
            slopes,
            scoreRow,
            0,
            0,
            gemmScratch,
          );
          gemm(
            read,
            width,
            rows,
            scores,
            1,
            scoreRow,
            dOut + queryAt,
            queryRow,
            1,
            0,
            dv + keyAt,
            keyRow,
            dv + keyAt,
            keyRow,
            gemmScratch,
          );
          throughSoftmax(rows, read);
          gemm(
            rows,
            width,
            read,
            slopes,
            scoreRow,
            1,
            turnedKeys,
            width,
            1,
            0,
            queryGradient,
            width,
            0,
            0,
            gemmScratch,
          );
          turnBack(queryGradient, queryCos, querySin, keys - queries + i, rows, dq + queryAt, heads);
          gemm(
            read,
            width,
            rows,
            slopes,
            1,
            scoreRow,
            turnedQueries,
            width,
            1,
            0,
            keyGradient,
            width,
            keyGradient,
            width,
            gemmScratch,
          );
        }
      }
      turnBack(keyGradient, keyCos, keySin, 0, keys, dk + keyAt, keyHeads);
    }
  }
}

/**
 * New keys (rotated) and values into a cache: rows k, v of each sequence's queries go to its last places in
 * `cachedKeys`, `cachedValues`. The attention over them is then set without tables for keys.
 */
export function remember(k: usize, v: usize, cachedKeys: usize, cachedValues: usize): void {
  const rowBytes = at(1, keyHeads, 0);
  const headBytes = (<usize>width) << 2;
  for (let s = 0; s < sequences; s++) {
    open(s);
    const from = at(firstQuery, keyHeads, 0);
    const to = at(firstKey + keys - queries, keyHeads, 0);
    memory.copy(cachedValues + to, v + from, <usize>queries * rowBytes);
    for (let i = 0; i < queries; i++) {
      const table = <usize>(keys - queries + i) * headBytes;
      const row = <usize>i * rowBytes;
      for (let head: usize = 0; head < rowBytes; head += headBytes) {
        turn(k + from + row + head, keyCos + table, keySin + table, 0, cachedKeys + to + row + head);
      }
    }
  }
}

/** Byte offset of head h of a row with `all` heads. */
function at(row: i32, all: i32, h: i32): usize {
  return (<usize>((row * all + h) * width)) << 2;
}

/** Keys that the queries before `endQuery` read. */
function keysRead(endQuery: i32): i32 {
  return causal ? keys - queries + endQuery : keys;
}

/**
 * `scores` [rows, read] ← softmax of the rotated queries' products with the rotated keys; 0 where a query may
 * not read.
 */
function probabilities(i: i32, rows: i32, read: i32): void {
  gemm(
    rows,
    read,
    width,
    turnedQueries,
    width,
    1,
    turnedKeys,
    1,
    width,
    0,
    scores,
    scoreRow,
    0,
    0,
    gemmScratch,
  );
  let row = scores;
  for (let r = 0; r < rows; r++) {
    softmaxRow(row, keysRead(i + r + 1), read);
    row += (<usize>scoreRow) << 2;
  }
}

/** The first `count` numbers become probabilities, those up to `read` 0. */
function softmaxRow(row: usize, count: i32, read: i32): void {
  const end = row + ((<usize>count) << 2);
  const padded = row + ((<usize>((count + 3) & ~3)) << 2);
  // scoreRow is a multiple of 4, so that the last vector stays within the row.
  for (let x = end; x < padded; x += 4) store<f32>(x, -Infinity);
  let highest4 = f32x4.splat(-Infinity);
  for (let x = row; x < padded; x += 16) highest4 = f32x4.max(highest4, v128.load(x));
  const highest = f32x4.splat(
    max(
      max(f32x4.extract_lane(highest4, 0), f32x4.extract_lane(highest4, 1)),
      max(f32x4.extract_lane(highest4, 2), f32x4.extract_lane(highest4, 3)),
    ),
  );
  for (let x = row; x < padded; x += 16) v128.store(x, exp4(f32x4.sub(v128.load(x), highest)));
  for (let x = end; x < padded; x += 4) store<f32>(x, 0);
  let sums = f32x4.splat(0);
  for (let x = row; x < padded; x += 16) sums = f32x4.add(sums, v128.load(x));
  const scale = f32x4.splat(<f32>1 / sum4(sums));
  for (let x = row; x < padded; x += 16) v128.store(x, f32x4.mul(v128.load(x), scale));
  for (let x = end; x < row + ((<usize>read) << 2); x += 4) store<f32>(x, 0);
}

/** `slopes` ← P ⊙ (slopes − Σ P ⊙ slopes), row by row. */
function throughSoftmax(rows: i32, read: i32): void {
  const whole = (<usize>(read & ~3)) << 2;
  const end = (<usize>read) << 2;
  let p = scores;
  let d = slopes;
  for (let r = 0; r < rows; r++) {
    let lanes = f32x4.splat(0);
    for (let x: usize = 0; x < whole; x += 16)
      lanes = f32x4.add(lanes, f32x4.mul(v128.load(p + x), v128.load(d + x)));
    let sum = sum4(lanes);
    for (let x = whole; x < end; x += 4) sum += load<f32>(p + x) * load<f32>(d + x);
    const all = f32x4.splat(sum);
    for (let x: usize = 0; x < whole; x += 16)
      v128.store(d + x, f32x4.mul(v128.load(p + x), f32x4.sub(v128.load(d + x), all)));
    for (let x = whole; x < end; x += 4) store<f32>(d + x, load<f32>(p + x) * (load<f32>(d + x) - sum));
    p += (<usize>scoreRow) << 2;
    d += (<usize>scoreRow) << 2;
  }
}

/** One head of `rows` rows, positions from `position` on, rotated, to `to` [rows, width]. */
function turnRows(from: usize, all: i32, cos: usize, sin: usize, position: i32, rows: i32, to: usize): void {
  const bytes = (<usize>width) << 2;
  const stride = <usize>all * bytes;
  let table = <usize>position * bytes;
  for (let r = 0; r < rows; r++) {
    if (cos) turn(from, cos + table, sin + table, 0, to);
    else memory.copy(to, from, bytes);
    from += stride;
    to += bytes;
    table += bytes;
  }
}

/** The transpose of the rotation: `from` [rows, width] to one head of `rows` rows. */
function turnBack(from: usize, cos: usize, sin: usize, position: i32, rows: i32, to: usize, all: i32): void {
  const bytes = (<usize>width) << 2;
  const stride = <usize>all * bytes;
  let table = <usize>position * bytes;
  for (let r = 0; r < rows; r++) {
    if (cos) turn(from, cos + table, sin + table, bytes >> 1, to);
    else memory.copy(to, from, bytes);
    from += bytes;
    to += stride;
    table += bytes;
  }
}

/**
 * y_i = x_i cos_i + x_i' sin_j, i' the partner of i in the other half, and j = i on the way there (`swapped`
 * 0), i' on the way back (half a head).
 */
// @ts-ignore: decorator
@inline
function turn(x: usize, cos: usize, sin: usize, swapped: usize, y: usize): void {
  const half = (<usize>width) << 1;
  const other = half - swapped;
  let i: usize = 0;
  for (; i + 16 <= half; i += 16) {
    const low = v128.load(x + i);
    const high = v128.load(x + half + i);
    v128.store(
      y + i,
      f32x4.add(f32x4.mul(low, v128.load(cos + i)), f32x4.mul(high, v128.load(sin + swapped + i))),
    );
    v128.store(
      y + half + i,
      f32x4.add(f32x4.mul(high, v128.load(cos + half + i)), f32x4.mul(low, v128.load(sin + other + i))),
    );
  }
  for (; i < half; i += 4) {
    const low = load<f32>(x + i);
    const high = load<f32>(x + half + i);
    store<f32>(y + i, low * load<f32>(cos + i) + high * load<f32>(sin + swapped + i));
    store<f32>(y + half + i, high * load<f32>(cos + half + i) + low * load<f32>(sin + other + i));
  }
}
