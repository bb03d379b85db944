/**
 * Columns of W at a time (orthogonal.ts, weak.ts): they stay in the cache between the product and what is
 * done with it.
 */
export const STRIP = 512;
