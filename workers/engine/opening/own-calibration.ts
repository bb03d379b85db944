/** Calibration that a person brought, as an open session holds it (running/read-calibration.ts makes it). */
import type { DataSet } from './data-set.ts';

export interface OwnCalibration {
  /** Every question about every image that could be decoded. */
  readonly set: DataSet;
  /** The index of the image that has most pixels. */
  readonly largest: number;
  /** Prompts for the second teacher; null where the trio's own are used. */
  readonly traces: readonly string[] | null;
  /** How many tokens an answer may have. */
  readonly maxAnswerTokens: number;
  /** Whether an image is given to the tower as one tile, whatever its processor would cut it into. */
  readonly wholeImages: boolean;
}
