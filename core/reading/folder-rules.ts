/**
 * What is done with each file of a model folder, by its name: whether opening reads it, and what becomes of it
 * in a model that is exported. Exports act by this list, and `docs/what-is-read.md` is written from it. A file
 * that no rule knows falls under `otherFiles`: it is named, not dropped in silence.
 */
export interface PassedOver {
  /** A path; that of a folder ends with a slash. */
  readonly name: string;
  /** A clause without a full stop. */
  readonly why: string;
}

export interface FileRule {
  /**
   * Path in the folder, with `*` for any part of a name. Small and capital letters are the same. The first
   * rule that fits counts.
   */
  readonly name: string;
  /** Whether opening, asking or exporting a model reads it. */
  readonly read: boolean;
  /**
   * - `copied`: byte for byte.
   * - `written`: an export has its own in its place.
   * - `left out`: it is named in the report and in the model card.
   */
  readonly exported: 'copied' | 'written' | 'left out';
  /** A clause without a full stop, for messages and the docs. */
  readonly why: string;
}

type Outcome = Omit<FileRule, 'name'>;

const each = (names: readonly string[], outcome: Outcome): FileRule[] =>
  names.map((name) => ({ name, ...outcome }));
const copied = (why: string, read = false): Outcome => ({ read, exported: 'copied', why });
const leftOut = (why: string, read = false): Outcome => ({ read, exported: 'left out', why });
const written = (why: string): Outcome => ({ read: true, exported: 'written', why });

const licenceRules = each(
  ['LICENSE*', 'LICENCE*', '*.license', 'NOTICE*', 'COPYING*', 'COPYRIGHT*', 'USE_POLICY*', 'TERMS*'],
  copied('a licence goes with what is made of the model', true),
);

const otherWeights = [
  '*.bin',
  '*.pt',
  '*.pth',
  '*.ckpt',
  '*.gguf',
  '*.onnx',
  '*.onnx_data',
  '*.h5',
  '*.msgpack',
  '*.npz',
  '*.npy',
  '*.tflite',
  '*.mlmodel',
  '*.engine',
];

export const fileRules: readonly FileRule[] = [
  { name: 'config.json', ...copied('architecture and sizes', true) },
  { name: 'generation_config.json', ...copied('how answers are generated', true) },
  { name: 'model.safetensors', ...written('the weights') },
  { name: 'model-*-of-*.safetensors', ...written('the weights in shards') },
  { name: 'model.safetensors.index.json', ...written('which shard holds which tensor') },
  { name: 'adapter_config.json', ...leftOut('beside it transformers takes the folder for an adapter', true) },
  {
    name: 'adapter_model.safetensors',
    ...leftOut('an adapter is read only in the place of the reasoning model', true),
  },
  { name: '*.safetensors', ...leftOut('weights that are not part of the model that was opened') },
  ...each(otherWeights, leftOut('weights in another format; they are not those of the merge')),
  { name: '*.index.json', ...leftOut('the index of weights in another format') },
  ...each(['recipe.json', 'merge.json', 'studio-check.json'], leftOut('it says how the VLM was made')),
  ...each(
    ['trainer_state.json', '*_results.json', '*_args.json'],
    leftOut('it is about the training of the VLM'),
  ),
  ...licenceRules,
  { name: 'README.md', ...leftOut('the card of the VLM; the card of the merge is in its place', true) },
  { name: 'tokenizer.json', ...copied('the tokenizer', true) },
  {
    name: 'tokenizer_config.json',
    ...copied('special tokens and, in many folders, the chat template', true),
  },
  ...each(['special_tokens_map.json', 'added_tokens.json'], copied('special tokens', true)),
  ...each(
    ['chat_template.jinja', 'chat_template.json', 'additional_chat_templates/default.jinja'],
    copied('the chat template', true),
  ),
  { name: 'additional_chat_templates/*.jinja', ...copied('further chat templates by name') },
  ...each(
    ['preprocessor_config.json', 'processor_config.json'],
    copied('the image processor and, in the second, the chat template', true),
  ),
  ...each(['hf_quant_config.json', 'quantize_config.json'], copied('how weights were quantised', true)),
  { name: 'video_preprocessor_config.json', ...copied('the video processor') },
  ...each(['*.model', '*.tiktoken', '*.spm', '*.bpe', '*.vocab', 'vocab.*'], copied('a vocabulary')),
  { name: '*.py', ...copied('code that the configuration names (auto_map)') },
  ...each(['*.json', '*.jinja', '*.txt'], copied('small text files, whatever they are for')),
];

export const otherFiles: Outcome = leftOut('nothing that loads the model needs it, as far as is known');

const inSubfolder = leftOut('it lies in a subfolder that loading does not look into');

/** `path` relative to the folder, with forward slashes. */
export function ruleOf(path: string): Outcome {
  return fileRules.find(({ name }) => fits(name, path)) ?? (path.includes('/') ? inSubfolder : otherFiles);
}

export const isLicenceFile = (path: string): boolean => licenceRules.some(({ name }) => fits(name, path));

/** What is asked for in a folder that cannot be listed: usual names, and those of rules without `*`. */
export const usualFiles: readonly string[] = [
  ...fileRules.flatMap(({ name, exported }) => (exported === 'copied' && !name.includes('*') ? [name] : [])),
  'vocab.json',
  'vocab.txt',
  'merges.txt',
  'tokenizer.model',
  'tekken.json',
  'LICENSE',
  'LICENSE.txt',
  'LICENSE.md',
  'NOTICE',
];

/** `*` stands for any characters but a slash. */
function fits(pattern: string, path: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const name = path.toLowerCase();
  if (rest.length === 0) return name === first;
  if (name.split('/').length !== pattern.split('/').length || !name.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
