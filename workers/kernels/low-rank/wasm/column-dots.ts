/** Dot products of columns, scaled. */

/** out_j = scale_j Σ_i a_ij b_ij over `rows` rows, row by row. */
export function columnDots(rows: i32, width: i32, a: usize, b: usize, scale: usize, out: usize): void {
  const bytes = (<usize>width) << 2;
  const whole = (<usize>(width & ~3)) << 2;
  memory.fill(out, 0, bytes);
  for (let i = 0; i < rows; i++) {
    for (let at: usize = 0; at < whole; at += 16) {
      v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.mul(v128.load(a + at), v128.load(b + at))));
    }
    for (let at = whole; at < bytes; at += 4)
      store<f32>(out + at, load<f32>(out + at) + load<f32>(a + at) * load<f32>(b + at));
    a += bytes;
    b += bytes;
  }
  for (let at: usize = 0; at < bytes; at += 4)
    store<f32>(out + at, load<f32>(out + at) * load<f32>(scale + at));
}
