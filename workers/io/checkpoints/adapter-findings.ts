/** What a person should know of an adapter before anything is done with it. */
import { beginningNames, type TakenOut } from '../../../core/family/adapter-initial.ts';
import { peftPrefix } from '../../../core/family/adapter-tensors.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { linearName } from '../../../core/family/tensor-names.ts';
import type { LoraConfig } from '../../../core/family/adapter-config.ts';
import type { ModelFolder } from '../contract.ts';
import type { Change } from './adapter-changes.ts';

export function adapterFindings(
  label: string,
  changes: ReadonlyMap<string, Change>,
  takenOut: TakenOut,
): Finding[] {
  const findings: Finding[] = [];
  if (takenOut !== 'none')
    findings.push({
      code: 'adapter-took-from-base',
      severity: 'info',
      tensors: [...changes.keys()],
      message: `The adapter ${label} began as ${beginningNames[takenOut]}, which takes a part of the base into its factors. That part is computed from the base and taken out again, so each layer has twice the adapter's rank.`,
      remedy: 'Nothing to do. It costs a decomposition of each of these matrices.',
    });
  const beyond = [...changes].filter(([name]) => !linearName(name));
  if (beyond.length > 0) {
    const list = beyond.map(([name, change]) => `${name} (${howChanged(change)})`);
    const shown = list.length > 5 ? [...list.slice(0, 5), `and ${list.length - 5} more`] : list;
    findings.push({
      code: 'adapter-beyond-layers',
      severity: 'info',
      tensors: beyond.map(([name]) => name),
      message: `The adapter ${label} also changes ${shown.join(', ')}.`,
      remedy:
        'They count wherever this model answers by itself: as a teacher, in generate and in logits. A merge takes linear layers of the language model alone, as it does of a whole model.',
    });
  }
  const head = changes.get('lm_head.weight');
  if (head && head.origin.name !== 'lm_head.weight')
    findings.push({
      code: 'adapter-unties-head',
      severity: 'info',
      tensors: ['lm_head.weight', head.origin.name],
      message: `Output head and embedding are one matrix in the base. The adapter ${label} changes one of them, so that they are two in the model that it makes.`,
      remedy: 'Both are kept apart, as peft keeps them while the adapter is not merged.',
    });
  return findings;
}

function howChanged({ factors, rows, origin }: Change): string {
  const how = [
    ...(origin.of === 'adapter' ? ['whole'] : []),
    ...(rows ? [`${rows.indices.length} rows`] : []),
    ...(factors ? [`rank ${factors.rank}`] : []),
  ];
  return how.length > 0 ? how.join(', ') : 'untied';
}

/** @param leftOut modules whose factors are in the file and are not put on the base */
export function moduleFindings(label: string, { loads }: LoraConfig, leftOut: readonly string[]): Finding[] {
  if (loads === null)
    return [
      {
        code: 'adapter-modules-not-compared',
        severity: 'warning',
        tensors: [],
        message: `adapter_config.json of ${label} says by an expression which modules the adapter changes (target_modules, exclude_modules, layers_pattern or modules_to_save), and this expression is not read here. All factors in its weights are used; peft would leave out those that the expression does not name.`,
        remedy:
          'A file that peft saved holds no others. If it may hold some, write the modules as a list of names in adapter_config.json.',
      },
    ];
  const [first] = leftOut;
  if (first === undefined) return [];
  return [
    {
      code: 'adapter-factors-left-out',
      severity: 'warning',
      tensors: leftOut,
      message: `The weights of the adapter ${label} hold factors of ${leftOut.length} modules that get none by its adapter_config.json (target_modules, exclude_modules, layers_to_transform, modules_to_save), such as ${first}. They are left out, as by peft.`,
      remedy:
        'If they belong to the adapter, correct these keys in its adapter_config.json. A module that modules_to_save names is saved whole and has no factors.',
    },
  ];
}

/** @param tensors all names in the file of weights */
export function unprefixedNames(label: string, tensors: Iterable<string>): Finding[] {
  const plain = [...tensors].filter((name) => !name.startsWith(peftPrefix));
  const [first] = plain;
  if (first === undefined) return [];
  return [
    {
      code: 'adapter-names-without-prefix',
      severity: 'warning',
      tensors: plain,
      message: `${plain.length === 1 ? 'A tensor' : `${plain.length} tensors`} of the adapter ${label}, such as ${first}, ${plain.length === 1 ? 'has a name that does' : 'have names that do'} not begin with ${peftPrefix} as peft writes them. They are put on the modules that they name; peft would find none of them and leave the base as it is there.`,
      remedy: 'Nothing to do where the adapter is meant so. For peft, rename the tensors.',
    },
  ];
}

/** @param modules as the adapter names them, which the base does not have by these names */
export function renamedModules(label: string, base: string, modules: readonly string[]): Finding[] {
  const [first] = modules;
  if (first === undefined) return [];
  return [
    {
      code: 'adapter-of-vision-language-model',
      severity: 'warning',
      tensors: modules,
      message: `The adapter ${label} names ${modules.length} modules as a vision-language model does, such as ${first}, and ${base} is a language model by itself. They are put on the layers of the same number and kind. peft would find none of them and leave the base as it is.`,
      remedy:
        'This is right where the adapter was trained on a vision-language model whose language model is this base. Otherwise give the base that it was trained on.',
    },
  ];
}

/** Where a reasoning model is asked for, the adapter is meant; whoever asks for the folder alone gets the whole model. */
export async function wholeModelBeside(
  folder: ModelFolder,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const whole = ['model.safetensors', 'model.safetensors.index.json'];
  const config = await folder.open('config.json', signal);
  if (!config) return [];
  for (const file of whole) {
    if (!(await folder.open(file, signal))) continue;
    return [
      {
        code: 'model-beside-adapter',
        severity: 'warning',
        tensors: [],
        message: `${folder.label} holds a whole model (${file}) beside the adapter. The adapter is put on the base, as transformers with peft does, and the whole model is not used.`,
        remedy: 'Keep each in a folder of its own, and choose the one that is meant.',
      },
    ];
  }
  return [];
}
