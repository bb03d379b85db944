/** Our decompositions of a matrix that was fetched before. */
import { previewRank } from '../../../workers/engine/decomposing/decompose-plan.ts';
import { randomisedTopK } from '../../../workers/kernels/svd/randomised.ts';
import { thinSvd } from '../../../workers/kernels/svd/svd.ts';
import { symmetricEigen } from '../../../workers/kernels/svd/eigen/symmetric-eigen.ts';
import { tfjsVisits } from '../../../workers/kernels/svdgpu/device.ts';
import { hybridSvd } from '../../../workers/kernels/svdgpu/hybrid.ts';
import type { SvdTasks } from '../api.ts';
import { startOn } from './device.ts';

export function svdTasks(): SvdTasks {
  let matrix = { values: new Float32Array(1), rows: 1, cols: 1 };
  const { signal } = new AbortController();
  return {
    async loadMatrix(url, rows, cols) {
      const values = new Float32Array(await (await fetch(url)).arrayBuffer());
      if (values.length !== rows * cols)
        throw new Error(`${url} holds ${values.length} values, not ${rows} × ${cols}.`);
      matrix = { values, rows, cols };
    },
    async thinSvdMs() {
      const begun = performance.now();
      thinSvd(matrix.values, matrix.rows, matrix.cols);
      return performance.now() - begun;
    },
    async previewMs() {
      const begun = performance.now();
      randomisedTopK(matrix.values, matrix.rows, matrix.cols, previewRank, 1);
      return performance.now() - begun;
    },
    async gpuSvd() {
      await startOn('webgpu');
      const begun = performance.now();
      const svd = await hybridSvd(
        matrix.values,
        matrix.rows,
        matrix.cols,
        { device: tfjsVisits(signal), solveEigen: symmetricEigen, exact: thinSvd },
        signal,
      );
      return { ms: performance.now() - begun, handedBack: svd.by === 'device' ? null : svd.because };
    },
    singularValues: async () => [...thinSvd(matrix.values, matrix.rows, matrix.cols).s],
  };
}
