import { describe, expect, it } from 'vitest';
import { StudioError } from './errors.ts';
import { JsonField } from './json-field.ts';
import { parseStrictJson } from './strict-json.ts';

const text = '{ "a": { "list": [1, { "b": "x" }], "none": null }, "__proto__": 2 }';
const readers = [
  ['JSON.parse', () => JsonField.parse(text, 'f.json')],
  ['the strict parser', () => new JsonField(parseStrictJson(text), 'f.json')],
] as const;

describe.each(readers)('a field read by %s', (_, read) => {
  it('gives what belongs there', () => {
    const a = read().at('a');
    const [first, second] = a.at('list').list(2);
    expect([first?.whole(1, 1), second?.at('b').text(), a.at('none').absent, a.at('missing').absent]).toEqual(
      [1, 'x', true, true],
    );
    expect(read().keys()).toEqual(['a', '__proto__']);
    expect([read().at('__proto__').raw, read().at('toString').raw]).toEqual([2, undefined]);
  });

  it('names file, place, wish and value of what does not', () => {
    const wrong = () => read().at('a').at('list').list()[1]?.at('b').number(0, 1);
    expect(wrong).toThrow(StudioError);
    expect(wrong).toThrow('f.json: a.list[1].b must be a number from 0 to 1, not "x".');
    expect(() => read().list()).toThrow(
      /^f\.json: the whole file must be a list of 0 to 100000 entries, not \{/,
    );
    expect(() => read().at('a').at('list').at('b')).toThrow('f.json: a.list must be an object, not [1,');
  });
});

it('refuses what only looks right', () => {
  const field = (value: unknown) => new JsonField({ value }, 'f.json').at('value');
  for (const bad of [1.5, 2 ** 53, NaN, '1', true])
    expect(() => field(bad).whole(0, 2 ** 60)).toThrow(/whole number/);
  for (const bad of ['../up', '/root', 'a//b', 'a\\b', 'c:d', '.', ''])
    expect(() => field(bad).path()).toThrow(/path inside the folder/);
  for (const bad of ['#12345', '123456', 'red', 7]) expect(() => field(bad).colour()).toThrow(/colour/);
  for (const bad of ['A'.repeat(64), 'a'.repeat(63)]) expect(() => field(bad).sha256()).toThrow(/SHA-256/);
  expect(() => field('x').oneOf('y', 'z')).toThrow(/one of y, z/);
  expect(() => field('x'.repeat(500)).text(10)).toThrow(/not "x{79}\./);
  expect(field('#0a141e').colour()).toEqual([10, 20, 30]);
});

it('refuses a text that is no JSON or nested too deeply, with the name of the file', () => {
  for (const [text, fault] of [
    ['{', /^f\.json is not valid JSON: .+ at character 1\. Correct it there, or download the file again\.$/],
    ['{"a": 1,}', /at character 8\./],
    ["{'a': 1}", /at character 1\./],
    ['{"a": True}', /at character 6\./],
    ['{"a": 1} // b', /text after the end at character 9\./],
  ] as const)
    expect(() => JsonField.parse(text, 'f.json')).toThrow(fault);
  expect(() => JsonField.parse('['.repeat(1000) + ']'.repeat(1000), 'f.json')).toThrow(
    'f.json is nested more than 100 deep at character 100, which no file of a model is.',
  );
});

it('says what stands in the place of a JSON file', () => {
  for (const [text, what] of [
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n', /Git LFS pointer.*git lfs pull/],
    ['<!DOCTYPE html><html>', /web page.*Download the file again/],
    [' \n', /it is empty/],
  ] as const)
    expect(() => JsonField.parse(text, 'f.json')).toThrow(what);
});

it('a number that JSON does not know is a number, and names itself where it does not belong', () => {
  const field = JsonField.parse('{"a":Infinity,"b":[NaN]}', 'f.json');
  expect(field.at('a').raw).toBe(Infinity);
  expect(() => field.at('a').number(0, 1)).toThrow('a must be a number from 0 to 1, not Infinity.');
  expect(() => field.at('b').list()[0]?.whole(0, 1)).toThrow('not NaN.');
});
