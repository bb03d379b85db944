/** A LoRA adapter on the command line: where it can stand, and what is said of it. */
import { expect, test } from 'vitest';
import { demo, frism } from './testing/run-frism.ts';

const of = (name: string) => `zoo/reference/adapter/${name}`;

test.each([
  ['base', ['--base', of('plain'), '--vlm', of('base'), '--lrm', of('base')]],
  ['VLM', ['--base', of('base'), '--vlm', of('plain'), '--lrm', of('base')]],
])('given as %s it is told that it may stand in for the reasoning model', async (_, words) => {
  const { code, stderr } = await frism('pair', ...words);
  expect(code).toBe(1);
  expect(stderr).toMatch(/LoRA adapter and no whole model.*may stand in for the reasoning model \(LRM\)/);
});

test('as the model of generate it asks for its base, and a whole model takes none', async () => {
  const ask = ['--prompt', '2+3', '--raw'];
  const alone = await frism('generate', '--model', of('plain'), ...ask);
  expect([alone.code, alone.stderr]).toEqual([1, expect.stringMatching(/read on top of the model/)]);
  const whole = await frism('generate', '--model', demo('lrm'), '--base', demo('base'), ...ask);
  expect([whole.code, whole.stderr]).toEqual([2, expect.stringMatching(/--base is for an adapter alone/)]);
});

test('pair names what an adapter changes beside the layers, and that the head is untied', async () => {
  const words = ['--base', of('base'), '--vlm', of('base'), '--lrm', of('variants/embedding-tied')];
  const { json } = await frism('pair', ...words, '--json');
  const codes = (json.findings as { code: string }[]).map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['adapter-beyond-layers', 'adapter-unties-head']));
});

test('an untrained PiSSA adapter changes nothing, and a finding says how it began', async () => {
  const words = ['--base', of('base'), '--vlm', of('base'), '--lrm', of('variants/pissa-untrained')];
  const { json } = await frism('pair', ...words, '--json');
  expect((json.findings as { code: string }[]).map(({ code }) => code)).toContain('adapter-took-from-base');
  const tuned = of('variants/pissa-untrained');
  const spectrum = await frism('spectra', '--base', of('base'), '--tuned', tuned, '--kinds', 'q', '--json');
  expect(spectrum.json.tensors).toHaveLength(2);
  for (const { singularValues } of spectrum.json.tensors as { singularValues: number[] }[])
    expect(singularValues[0]).toBeLessThan(1e-5);
});
