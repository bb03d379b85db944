import { expect, test } from 'vitest';
import type { FolderSource } from '../../../protocol/session.ts';
import { folderFromInput, obviousProblem } from './folder.ts';

const file = new Blob();
const folder = (...paths: string[]): FolderSource => ({
  label: 'qwen',
  files: paths.map((path) => ({ path, file })),
});

test('a checkpoint folder has nothing obviously wrong', () => {
  expect(
    obviousProblem(folder('config.json', 'model-00001-of-00002.safetensors', 'README.md'), 'lrm'),
  ).toBeNull();
});

test('a folder too high, without a config, or with pickled weights is named so', () => {
  expect(obviousProblem(folder('adapter_config.json', 'adapter_model.safetensors'), 'lrm')).toBeNull();
  expect(obviousProblem(folder('adapter_config.json'), 'lrm')).toMatch(/no config\.json/);
  expect(obviousProblem(folder('snapshots/abc/config.json'), 'lrm')).toMatch(/snapshots\/abc/);
  expect(obviousProblem(folder('notes.txt'), 'lrm')).toMatch(/no config\.json/);
  expect(obviousProblem(folder('config.json', 'pytorch_model.bin'), 'lrm')).toMatch(
    /pickled.*save_pretrained/,
  );
  expect(obviousProblem(folder('config.json', 'x-Q4.gguf'), 'lrm')).toMatch(/x-Q4\.gguf.*llama\.cpp/);
  expect(obviousProblem(folder('x-Q4.gguf', 'README.md'), 'lrm')).toMatch(/no config\.json.*llama\.cpp/);
  expect(obviousProblem(folder('vlm/config.json', 'lrm/config.json', 'base/config.json'), 'lrm')).toMatch(
    /models in its subfolders vlm\/, lrm\/, base\/: choose one/,
  );
  expect(obviousProblem(folder('config.json', 'onnx/model.onnx'), 'lrm')).toMatch(/Download the weights/);
});

test('an adapter is right under LRM, and told where it goes elsewhere; other adapters are named', () => {
  const lora = folder('adapter_config.json', 'adapter_model.safetensors');
  expect(obviousProblem(lora, 'lrm')).toBeNull();
  expect(obviousProblem(lora, 'base')).toMatch(/may stand in for the reasoning model \(LRM\)/);
  expect(obviousProblem(lora, 'vlm')).toMatch(/may stand in for the reasoning model \(LRM\)/);
  expect(obviousProblem(folder('adapter_config.json', 'adapter_model.bin'), 'lrm')).toMatch(/pickled form/);
  expect(obviousProblem(folder('adapter_config.json', 'adapters.safetensors'), 'lrm')).toMatch(
    /mlx_lm\.fuse/,
  );
  expect(obviousProblem(folder('pytorch_lora_weights.safetensors'), 'lrm')).toMatch(/image generation/);
});

test('paths from an input lose the folder’s own name', () => {
  const files = [
    Object.assign(new Blob(), { name: 'config.json', webkitRelativePath: 'qwen/sub/config.json' }),
  ] as unknown as File[];
  expect(folderFromInput(files)).toMatchObject({ label: 'qwen', files: [{ path: 'sub/config.json' }] });
  expect(folderFromInput([])).toBeNull();
});
