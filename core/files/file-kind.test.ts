import { expect, test } from 'vitest';
import { fileKind } from './file-kind.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.each([
  ['photo.jpg', '\xff\xd8\xff\xe0', /an image/, /Try it/],
  ['scan', '\x89PNG\r\n\x1a\n', /an image/, /Calibration images/],
  ['IMG_1.heic', '\0\0\0\x18ftypheic', /HEIC photo/, /JPEG/],
  ['model.gguf', 'GGUF\x03\0\0\0', /GGUF/, /safetensors/],
  ['renamed.safetensors', 'GGUF\x03\0\0\0', /GGUF/, /safetensors/],
  ['pytorch_model.bin', 'PK\x03\x04', /can run code/, /save_pretrained/],
  ['consolidated.00.pth', '\x80\x02', /can run code/, /save_pretrained/],
  ['frism-merged.zip', 'PK\x03\x04', /zip/, /Unpack/],
  ['weights.npz', 'PK\x03\x04', /numpy/, /safetensors/],
  ['model.tar.gz', '\x1f\x8b\x08', /an archive/, /Unpack/],
  ['model.safetensors', '\x10\0\0\0\0\0\0\0{', /weights file by itself/, /whole folder/],
  ['config.json', '{"a":1}', /one file of a model folder/, /whole folder/],
  ['model.safetensors.index.json', '{"a":1}', /one file of a model folder/, /whole folder/],
  ['merges.txt', '#version', /one file of a model folder/, /whole folder/],
  ['other.json', '  {"a":1}', /a JSON file/, /recipe\.json/],
  ['paper.pdf', '%PDF-1.7', /PDF/, /PNG/],
  ['questions.txt', 'What is this?\nWhere is it?', /a text/, /Calibration images/],
  ['nothing.bin', '', /empty/, /whole/],
  ['random.dat', '\x00\x01\x02\xff\xfe', /does not know/, /Drop/],
])('%s is told what it is and where it goes', (name, head, what, goes) => {
  const kind = fileKind(name, bytes(head));
  expect(kind.name).toMatch(what);
  expect(kind.goes).toMatch(goes);
  expect(kind.goes).toMatch(/^[A-Z].*\.$/);
});
