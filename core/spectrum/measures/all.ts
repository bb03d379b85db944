/** The spectral measures, a line each. The name that a measure is exported by is its id. */
export { effectiveRank } from './effective-rank.ts';
export { frobenius } from './frobenius.ts';
export { gavishDonohoRank } from './gavish-donoho-rank.ts';
export { noiseEdge } from './noise-edge.ts';
export { participationRatio } from './participation-ratio.ts';
export { stableRank } from './stable-rank.ts';
