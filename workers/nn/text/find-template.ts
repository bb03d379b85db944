/**
 * Which chat template of a folder counts, as `transformers` 5.23 chooses. A processor reads processor_config.json,
 * then chat_template.json, then the .jinja files. A tokenizer reads the .jinja files, then tokenizer_config.json.
 * Of several named templates, the one named `default` is taken; the others are for tools and the like.
 */
import { StudioError } from '../../../core/errors.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { readJson, readMarked } from '../read-json.ts';
import { isRecord } from '../../../core/records.ts';

export interface FoundTemplate {
  readonly text: string;
  readonly file: string;
}

const jinja = 'chat_template.jinja';
const folder = 'additional_chat_templates';

/** @param processor whether a processor loads the template: of a vision-language model */
export async function findTemplate(
  checkpoint: Checkpoint,
  tokenizerConfig: Readonly<Record<string, unknown>>,
  processor: boolean,
  marks: Finding[],
  signal?: AbortSignal,
): Promise<FoundTemplate | null> {
  const inside = async (file: string): Promise<FoundTemplate | null> =>
    choose(checkpoint, file, (await readJson(checkpoint, file, signal, marks))?.['chat_template']);
  const text = async (file: string): Promise<FoundTemplate | null> => {
    const found = await readMarked(checkpoint, file, signal, marks);
    return found === null ? null : { text: found, file };
  };
  const files = async (): Promise<FoundTemplate | null> =>
    // The folder's own default is read after the one beside it, and replaces it.
    (await text(processor ? jinja : `${folder}/default.jinja`)) ??
    (await text(processor ? `${folder}/default.jinja` : jinja));
  const byProcessor = processor
    ? ((await inside('processor_config.json')) ?? (await inside('chat_template.json')))
    : null;
  return (
    byProcessor ??
    (await files()) ??
    choose(checkpoint, 'tokenizer_config.json', tokenizerConfig['chat_template'])
  );
}

function choose(checkpoint: Checkpoint, file: string, stored: unknown): FoundTemplate | null {
  if (stored === undefined || stored === null) return null;
  if (typeof stored === 'string') return { text: stored, file };
  const named = new Map<unknown, unknown>(
    Array.isArray(stored)
      ? stored.map((one: unknown) =>
          isRecord(one) ? [one['name'], one['template']] : [undefined, undefined],
        )
      : isRecord(stored)
        ? Object.entries(stored)
        : [],
  );
  const text = named.get('default');
  if (typeof text === 'string') return { text, file };
  const names = [...named.keys()].filter((name) => typeof name === 'string').slice(0, 20);
  throw new StudioError(
    'unsupported',
    names.length > 0
      ? `${file} of ${checkpoint.label} has chat templates named ${names.join(', ')}, and none named “default”. Which one a question belongs into is not known: name one of them “default”.`
      : `The chat template in ${file} of ${checkpoint.label} is neither a text nor a list of named texts. Save the tokenizer again with transformers.`,
    { details: { file, value: 'chat_template' } },
  );
}
