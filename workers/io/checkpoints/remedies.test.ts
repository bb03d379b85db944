import { describe, expect, it } from 'vitest';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { openCheckpoint } from './checkpoint.ts';

const config = '{"architectures":["X"]}';
const weights = buildSafetensors(
  [{ name: 'a', dtype: 'U8', shape: [1], bytes: Uint8Array.of(1) }],
  new Map(),
);
const utf16 = (text: string, { mark, little }: { mark: boolean; little: boolean }): Uint8Array => {
  const units = [...(mark ? [0xfeff] : []), ...Array.from(text, (one) => one.charCodeAt(0))];
  return Uint8Array.from(
    units.flatMap((unit) => (little ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])),
  );
};
const withTail = (bytes: Uint8Array, count: number): Uint8Array => {
  const longer = new Uint8Array(bytes.length + count);
  longer.set(bytes);
  return longer;
};

describe('a file that cannot be read says what it is, why that matters and what to do', () => {
  it.each<[string, Record<string, Uint8Array | string>, RegExp]>([
    [
      'config.json in UTF-16',
      { 'config.json': utf16(config, { mark: true, little: true }) },
      /config\.json is not valid UTF-8 text: it is UTF-16.*transformers does not read it.*Save it as UTF-8\./,
    ],
    [
      'the other order of bytes',
      { 'config.json': utf16(config, { mark: true, little: false }) },
      /it is UTF-16.*Save it as UTF-8\./,
    ],
    [
      'an index in another encoding',
      {
        'config.json': config,
        'model.safetensors.index.json': Uint8Array.of(0x7b, 0xe9, 0x7d),
      },
      /index\.json is not valid UTF-8 text.*Download the file again, or save it as UTF-8/,
    ],
    [
      'weights of no bytes',
      { 'config.json': config, 'model.safetensors': '' },
      /is empty \(0 bytes\).*broke off.*Download the file again\./,
    ],
    [
      'bytes after the last tensor',
      { 'config.json': config, 'model.safetensors': withTail(weights, 3) },
      /has 3 bytes after the last tensor.*safetensors refuses.*Download the file again, or write it again/,
    ],
    [
      'weights that are another format',
      { 'config.json': config, 'model.safetensors': `${'\u0002'}${'\0'.repeat(7)}xx` },
      /header does not start with "\{".*Download the file again/,
    ],
  ])('%s', async (_, files, message) => {
    const opening = openCheckpoint(
      memoryFolder('m', {
        ...(!('model.safetensors.index.json' in files) && { 'model.safetensors': weights }),
        ...files,
      }),
    );
    await expect(opening).rejects.toMatchObject({ code: 'bad-file' });
    await expect(opening).rejects.toThrow(message);
  });
});
