/** Reading a checkpoint that a person picked, by the studio's own readers. */
import { openCheckpoint } from '../../../workers/io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../../workers/io/contract.ts';
import { pickedFolder } from '../../../workers/io/folders/picked-folder.ts';
import type { IoTasks } from '../api.ts';

export function ioTasks(): IoTasks {
  let folder: ReturnType<typeof pickedFolder> | null = null;
  let opened: Checkpoint | null = null;
  const checkpoint = (): Checkpoint => {
    if (!opened) throw new Error('No folder was picked.');
    return opened;
  };
  return {
    async useFolder(source) {
      folder = pickedFolder(source);
      opened = await openCheckpoint(folder);
    },
    async openMs() {
      const begun = performance.now();
      if (folder) await openCheckpoint(folder);
      return performance.now() - begun;
    },
    async readMs(names) {
      const begun = performance.now();
      for (const name of names) await checkpoint().readFloat32(name);
      return performance.now() - begun;
    },
    async total(name) {
      return (await checkpoint().readFloat32(name)).reduce((sum, value) => sum + value, 0);
    },
  };
}
