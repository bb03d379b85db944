/**
 * Changes of a JSON text that leave it JSON for the most part: a value becomes one of another kind, a number goes to
 * the edge of what can be counted, a key comes twice or is one that JavaScript gives a meaning. A value is held as
 * the text that it is written as, so that also what JSON.parse would not give back can stand there.
 */
import { mutateText } from './mutate-text.ts';
import type { Random } from './random.ts';

type Node =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'list'; readonly items: Node[] }
  | { readonly kind: 'object'; readonly members: (readonly [key: string, value: Node])[] };

const scalar = (text: string): Node => ({ kind: 'scalar', text });
/** As a text: a value that is put into itself would have no end. */
const copied = (node: Node): Node => scalar(textOf(node));

function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(nodeOf) };
  if (typeof value === 'object' && value !== null)
    return {
      kind: 'object',
      members: Object.entries(value).map(([key, one]) => [key, nodeOf(one)] as const),
    };
  return scalar(JSON.stringify(value));
}

function textOf(node: Node): string {
  if (node.kind === 'scalar') return node.text;
  if (node.kind === 'list') return `[${node.items.map(textOf).join(',')}]`;
  return `{${node.members.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
}

const numbers =
  '0 -0 1 -1 2 3 7 0.5 -0.5 1e-7 5e-324 1e-320 1.5e38 1e39 -1e39 1e308 1e309 -1e309 255 256 65536 2147483647 2147483648 4294967295 4294967296 9007199254740991 9007199254740993 1e21 123456789012345678901234567890 NaN Infinity -Infinity'.split(
    ' ',
  );
const texts = [
  '""',
  '"a"',
  '" "',
  '"0"',
  '"null"',
  '"__proto__"',
  '"\\ud800"',
  '"\\u0000"',
  '"../../etc/passwd"',
  '"' + 'a'.repeat(5000) + '"',
  '"(a+)+$"',
  '"{{ x }}"',
  '"\\u202eevil"',
];
const others = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[0]',
  '{"a":1}',
  '{"__proto__":{"a":1}}',
];
const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  '0',
  '\ud800',
  'a.b',
];

/** A place in the tree whose value can be read, replaced, removed, and repeated. */
interface Place {
  readonly node: Node;
  replace(node: Node): void;
  remove(): void;
  again(): void;
  rename?(key: string): void;
}

function placesOf(root: { node: Node }): Place[] {
  const places: Place[] = [
    {
      node: root.node,
      replace: (node) => void (root.node = node),
      remove: () => void (root.node = scalar('')),
      again: () => void (root.node = { kind: 'list', items: [root.node, copied(root.node)] }),
    },
  ];
  const walk = (node: Node): void => {
    if (node.kind === 'list')
      for (const [i, item] of node.items.entries()) {
        places.push({
          node: item,
          replace: (one) => void (node.items[i] = one),
          remove: () => void node.items.splice(i, 1),
          again: () => void node.items.splice(i, 0, copied(item)),
        });
        walk(item);
      }
    if (node.kind === 'object')
      for (const [i, [key, value]] of node.members.entries()) {
        places.push({
          node: value,
          replace: (one) => void (node.members[i] = [key, one]),
          remove: () => void node.members.splice(i, 1),
          again: () => void node.members.push([key, copied(value)]),
          rename: (other) => void (node.members[i] = [other, value]),
        });
        walk(value);
      }
  };
  walk(root.node);
  return places;
}

/** @param text valid JSON @param other valid JSON, to take values from */
export function mutateJson(text: string, other: string, words: readonly string[], random: Random): string {
  const root = { node: nodeOf(JSON.parse(text)) };
  const donors = placesOf({ node: nodeOf(JSON.parse(other)) });
  for (let change = 0; change <= random.below(4); change++) mutateOnce(root, donors, words, random);
  return textOf(root.node);
}

function mutateOnce(
  root: { node: Node },
  donors: readonly Place[],
  words: readonly string[],
  random: Random,
): void {
  const places = placesOf(root);
  const place = random.pick(places);
  const { node } = place;
  switch (random.below(10)) {
    case 0:
    case 1:
      return place.replace(scalar(random.pick(random.pick([numbers, texts, others]))));
    case 2:
      return place.remove();
    case 3:
      return place.again();
    case 4:
      return place.replace(copied(random.pick(random.oneIn(2) ? donors : places).node));
    case 5:
      return place.replace(
        random.oneIn(2) ? { kind: 'list', items: [node] } : { kind: 'object', members: [['a', node]] },
      );
    case 6: {
      const depth = random.pick([2, 40, 120, 3000]);
      return place.replace(scalar('['.repeat(depth) + textOf(node).slice(0, 200) + ']'.repeat(depth)));
    }
    case 7: {
      const key = random.pick(words.length > 0 && !random.oneIn(3) ? words : keys);
      if (node.kind === 'object') return void node.members.push([key, copied(random.pick(donors).node)]);
      return place.rename?.(key);
    }
    case 8:
      if (node.kind === 'list' && node.items.length > 0) {
        for (let i = random.pick([1, 10, 200]); i > 0; i--) node.items.push(copied(random.pick(node.items)));
        return;
      }
      return place.replace(scalar(tweaked(node, words, random)));
    default:
      return place.replace(scalar(tweaked(node, words, random)));
  }
}

/** Near to what it was. */
function tweaked(node: Node, words: readonly string[], random: Random): string {
  const text = textOf(node);
  if (node.kind !== 'scalar') return text;
  if (/^-?\d/.test(text)) {
    const value = Number(text);
    return String(
      random.pick([-value, value + 1, value - 1, value * 2, value / 2, value * 1000, value + 0.25]),
    );
  }
  if (text.startsWith('"') && text.length < 5000) {
    try {
      const before = JSON.parse(text) as string;
      return JSON.stringify(mutateText(before, random.pick(words.length > 0 ? words : ['a']), words, random));
    } catch {
      return '""';
    }
  }
  return text === 'true' ? 'false' : 'true';
}
