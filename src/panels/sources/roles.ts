/**
 * Which place a folder belongs in, as its config.json tells: caught here, a swap costs no loading and no open
 * session.
 */
import { JsonField } from '../../../core/json-field.ts';
import type { Role } from '../../../core/family/trio.ts';
import type { FolderSource } from '../../../protocol/session.ts';

export type Sight = 'sees' | 'text only' | 'unknown';

/**
 * Does the checkpoint have a vision part? `unknown` where config.json is missing or unreadable; the engine
 * says why then.
 */
export async function sightOf(folder: FolderSource): Promise<Sight> {
  const config = folder.files.find(({ path }) => path === 'config.json');
  if (!config) return 'unknown';
  try {
    const text = new TextDecoder().decode(await config.file.arrayBuffer());
    const vision = JsonField.parse(text, config.path).at('vision_config');
    return vision.raw === undefined ? 'text only' : 'sees';
  } catch {
    return 'unknown';
  }
}

/**
 * What is wrong with a folder in the place of `role`, or null. A text-only "VLM" is refused only where
 * another place holds one that sees: alone it may be meant, and is merged as a language model.
 */
export function misplaced(role: Role, sights: Partial<Record<Role, Sight>>): string | null {
  if (role !== 'vlm')
    return sights[role] === 'sees'
      ? `This is a vision-language model: it belongs under VLM, and a language model here.`
      : null;
  const swapped = sights.vlm === 'text only' && (sights.base === 'sees' || sights.lrm === 'sees');
  return swapped
    ? 'This model cannot see, but another folder can: they look swapped. Choose the vision-language model here.'
    : null;
}
