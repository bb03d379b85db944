/**
 * The tables in the documentation that the code itself knows: each name here is a place
 * `<!-- table: name -->` … `<!-- /table -->` in a Markdown file, and its function writes what stands there.
 */
import { families } from '../../core/family/families.ts';
import { pairedOnlyNames } from '../../core/family/paired-only.ts';
import { methods } from '../../core/merging/methods.ts';

/** A Markdown table; Prettier aligns its columns afterwards. A pipe in a cell is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const tables: Readonly<Record<string, () => string>> = {
  'merge-methods': mergeMethods,
  families: familyTable,
  'what-works': whatWorks,
};

function mergeMethods(): string {
  const code = (text: string): string => `\`${text}\``;
  return markdownTable(
    ['method', 'what it makes', 'settings (when not given)', 'source', 'as'],
    methods.map(({ id, formula, source, settings, gates, stream }) => [
      code(id),
      formula,
      Object.entries(settings)
        .map(([key, { initial }]) => `${code(key)} (${initial})`)
        .join(', '),
      source,
      [gates ? 'gates' : '', stream ? 'stream' : ''].filter(Boolean).join(', '),
    ]),
  );
}

const abouts = Object.values(families).map(({ about }) => about);

function familyTable(): string {
  return markdownTable(
    ['family', 'tower', 'connector', 'image'],
    abouts.map(({ name, tower, connector, image }) => [name, tower, connector, image]),
  );
}

function whatWorks(): string {
  const byHand = 'spectra, gates by hand and presets, merge, export';
  return markdownTable(
    ['what you bring', 'what works'],
    [
      [
        `${abouts.map(({ name }) => name).join('; ')}: each on a Llama, Qwen2 or Qwen3 text model, and base and LRM of the same shapes`,
        'spectra, gates by hand and presets, distillation on your own images, merge, export, _Try it_',
      ],
      [
        `any other three checkpoints with matching decoder layers (${pairedOnlyNames.join(', ')} and others)`,
        byHand,
      ],
      [
        'a manifest with calibration images, as the demo has',
        'also measurement, and the second teacher on images (γ)',
      ],
    ],
  );
}
