/** Files beside the weights of a model: config.json of each family, tokenizer, chat template, image processor. */
import { vocabularyOf, compareVocabularies } from '../../../core/family/compare-vocabularies.ts';
import { JsonField } from '../../../core/json-field.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { openCheckpoint } from '../../../workers/io/checkpoints/checkpoint.ts';
import { memoryFolder } from '../../../workers/io/folders/memory-folder.ts';
import { ChatTemplate } from '../../../workers/nn/chat-template.ts';
import { loadPreprocessor } from '../../../workers/nn/preprocess.ts';
import { loadPrompter } from '../../../workers/nn/prompter.ts';
import { licenceOf } from '../../../workers/engine/exporting/licence.ts';
import { agree, type Bytes, type ParserRow } from '../parser.ts';
import { asJson, bytesAt, decoded, encoded, jsonAt, textAt } from '../seeds.ts';

interface Folder {
  readonly path: string;
  readonly files: readonly string[];
}

const side = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'processor_config.json',
];
const families: readonly Folder[] = [
  {
    path: 'public/models/demo/vlm',
    files: [...side, 'preprocessor_config.json', 'special_tokens_map.json', 'generation_config.json'],
  },
  ...[
    'idefics3',
    'internvl-qwen2',
    'internvl-qwen3',
    'llava-clip',
    'llava-onevision',
    'llava-siglip',
    'qwen2-vl',
    'qwen2.5-vl',
    'smolvlm',
  ].map((name) => ({ path: `zoo/reference/vlm/${name}`, files: side })),
];

/** The header and holes for the data: only names, types and shapes are read here. */
const heads = new Map<string, Bytes>();
function headOf(path: string): Bytes {
  const known = heads.get(path);
  if (known) return known;
  const file = bytesAt(`${path}/model.safetensors`);
  const head = new Uint8Array(file.length);
  head.set(file.subarray(0, 8 + Number(new DataView(file.buffer).getBigUint64(0, true))));
  heads.set(path, head);
  return head;
}

function folderWith({ path, files }: Folder, name: string, input: Bytes) {
  const texts = Object.fromEntries(files.map((file) => [file, textAt(`${path}/${file}`)]));
  return openCheckpoint(memoryFolder('m', { ...texts, 'model.safetensors': headOf(path), [name]: input }));
}

/** All that is asked of a model's side files before it computes. */
async function readSide(folder: Folder, name: string, input: Bytes): Promise<void> {
  const checkpoint = await folderWith(folder, name, input);
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind === 'unknown') return;
  const prompter = await loadPrompter(checkpoint, spec);
  const ids = prompter.encode('How many of the 3 cells are red? É…');
  agree(
    ids.every((id) => Number.isSafeInteger(id) && id >= 0),
    'An id is no number of a token.',
  );
  prompter.decode(ids);
  prompter.continuation('a b');
  if (spec.kind === 'text') return void prompter.prompt('What is it?', { images: 0 });
  const { preprocess, whole } = await loadPreprocessor(checkpoint, spec);
  const image = { width: 40, height: 30, data: new Uint8ClampedArray(4800).fill(200) };
  const { pixels, layout } = preprocess(image);
  agree(pixels.every(Number.isFinite), 'A prepared image has a number that is none.');
  whole?.(image);
  prompter.prompt('What is it?', { images: 1, layout });
}

const configWords =
  'model_type architectures text_config vision_config hidden_size num_attention_heads num_key_value_heads num_hidden_layers rope_scaling rope_parameters rope_theta quantization_config tie_word_embeddings image_token_id image_grid_pinpoints vision_feature_layer downsample_ratio sliding_window layer_types torch_dtype llama3 yarn'.split(
    ' ',
  );

const configRows: readonly ParserRow[] = families.map((folder) => ({
  name: `config.json as in ${folder.path.split('/').slice(-2).join('/')}`,
  shape: 'json',
  seeds: () => [bytesAt(`${folder.path}/config.json`)],
  words: configWords,
  parse: (input) => readSide(folder, 'config.json', input),
  // The library that makes the tokenizer says so by errors of its own.
  wraps: ['TypeError', 'SyntaxError'],
  share: 0.1,
}));

/** Configs of every architecture that is known, read without their side files. */
const specRow: ParserRow = {
  name: 'config.json of all architectures',
  shape: 'json',
  seeds: () =>
    jsonAt<{ readonly cases: readonly { readonly config: unknown }[] }>(
      'zoo/reference/family/configs.json',
    ).cases.map(({ config }) => asJson(config)),
  words: configWords,
  parse: (input) =>
    openCheckpoint(memoryFolder('m', { 'config.json': input, 'model.safetensors': headOf(first.path) })),
};

const [first] = families as [Folder];
const [, idefics] = families as [Folder, Folder];
const textFolder: Folder = {
  path: 'public/models/demo/lrm',
  files: [
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'chat_template.jinja',
    'special_tokens_map.json',
    'generation_config.json',
  ],
};

const sideRow = (
  folder: Folder,
  file: string,
  seeds: () => readonly Bytes[],
  words: readonly string[],
): ParserRow => ({
  name: `${file} as in ${folder.path.split('/').slice(-2).join('/')}`,
  shape: file.endsWith('.jinja') ? 'text' : 'json',
  seeds,
  words,
  parse: (input) => readSide(folder, file, input),
  wraps: ['TypeError', 'RangeError', 'SyntaxError'],
  share: 0.2,
});
const own =
  ({ path }: Folder, file: string) =>
  () => [bytesAt(`${path}/${file}`)];

const tokenizerWords =
  'added_tokens normalizer pre_tokenizer post_processor decoder model vocab merges type BPE WordPiece Unigram Sequence Replace Split ByteLevel Regex pattern content special normalized id'.split(
    ' ',
  );
const templateWords = [
  '{% for m in messages %}',
  '{% endfor %}',
  '{% if x %}',
  '{% endif %}',
  '{% set ns = namespace(a=1) %}',
  '{{ ',
  ' }}',
  '| tojson',
  '| sort',
  '| join(",")',
  '.upper()',
  '.split("a")',
  '[::-1]',
  'range(9)',
  'loop.index',
  'messages[0]["content"]',
  'raise_exception("x")',
  'not',
  'in',
  '**',
  '//',
  '~',
  'is defined',
  '{% macro f(a) %}',
  '{% endmacro %}',
  '__class__',
];

interface Templates {
  readonly values: Readonly<Record<string, unknown>>;
  readonly models: readonly { readonly template: string }[];
  readonly cases: readonly { readonly template: string }[];
}
const templates = (): Templates => jsonAt('zoo/reference/templates/expected.json');
let values: Readonly<Record<string, unknown>> | null = null;

function rendered(template: Bytes): string {
  values ??= templates().values;
  return new ChatTemplate(decoded(template)).render(values);
}
function renders(template: Bytes): boolean {
  try {
    rendered(template);
    return true;
  } catch {
    return false;
  }
}

const templateRow: ParserRow = {
  name: 'chat templates, rendered',
  shape: 'text',
  seeds: () => [
    ...templates().models.map(({ template }) => encoded(template)),
    // Some of what jinja2 renders is refused here.
    ...templates()
      .cases.map(({ template }) => encoded(template))
      .filter(renders),
  ],
  words: templateWords,
  // A template's own fault is a plain Error with a sentence; what JavaScript throws by itself is ours.
  refuses: (thrown) => thrown instanceof Error && thrown.constructor === Error,
  parse: (input) => agree(typeof rendered(input) === 'string', 'It renders no text.'),
};

export const folderRows: readonly ParserRow[] = [
  ...configRows,
  specRow,
  sideRow(textFolder, 'tokenizer.json', own(textFolder, 'tokenizer.json'), tokenizerWords),
  sideRow(idefics, 'tokenizer.json', own(idefics, 'tokenizer.json'), tokenizerWords),
  sideRow(first, 'tokenizer_config.json', own(first, 'tokenizer_config.json'), [
    'added_tokens_decoder',
    'bos_token',
    'chat_template',
  ]),
  sideRow(first, 'special_tokens_map.json', own(first, 'special_tokens_map.json'), [
    'bos_token',
    'content',
    'additional_special_tokens',
  ]),
  sideRow(first, 'generation_config.json', own(first, 'generation_config.json'), [
    'eos_token_id',
    'do_sample',
    'temperature',
    'suppress_tokens',
  ]),
  sideRow(first, 'preprocessor_config.json', own(first, 'preprocessor_config.json'), [
    'image_mean',
    'image_std',
    'size',
    'resample',
    'do_resize',
  ]),
  sideRow(first, 'processor_config.json', own(first, 'processor_config.json'), [
    'image_processor',
    'chat_template',
    'image_seq_len',
  ]),
  sideRow(idefics, 'processor_config.json', own(idefics, 'processor_config.json'), [
    'image_processor',
    'size',
    'longest_edge',
    'image_mean',
  ]),
  sideRow(first, 'added_tokens.json', () => [asJson({ '<extra>': 300, '<more>': 301 })], [
    '<image>',
    '__proto__',
  ]),
  sideRow(first, 'chat_template.jinja', own(first, 'chat_template.jinja'), templateWords),
  templateRow,
  {
    name: 'vocabularies, compared',
    shape: 'json',
    seeds: own(first, 'tokenizer.json'),
    words: tokenizerWords,
    parse(input) {
      const base = vocabularyOf(jsonAt(`${textFolder.path}/tokenizer.json`));
      const root = JsonField.parse(decoded(input), 'tokenizer.json').raw;
      compareVocabularies('lrm', { base: 'a', model: 'b' }, base, vocabularyOf(root));
    },
    wraps: ['SyntaxError'],
    share: 0.3,
  },
  {
    name: 'README.md of a model, for its licence',
    shape: 'text',
    seeds: () =>
      [
        '---\nlicense: mit\n---\n# A',
        '\ufeff---\r\ntags:\n- a\nlicense: other\r\nlicense_name: "x y"\r\n---',
        '---\nlicense: [mit]\n---',
      ].map(encoded),
    words: ['---', 'license:', 'license_name:', '\n', ' ', '"', '#'],
    parse: (input) => licenceOf(decoded(input)),
  },
];
