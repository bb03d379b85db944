/**
 * Folders that come together, each in its place: a trio with a manifest, three model folders, or the folder that
 * holds them. What can see is the VLM, an adapter is the LRM's; which of two language models is the base is
 * guessed by their names, and said to be a guess.
 */
import { roles, type Role } from '../../../core/family/trio.ts';
import { JsonField } from '../../../core/json-field.ts';
import type { FolderSource } from '../../../protocol/session.ts';
import { inFolder } from '../../state/folder-origins.ts';
import { sightOf } from './roles.ts';

export type Placing =
  | { readonly kind: 'manifest'; readonly folder: FolderSource }
  | {
      readonly kind: 'placed';
      readonly parts: Readonly<Partial<Record<Role, FolderSource>>>;
      /** What was done, and what is left to do. */
      readonly note: string;
    }
  /** Why nothing was placed. */
  | { readonly kind: 'none'; readonly reason: string };

const inside = (folder: FolderSource, path: string): FolderSource =>
  inFolder(folder, path, {
    label: labelOf(path) ?? folder.label,
    files: folder.files.flatMap((file) =>
      file.path.startsWith(`${path}/`) ? [{ ...file, path: file.path.slice(path.length + 1) }] : [],
    ),
  });

/** The Hub's own cache keeps models--owner--name/snapshots/<commit>/. */
function labelOf(path: string): string | null {
  const cached = /(?:^|\/)models--([^/]+)\/snapshots\/[^/]+$/.exec(path);
  return cached?.[1]?.replaceAll('--', '/') ?? path.split('/').at(-1) ?? null;
}

const isModelFile = (path: string): boolean => /(^|\/)(config|adapter_config)\.json$/.test(path);
const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/');

/** A folder that has a whole model as well is that model: the adapter beside it is not applied. */
const isAdapter = ({ files }: FolderSource): boolean =>
  files.some(({ path }) => path === 'adapter_config.json') &&
  !files.some(({ path }) => /^model.*\.safetensors$/.test(path));

/** The model folders in a folder, or the folder itself where it is one; none that lies in another one. */
export function modelFolders(folder: FolderSource): readonly FolderSource[] {
  const weighty = new Set(
    folder.files.flatMap(({ path }) => (/\.(safetensors|bin|gguf|pth?)$/.test(path) ? [parentOf(path)] : [])),
  );
  const places = [
    ...new Set(
      folder.files
        .map(({ path }) => path)
        .filter(isModelFile)
        .map(parentOf),
    ),
  ].filter((place) => weighty.has(place));
  if (places.includes('')) return [folder];
  return places
    .filter((place) => !places.some((other) => other !== place && place.startsWith(`${other}/`)))
    .map((place) => inside(folder, place));
}

/** The folder of a manifest: the folder itself, or the one folder in it that has one. */
export async function manifestFolder(folder: FolderSource): Promise<FolderSource | null> {
  const manifests = folder.files.filter(({ path }) => /(^|^[^/]+\/)manifest\.json$/.test(path));
  const own = manifests.find(({ path }) => path === 'manifest.json') ?? manifests[0];
  if (!own || (manifests.length > 1 && own.path !== 'manifest.json')) return null;
  try {
    const root = JsonField.parse(new TextDecoder().decode(await own.file.arrayBuffer()), own.path);
    // Many programs write a manifest.json; one of a trio names its three models.
    if (roles.some((role) => root.at('models').at(role).absent)) return null;
  } catch {
    return null;
  }
  const place = parentOf(own.path);
  return place === '' ? folder : inside(folder, place);
}

const reasons = /reason|think|math|r1\b|rl\b|grpo|cot\b|o1\b|qwq|lrm|solve/i;
const plain = /base|pretrain|\bpt\b/i;

/** How surely a name is that of a reasoning model rather than of its base. */
const reasoning = ({ label }: FolderSource): number =>
  (reasons.test(label) ? 1 : 0) - (plain.test(label) ? 1 : 0);

/** @param given folders in the order in which they were handed over */
export async function placeFolders(given: readonly FolderSource[]): Promise<Placing> {
  for (const folder of given) {
    const manifest = await manifestFolder(folder);
    if (manifest) return { kind: 'manifest', folder: manifest };
  }
  const found = given.flatMap(modelFolders);
  if (found.length === 0)
    return {
      kind: 'none',
      reason: `There is no model in ${quoted(given)}: no folder with a config.json and weights beside it. Choose the folder of a Hugging Face checkpoint.`,
    };
  if (found.length > 3)
    return {
      kind: 'none',
      reason: `There are ${found.length} models in ${quoted(given)}: ${quoted(found)}. Choose a folder for each place, or drop the three that are meant.`,
    };
  const seen = await Promise.all(
    found.map(async (folder) => ({
      folder,
      adapter: isAdapter(folder),
      sees: (await sightOf(folder)) === 'sees',
    })),
  );
  const seeing = seen.filter(({ sees }) => sees);
  if (seeing.length > 1)
    return {
      kind: 'none',
      reason: `${quoted(seeing.map(({ folder }) => folder))} are all vision-language models, and a trio has one. Choose a folder for each place.`,
    };
  const [vlm] = seeing.map(({ folder }) => folder);
  const adapter = seen.find((one) => one.adapter)?.folder;
  const texts = seen.filter((one) => !one.sees && one.folder !== adapter).map(({ folder }) => folder);
  const byName = texts.toSorted((a, b) => reasoning(a) - reasoning(b));
  // One language model by itself is the base, unless its name says that it reasons.
  const [first, second] = byName;
  const lrm = adapter ?? second ?? (first && reasoning(first) > 0 ? first : undefined);
  const base = first !== lrm ? first : undefined;
  const parts = { ...(base && { base }), ...(vlm && { vlm }), ...(lrm && { lrm }) };
  return { kind: 'placed', parts, note: noteOf(parts, adapter === undefined, texts) };
}

const quoted = (folders: readonly FolderSource[]): string =>
  folders.map(({ label }) => `“${label}”`).join(', ');

const names = { base: 'base', vlm: 'VLM', lrm: 'LRM' } as const;

function noteOf(
  parts: Readonly<Partial<Record<Role, FolderSource>>>,
  guessed: boolean,
  texts: readonly FolderSource[],
): string {
  const missing = roles.filter((role) => !parts[role]).map((role) => names[role]);
  const placed = roles.flatMap((role) => (parts[role] ? [`“${parts[role].label}” as ${names[role]}`] : []));
  const [a, b] = texts.map(reasoning);
  const sure = texts.length === 2 && a !== b;
  return [
    `${placed.join(', ')}.`,
    texts.length === 2 && guessed
      ? sure
        ? 'Which of the two language models is the base was guessed by their names. Swap them where that is wrong.'
        : 'Their names do not tell which of the two language models is the base. Look, and swap them where that is wrong.'
      : '',
    missing.length > 0 ? `Still to be chosen: ${missing.join(', ')}.` : '',
  ]
    .filter(Boolean)
    .join(' ');
}
