/** The tables about model families, from their registry. */
import { families } from '../../core/family/families.ts';
import { pairedOnlyNames } from '../../core/family/paired-only.ts';
import { markdownTable } from './markdown-table.ts';

const abouts = Object.values(families).map(({ about }) => about);

export function familyTable(): string {
  return markdownTable(
    ['family', 'tower', 'connector', 'image'],
    abouts.map(({ name, tower, connector, image }) => [name, tower, connector, image]),
  );
}

export function whatWorks(): string {
  return markdownTable(
    ['what you bring', 'what works'],
    [
      [
        `${abouts.map(({ name }) => name).join('; ')}: each on a Llama, Qwen2 or Qwen3 text model, and base and LRM of the same shapes`,
        'spectra, gates by hand and presets, distillation on your own images, merge, export, _Try it_',
      ],
      [
        `any other three checkpoints with matching decoder layers (${pairedOnlyNames.join(', ')} and others)`,
        'spectra, gates by hand and presets, merge, export',
      ],
      [
        'a manifest with calibration images, as the demo has',
        'also measurement, and the second teacher on images (γ)',
      ],
    ],
  );
}
