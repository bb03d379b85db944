/** The same output, with a list of what was written. */
import type { OutputFolder } from '../contract.ts';

export interface WrittenFile {
  readonly path: string;
  readonly sizeBytes: number;
}

export function countingOutput(output: OutputFolder): {
  readonly output: OutputFolder;
  readonly files: readonly WrittenFile[];
} {
  const files: WrittenFile[] = [];
  const counting: OutputFolder = {
    ...output,
    async create(path, signal) {
      const file = await output.create(path, signal);
      let sizeBytes = 0;
      return {
        async write(bytes) {
          await file.write(bytes);
          sizeBytes += bytes.length;
        },
        async close() {
          await file.close();
          files.push({ path, sizeBytes });
        },
      };
    },
  };
  return { output: counting, files };
}
