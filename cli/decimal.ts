/** A decimal number as it is written: `0.3`, `1e-4`. NaN for all else, hexadecimal and other notations included. */
export const readDecimal = (text: string): number =>
  /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
