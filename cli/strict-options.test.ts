/** Of what stands on a command line nothing is dropped in silence. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { defaultOptions } from '../core/objective/options.ts';
import { encodeRecipe } from '../core/recipe/encode.ts';
import { recipe, text } from '../core/recipe/testing/recipe.ts';
import { calibrationOptions, idleTraces, readCalibration } from './calibration.ts';
import { readSettings } from './options.ts';
import { demo, frism, trio } from './testing/run-frism.ts';
import { readArguments } from './usage.ts';

const scratch: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'frism-strict-'));
  scratch.push(made);
  return made;
};
afterEach(() => scratch.splice(0).forEach((made) => rmSync(made, { recursive: true })));

const ask = ['generate', '--model', demo('vlm')];
test.each([
  [
    [...ask, '--prompt', 'a', '--image', 'a.png', '--image', 'b.png'],
    /--image was given twice, as “a\.png” and/,
  ],
  [
    [...ask, '--prompt', 'a', '--prompt=b'],
    /--prompt was given twice, as “a” and as “b”\. It takes one value/,
  ],
  [[...ask, '--prompt', '', '--prompt', 'b'], /--prompt was given twice/],
  [['pair', ...trio, '--layers', '0', '--layers', '3'], /--layers was given twice, as “0” and as “3”/],
  [['pair', ...trio, '--lrm', demo('base')], /--lrm was given twice/],
  [['merge', ...trio, '--out', 'x', '--out', 'y'], /--out was given twice/],
  [['pair', ...trio, '--layers', ''], /--layers is empty\. Give it a value, or leave it out/],
  [['pair', ...trio, '--kinds', ' '], /--kinds is empty/],
  [['merge', ...trio, '--out', ''], /--out is empty/],
  [['distill', ...trio, '--calibration', 'x', '--question', ''], /--question is empty/],
  [['generate', '--model', '', '--prompt', 'a'], /--model is empty/],
  [[...ask, '--prompt', '-5+2'], /--prompt takes a value, and “-5\+2” begins as .*write --prompt=-5\+2\./],
  [['generate', '--prompt', 'a', '--max-tokens', '-1', '--model', 'x'], /write --max-tokens=-1\./],
  [[...ask, '--prompt', 'a', '--max-tokens=-1'], /--max-tokens is a number from 1 to/],
  [['inspect', ''], /DIR\|FILE is empty/],
  [
    ['merge', ...trio, '--out', 'x', '--set', 'lambda=0x10'],
    /--set lambda=0x10: “0x10” is not a decimal number/,
  ],
  [['distill', ...trio, '--set', 'steps=0b11'], /--set steps=0b11: “0b11” is not a decimal number/],
  [['distill', ...trio, '--set', 'alpha=Infinity'], /is not a decimal number/],
  [['distill', ...trio, '--budget', '0x10'], /--budget is a number from 1 to 1000000, not “0x10”/],
  [['distill', ...trio, '--basis', 'fourier'], /no --basis “fourier”\. It is one of svd, random, neurons/],
  [['distill', ...trio, '--basis', 'constructor'], /no --basis “constructor”/],
  [['distill', ...trio, '--basis-seed', '3'], /--basis-seed is for --basis random/],
  [
    ['distill', ...trio, '--basis', 'neurons', '--basis-seed', '3'],
    /--basis-seed would change nothing: the basis neurons is not drawn/,
  ],
  [['distill', ...trio, '--basis', 'random', '--basis-seed', '1.5'], /--basis-seed is a whole number/],
  [[...ask, '--prompt', 'a', '--max-tokens', '0o7'], /--max-tokens is a number from/],
  [
    ['evaluate', ...trio, '--set', 'steps=5'],
    /--set steps=5 would change nothing: the VLM by itself is measured/,
  ],
  [
    ['evaluate', ...trio, '--method', 'task-arithmetic', '--set', 'steps=5'],
    /--set steps=5 would change nothing: of the options only lambda changes what is measured/,
  ],
  [
    ['evaluate', ...trio, '--recipe', 'x.json', '--set', 'alpha=2'],
    /--set alpha=2 would change nothing: of the options only lambda/,
  ],
  [['merge', ...trio, '--out', 'x', '--recipe', 'x.json', '--hash'], /--hash would change nothing/],
  [['merge', ...trio, '--out', 'x', '--method', 'iso-c', '--hash'], /--hash would change nothing/],
  [
    ['merge', ...trio, '--out', 'x', '--method', 'level', '--recipe', 'x.json', '--hash'],
    /--hash would change nothing/,
  ],
])('%j is refused before anything is opened', async (words, complaint) => {
  const { code, stdout, stderr } = await frism(...words);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(complaint);
});

test('a flag may stand twice, an option of several values as often as it is wanted, and a prompt may be empty', () => {
  const options = {
    ask: { about: '', value: 'T', many: true },
    prompt: { about: '', value: 'T', mayBeEmpty: true },
  };
  const given = readArguments({ name: 'x', about: '', options }, [
    ...['--ask', 'a', '--json', '--ask', 'a', '--json', '--prompt', ''],
  ]);
  expect([given.many('ask'), given.text('prompt'), given.flag('json')]).toEqual([['a', 'a'], '', true]);
});

test('numbers are decimal: with a point, a sign or an exponent', () => {
  const read = (text: string) => readSettings([`k=${text}`], ['k']).get('k');
  expect(['3', '+.5', '2.', '1e-4', '-1E2', ' 7 '].map(read)).toEqual([3, 0.5, 2, 1e-4, -100, 7]);
  for (const text of ['', ' ', '.', 'e5', '1_000', '1,5', '0x1', 'NaN', '1e', '１'])
    expect(() => read(text), text).toThrow('is not a decimal number');
});

test('a budget beside a recipe that has another is refused; where they agree, work goes on', async () => {
  const place = join(folder(), 'recipe.json');
  const distil = (...words: string[]) => frism('distill', '--recipe', place, ...words);
  writeFileSync(place, text);
  expect(await distil('--budget', '16')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /--budget 16 does not go with this recipe, whose gates are one for each subspace/,
    ),
  });
  const slots = recipe.slots.map((slot) => ({
    ...slot,
    gates: slot.gates.slice(0, 3),
    locks: slot.locks.slice(0, 3),
  }));
  writeFileSync(place, encodeRecipe({ ...recipe, budget: 2, slots }));
  expect((await distil('--budget', '16')).stderr).toMatch(
    /whose gates are laid out by a budget of 2\. Leave/,
  );
  // What is missing next is the models.
  expect((await distil('--budget', '2')).stderr).toMatch(/Give --base, --vlm and --lrm, or --manifest/);
});

test('a basis beside a recipe that has another is refused; where they agree, work goes on', async () => {
  const place = join(folder(), 'recipe.json');
  const distil = (...words: string[]) => frism('distill', '--recipe', place, ...words);
  writeFileSync(place, encodeRecipe({ ...recipe, basis: { id: 'random', seed: 3 } }));
  for (const words of [['random'], ['random', '--basis-seed', '4'], ['svd'], ['neurons']])
    expect(await distil('--basis', ...words)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `--basis ${words[0]} does not go with this recipe, whose gates are of random orthonormal directions (seed 3).`,
      ),
    });
  // What is missing next is the models.
  expect((await distil('--basis', 'random', '--basis-seed', '3')).stderr).toMatch(
    /Give --base, --vlm and --lrm/,
  );
});

const calibration = (place: string, ...words: string[]) =>
  readCalibration(
    readArguments({ name: 'distill', about: '', options: calibrationOptions }, [
      ...['--calibration', place, ...words],
    ]),
  );

test('links of a folder that lead to no file are left out and named, and the others are taken', async () => {
  const images = folder();
  mkdirSync(join(images, 'inner'));
  writeFileSync(join(images, 'inner', 'a.png'), 'a');
  symlinkSync(join(images, 'nowhere.png'), join(images, 'b.png'));
  symlinkSync(join(images, 'c.png'), join(images, 'c.png'));
  symlinkSync(join(images, 'inner'), join(images, 'd.png'));
  symlinkSync(join(images, 'inner', 'a.png'), join(images, 'e.png'));
  const own = await calibration(images);
  expect(own?.source.images.map(({ name }) => name)).toEqual(['e.png', 'inner/a.png']);
  expect(own?.unread).toEqual([
    { name: 'b.png', reason: 'It is a link that leads nowhere.' },
    { name: 'c.png', reason: 'It is a link that leads nowhere.' },
    { name: 'd.png', reason: 'It is a link to a folder, and those are not followed.' },
  ]);
  rmSync(join(images, 'inner'), { recursive: true });
  await expect(calibration(images)).rejects.toThrow(/can be read\. b\.png: It is a link that leads nowhere/);
});

test('a file of questions may end its lines as old systems did', async () => {
  const place = folder();
  writeFileSync(join(place, 'a.png'), 'a');
  writeFileSync(join(place, 'q.txt'), 'What is this?\rWhere?\rHow many?');
  const own = await calibration(place, '--questions', join(place, 'q.txt'));
  expect(own?.source.questions).toEqual(['What is this?', 'Where?', 'How many?']);
});

test('text prompts that β leaves without effect are said to be so', async () => {
  const place = folder();
  writeFileSync(join(place, 'a.png'), 'a');
  writeFileSync(join(place, 't.txt'), '1+1\n2+2\n');
  const own = await calibration(place, '--traces', join(place, 't.txt'));
  expect(idleTraces(own, { ...defaultOptions, beta: 0 })).toEqual([
    expect.objectContaining({
      code: 'traces-not-used',
      message: expect.stringMatching(/^The 2 text prompts/),
    }),
  ]);
  expect(idleTraces(own, { ...defaultOptions, beta: 0.5 })).toEqual([]);
  expect(idleTraces(await calibration(place), { ...defaultOptions, beta: 0 })).toEqual([]);
});
