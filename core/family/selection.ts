/**
 * Which linear layers of a trio are decomposed, gated and merged: some decoder layers, some kinds, or all.
 * What is not chosen stays the VLM's.
 *
 * Layers are written as people write pages: `10-19`, `0,4,8`, `0-29/3` (every third), or `all`.
 */
import { StudioError } from '../errors.ts';
import { linearKinds, type LinearKind } from './linear-kinds.ts';

export interface LayerSelection {
  /** Numbers of decoder layers, rising, each once; null for all. */
  readonly layers: readonly number[] | null;
  /** The kinds that are chosen. Null is all of them, those layers included that have no kind. */
  readonly kinds: readonly LinearKind[] | null;
}

export const everything: LayerSelection = { layers: null, kinds: null };

/** As tensor names have them: four digits. */
const highestLayer = 9999;

const wrong = (message: string, value: string): StudioError =>
  new StudioError('bad-request', message, { details: { value: value.slice(0, 80) } });

/**
 * The layers that a text names. An empty text and `all` give null, which is all layers. Throws `bad-request`
 * with a sentence.
 */
export function parseLayers(text: string): readonly number[] | null {
  const trimmed = text.trim();
  if (trimmed === '' || /^all$/i.test(trimmed)) return null;
  if (trimmed.length > 2000) throw wrong('A list of layers has at most 2000 characters.', trimmed);
  const chosen = new Set<number>();
  for (const part of trimmed.split(',')) {
    const [, from, to, step] =
      /^\s*(\d{1,4})(?:\s*[-–]\s*(\d{1,4})(?:\s*\/\s*(\d{1,4}))?)?\s*$/.exec(part) ?? [];
    if (from === undefined)
      throw wrong(
        `“${part.trim()}” is no layer and no range of layers. Write 10-19, or 0,4,8, or 0-29/3 for every third.`,
        part,
      );
    const [first, last, every] = [Number(from), Number(to ?? from), Number(step ?? 1)];
    if (last < first) throw wrong(`The range ${part.trim()} ends before it begins.`, part);
    if (every === 0) throw wrong(`The range ${part.trim()} takes no steps: write /1 or more.`, part);
    for (let layer = first; layer <= last; layer += every) chosen.add(layer);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** `q,v` or null for all; `attention` and `mlp` stand for theirs. Throws `bad-request`. */
export function parseKinds(text: string): readonly LinearKind[] | null {
  const trimmed = text.trim();
  if (trimmed === '' || /^all$/i.test(trimmed)) return null;
  const chosen = new Set<LinearKind>();
  for (const part of trimmed.split(',')) {
    const name = part
      .trim()
      .toLowerCase()
      .replace(/_proj$/, '');
    if (name === 'attention') for (const kind of ['q', 'k', 'v', 'o'] as const) chosen.add(kind);
    else if (name === 'mlp') for (const kind of ['gate', 'up', 'down'] as const) chosen.add(kind);
    else if ((linearKinds as readonly string[]).includes(name)) chosen.add(name as LinearKind);
    else
      throw wrong(
        `“${part.trim().slice(0, 40)}” is no kind of layer. Known are ${linearKinds.join(', ')}, attention and mlp.`,
        part,
      );
  }
  return chosen.size === linearKinds.length ? null : linearKinds.filter((kind) => chosen.has(kind));
}

/** The shortest of the ways to write it that `parseLayers` reads: ranges, or one range with a step. */
export function formatLayers(layers: readonly number[] | null): string {
  if (layers === null) return 'all';
  const [first = 0, second = first] = layers;
  const every = second - first;
  if (layers.length > 2 && every > 1 && layers.every((layer, i) => layer === first + i * every))
    return `${first}-${layers.at(-1)}/${every}`;
  const parts: string[] = [];
  for (let i = 0; i < layers.length;) {
    const from = layers[i] as number;
    let length = 1;
    while (layers[i + length] === from + length) length++;
    parts.push(length === 1 ? `${from}` : `${from}-${from + length - 1}`);
    i += length;
  }
  return parts.join(',');
}

/** As in “layers 10-19, q and v”; “all layers”. */
export function describeSelection({ layers, kinds }: LayerSelection): string {
  const places =
    layers === null
      ? 'all layers'
      : layers.length === 1
        ? `layer ${layers[0]}`
        : `layers ${formatLayers(layers)}`;
  return kinds === null
    ? places
    : `${places}, ${kinds.length < 2 ? (kinds[0] ?? 'no kind') : `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}`}`;
}

interface Place {
  readonly layer: number;
  readonly kind: string;
}

export const selectsAll = ({ layers, kinds }: LayerSelection): boolean => layers === null && kinds === null;

/** A test of one place, quick to ask of many. */
export function selects({ layers, kinds }: LayerSelection): (place: Place) => boolean {
  const [among, ofKind] = [layers && new Set(layers), kinds && new Set<string>(kinds)];
  return ({ layer, kind }) => (among?.has(layer) ?? true) && (ofKind?.has(kind) ?? true);
}

/**
 * The chosen ones, in their order. Throws `bad-request` when a layer is named that is not there, or when
 * nothing is left.
 */
export function selectSlots<T extends Place>(slots: readonly T[], selection: LayerSelection): readonly T[] {
  if (selectsAll(selection)) return slots;
  const there = new Set(slots.map(({ layer }) => layer));
  const absent = selection.layers?.filter((layer) => !there.has(layer)) ?? [];
  if (absent.length > 0) {
    const all = formatLayers([...there].sort((a, b) => a - b));
    throw wrong(
      `Layer${absent.length === 1 ? '' : 's'} ${formatLayers(absent)} cannot be merged: the layers that pair in these models are ${all}.`,
      formatLayers(absent),
    );
  }
  const chosen = slots.filter(selects(selection));
  if (chosen.length === 0)
    throw wrong(`Nothing is left to merge of ${describeSelection(selection)}.`, describeSelection(selection));
  return chosen;
}

/** What came over a border: throws `bad-request` for what is no selection. */
export function checkSelection(given: LayerSelection | undefined): LayerSelection {
  if (given === undefined) return everything;
  const { layers, kinds } = given;
  const rising =
    layers === null ||
    (Array.isArray(layers) &&
      layers.length > 0 &&
      layers.every(
        (layer: unknown, i) =>
          Number.isInteger(layer) &&
          (layer as number) <= highestLayer &&
          (layer as number) > (layers[i - 1] ?? -1),
      ));
  const known =
    kinds === null ||
    (Array.isArray(kinds) &&
      kinds.length > 0 &&
      kinds.every((kind) => (linearKinds as readonly unknown[]).includes(kind)));
  if (!rising || !known)
    throw new StudioError(
      'bad-request',
      'A choice of layers is a rising list of their numbers, and of kinds a list of q, k, v, o, gate, up and down.',
    );
  return { layers, kinds };
}

/**
 * The smallest selection that has all these layers in it, by their canonical names (`layers.3.mlp.up_proj`);
 * everything where a name is not canonical.
 */
export function covering(places: readonly (Place | null)[]): LayerSelection {
  const isKind = (kind: string): kind is LinearKind => (linearKinds as readonly string[]).includes(kind);
  const known = places.filter((place): place is Place => place !== null && isKind(place.kind));
  if (known.length === 0 || known.length < places.length) return everything;
  const layers = [...new Set(known.map(({ layer }) => layer))].sort((a, b) => a - b);
  const kinds = linearKinds.filter((kind) => known.some((place) => place.kind === kind));
  return { layers, kinds: kinds.length === linearKinds.length ? null : kinds };
}
