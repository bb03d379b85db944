/** Rows taken out of a matrix and put back. */

/**
 * y [count, width] ← the chosen rows of x [limit, width]. False, and y unfinished, when there is no such row.
 */
export function gatherRows(count: i32, width: i32, limit: i32, x: usize, rows: usize, y: usize): bool {
  const bytes = (<usize>width) << 2;
  for (let i = 0; i < count; i++) {
    const row = load<i32>(rows + ((<usize>i) << 2));
    if (<u32>row >= <u32>limit) return false;
    memory.copy(y + <usize>i * bytes, x + <usize>row * bytes, bytes);
  }
  return true;
}

/** dx [limit, width] ← 0, then dy's rows added to the rows they came from, in order. */
export function scatterRows(count: i32, width: i32, limit: i32, dy: usize, rows: usize, dx: usize): bool {
  const bytes = (<usize>width) << 2;
  const whole = (<usize>(width & ~3)) << 2;
  memory.fill(dx, 0, <usize>limit * bytes);
  for (let i = 0; i < count; i++) {
    const row = load<i32>(rows + ((<usize>i) << 2));
    if (<u32>row >= <u32>limit) return false;
    const to = dx + <usize>row * bytes;
    for (let at: usize = 0; at < whole; at += 16)
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(dy + at)));
    for (let at = whole; at < bytes; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(dy + at));
    dy += bytes;
  }
  return true;
}
