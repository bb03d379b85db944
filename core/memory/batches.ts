/**
 * How much of a run is computed at once, and how much is kept. These are the bounds of workers/distill
 * (generateAll, teachingSet, student, backward) that the memory of a run follows from.
 */

/** Prompts answered together, as long as their keys and values fit. */
export const answeredTogether = 64;
export const answerCacheBytes = 192 * 2 ** 20;

/**
 * Items whose teacher's distributions are asked for together, as long as these fit; several copies are on the
 * device at the same time.
 */
export const taughtTogether = 32;
export const taughtLogitBytes = 64 * 2 ** 20;

/** Distributions of all items are kept up to here; beyond, they are asked for again in each step. */
export const keptDistributionBytes = 256 * 2 ** 20;

/**
 * Merged matrices of all layers stay for a whole step up to here; beyond, each is made anew when its layer is
 * computed.
 */
export const keptMergedBytes = 512 * 2 ** 20;

/**
 * Up to this size one tape runs through all layers; beyond it each layer is computed again by itself. It is a
 * quarter of what is budgeted for a model's weights on WebAssembly (1.5 GB).
 */
export const tapeLimitBytes = 384 * 2 ** 20;
