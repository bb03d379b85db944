/** Words of a command line, and what the page makes of folders that are dropped on it. */
import { hubSource } from '../../../cli/hub.ts';
import { readMethodSettings } from '../../../cli/merging/method-settings.ts';
import { readBytes, readSelection } from '../../../cli/options.ts';
import { readRunSettings } from '../../../cli/run-options.ts';
import { readArguments, UsageError } from '../../../cli/usage.ts';
import { distill } from '../../../cli/commands/distill.ts';
import { evaluate } from '../../../cli/commands/evaluate.ts';
import { exportModel } from '../../../cli/commands/export.ts';
import { generate } from '../../../cli/commands/generate.ts';
import { inspect } from '../../../cli/commands/inspect.ts';
import { logits } from '../../../cli/commands/logits.ts';
import { merge } from '../../../cli/commands/merge.ts';
import { pair } from '../../../cli/commands/pair.ts';
import { spectra } from '../../../cli/commands/spectra.ts';
import { linesOf } from '../../../core/calibration/own-images.ts';
import { formatLayers, parseKinds, parseLayers } from '../../../core/family/selection.ts';
import { methods } from '../../../core/merging/methods.ts';
import { makeOptions, optionRows } from '../../../core/objective/options.ts';
import { optionProblem } from '../../../core/objective/check-options.ts';
import { placeFolders } from '../../../src/panels/sources/place.ts';
import { agree, anyOf, type ParserRow } from '../parser.ts';
import { asJson, decoded, encoded } from '../seeds.ts';

const commands = [distill, evaluate, exportModel, generate, inspect, logits, merge, pair, spectra];
const isUsage = (thrown: unknown): boolean => thrown instanceof UsageError;
const line = (words: string): ReturnType<typeof encoded> => encoded(words.split(' ').join('\n'));
const settings = optionRows.map(([, { flag }]) => flag);

/** One argument a line, the command first. */
function readLine(input: Uint8Array): void {
  const [name = '', ...words] = decoded(input).split('\n');
  const command = commands.find((one) => one.name === name) ?? merge;
  const given = readArguments(command, words);
  const selection = readSelection(given);
  if (selection?.layers) agree(selection.layers.every(Number.isSafeInteger), 'A layer is no number.');
  for (const option of Object.keys(command.options)) {
    try {
      const value = given.whole(option, 0, 1e6);
      agree(
        value === null || (Number.isInteger(value) && value >= 0 && value <= 1e6),
        `--${option} is ${value}.`,
      );
    } catch (thrown) {
      // Most options are no numbers.
      if (!isUsage(thrown)) throw thrown;
    }
  }
}

export const commandLineRows: readonly ParserRow[] = [
  {
    name: 'arguments of the commands',
    shape: 'text',
    seeds: () =>
      [
        'merge --base b --vlm v --lrm l --out o --method ties --set density=0.2 --max-shard-size 5GB',
        'distill --base b --vlm v --lrm l --layers 0-29/3 --kinds q,k --set steps=5 --recipe-out r.json',
        'export --base b --vlm v --lrm l --recipe r.json --out o --json',
        'generate --model m --image a.png --prompt hello --max-tokens 9',
        'inspect folder --json --quiet',
      ].map(line),
    words: [
      '\n--',
      '=',
      '\n-',
      '--',
      '-h',
      '--no-json',
      '--set',
      '--layers',
      '--kinds',
      '--__proto__',
      '--out=',
      ' ',
    ],
    refuses: isUsage,
    parse: readLine,
  },
  {
    name: 'settings of runs and of merge methods',
    shape: 'text',
    seeds: () => ['steps=5', 'learning-rate=1e-3', 'divergence=js', 'lambda=1', 'density=0.3'].map(encoded),
    words: [...settings, '=', '1e308', '-0', '0x1f', 'Infinity', '1_000', ' 5 '],
    refuses: isUsage,
    parse(input) {
      const text = decoded(input);
      const given = { many: () => [text] } as unknown as Parameters<typeof readRunSettings>[0];
      anyOf(
        [
          ...methods.map((method) => () => {
            for (const value of Object.values(readMethodSettings(method, [text])))
              agree(Number.isFinite(value), `A setting is ${value}.`);
          }),
          () => {
            const options = readRunSettings(given)(makeOptions((_, { initial }) => initial));
            for (const [key] of optionRows)
              agree(optionProblem(key, options[key]) === null, `${key} is ${options[key]}.`);
          },
        ],
        isUsage,
      );
    },
  },
  {
    name: 'layers, kinds and sizes',
    shape: 'text',
    seeds: () => ['10-19', '0,4,8', '0-29/3', 'all', 'q,k,v,o', 'attention', '5GB', '1.5 MiB'].map(encoded),
    words: [',', '-', '/', '–', ' ', '9999', '0', 'mlp', 'q', 'GB', 'i', '.', '1e9'],
    refuses: isUsage,
    parse(input) {
      const text = decoded(input);
      anyOf(
        [
          () => {
            const layers = parseLayers(text);
            if (layers === null) return;
            agree(
              layers.every((layer, i) => layer <= 9999 && layer > (layers[i - 1] ?? -1)),
              'The layers do not rise.',
            );
            agree(
              String(parseLayers(formatLayers(layers))) === String(layers),
              'What is written of it is read otherwise.',
            );
          },
          () => parseKinds(text),
          () =>
            agree(Number.isSafeInteger(readBytes('max-shard-size', text)), 'A size is no number of bytes.'),
        ],
        isUsage,
      );
    },
  },
  {
    name: 'models on the Hub by name',
    shape: 'text',
    seeds: () =>
      ['hub:owner/name@main', 'hub:owner/name', 'hub:https://huggingface.co/o/n/tree/v1'].map(encoded),
    words: ['hub:', '@', '/', 'https://', '..', '%2f'],
    parse: (input) => hubSource(decoded(input)),
  },
  {
    name: 'questions and prompts, one a line',
    shape: 'text',
    seeds: () => [encoded('What is it?\nHow many?\r\n\r\nWhat is it?')],
    words: ['\n', '\r', ' '],
    parse: (input) =>
      agree(
        linesOf(decoded(input)).every((one) => one === one.trim() && one !== ''),
        'A line is empty.',
      ),
  },
  {
    name: 'folders that are dropped on the page',
    shape: 'json',
    seeds: () => [
      asJson({ vision_config: {}, architectures: ['LlavaForConditionalGeneration'] }),
      asJson({ models: { base: 'base', vlm: 'vlm', lrm: 'lrm' } }),
    ],
    words: ['vision_config', 'models', 'base', 'vlm', 'lrm'],
    parse(input) {
      const file = new Blob([new Uint8Array(input)]);
      const folder = (label: string, ...paths: readonly string[]) => ({
        label,
        files: paths.map((path) => ({ path, file })),
      });
      return placeFolders([
        folder('a', 'config.json', 'model.safetensors'),
        folder('b', 'x/config.json', 'x/model.safetensors', 'x/manifest.json'),
      ]);
    },
  },
];
