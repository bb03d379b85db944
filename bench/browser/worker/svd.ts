/** Our thin SVD of a matrix that was fetched before. */
import { thinSvd } from '../../../workers/kernels/svd/svd.ts';
import type { WorkerApi } from '../api.ts';

export function svdTasks(): Pick<WorkerApi, 'loadMatrix' | 'thinSvdMs' | 'singularValues'> {
  let matrix = { values: new Float32Array(1), rows: 1, cols: 1 };
  return {
    async loadMatrix(url, rows, cols) {
      const values = new Float32Array(await (await fetch(url)).arrayBuffer());
      if (values.length !== rows * cols) throw new Error(`${url} holds ${values.length} values, not ${rows} × ${cols}.`);
      matrix = { values, rows, cols };
    },
    async thinSvdMs() {
      const begun = performance.now();
      thinSvd(matrix.values, matrix.rows, matrix.cols);
      return performance.now() - begun;
    },
    singularValues: async () => [...thinSvd(matrix.values, matrix.rows, matrix.cols).s],
  };
}
