/** An export that breaks off and cannot clean up says what it left, and where. */
import { expect, test } from 'vitest';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { StudioError } from '../../../core/errors.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

test('what could not be taken away is named with the fault', async () => {
  let left: readonly string[] = [];
  const engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async () => ({
      ...memoryOutput('picked', 2 ** 30),
      create: () =>
        Promise.reject(
          new StudioError('missing', 'recipe.json could not be written: no room.', { retryable: true }),
        ),
      discard: async () => left,
    }),
    cache: memoryFactorCache(),
  });
  await engine.connect('wasm');
  const { defaults } = await engine.open(
    'open',
    { kind: 'manifest', url: 'public/models/demo' },
    () => undefined,
  );
  const run = async () =>
    engine.exportMerged(
      'x',
      { run: defaults, gates: await engine.gates(), format: { kind: 'checkpoint', maxShardBytes: null } },
      { kind: 'archive' },
      () => undefined,
    );
  await expect(run()).rejects.toMatchObject({
    code: 'missing',
    message: 'recipe.json could not be written: no room.',
  });
  left = ['model.safetensors', 'config.json'];
  await expect(run()).rejects.toMatchObject({
    code: 'missing',
    retryable: true,
    message: expect.stringContaining('Remove model.safetensors, config.json from picked.'),
    details: { left: 'model.safetensors, config.json' },
  });
});
