/**
 * Names that a wrapper of training put around those of the model: torch.compile, DataParallel, FSDP, a module
 * that holds the model. transformers would find none of the weights under such names. What is left without
 * them is the model's own, so they are taken off, and a finding says so.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import { StudioError } from '../../../core/errors.ts';
import type { Checkpoint, TensorEntry } from '../contract.ts';

type Reader = Pick<Checkpoint, 'label' | 'tensors' | 'readRaw' | 'readRange' | 'readFloat32'>;

/** Anywhere in a name: a wrapper may be around each layer. No model of transformers has such modules. */
const anywhere = /(^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\./;
/** Only where every name begins so; the test is that of all names. */
const around: readonly { readonly prefix: string; readonly fits: (names: readonly string[]) => boolean }[] = [
  { prefix: 'module.', fits: () => true },
  { prefix: 'model.', fits: (names) => names.some((name) => name.startsWith('model.model.')) },
];
/** More than any program nests. */
const maxNesting = 8;

export function withoutWrappers<Weights extends Reader>(
  weights: Weights,
): {
  readonly weights: Weights;
  readonly findings: readonly Finding[];
} {
  const stored = [...weights.tensors.keys()];
  const plain = unwrap(stored);
  const changed = stored.filter((name, i) => plain[i] !== name);
  const [first] = changed;
  if (first === undefined) return { weights, findings: [] };
  const storedNames = new Map<string, string>();
  for (const [i, name] of stored.entries()) {
    const own = plain[i] ?? name;
    const other = storedNames.get(own);
    if (other !== undefined)
      throw new StudioError(
        'bad-file',
        `${weights.label} holds ${other} and ${name}, which are both ${own} once the names of training's wrappers are taken off. Which of them is the model's is not known: save the model again, unwrapped.`,
        { details: { file: weights.label, tensor: name } },
      );
    storedNames.set(own, name);
  }
  const find = (name: string): string => storedNames.get(name) ?? name;
  const tensors = new Map<string, TensorEntry>(
    [...storedNames].map(([own, name]) => [
      own,
      { ...(weights.tensors.get(name) as TensorEntry), name: own },
    ]),
  );
  const example = [...storedNames].find(([, name]) => name === first)?.[0] ?? '';
  return {
    weights: {
      ...weights,
      tensors,
      readRaw: (name, signal) => weights.readRaw(find(name), signal),
      readRange: (name, begin, end, signal) => weights.readRange(find(name), begin, end, signal),
      readFloat32: (name, signal) => weights.readFloat32(find(name), signal),
    },
    findings: [
      {
        code: 'wrapped-names',
        severity: 'warning',
        tensors: [...storedNames].filter(([own, name]) => own !== name).map(([own]) => own),
        message: `${changed.length} tensors of ${weights.label} have names that a wrapper of training left (torch.compile, DataParallel, FSDP or a module around the model), such as ${first}.`,
        remedy: `They are read without it, as ${example}, and so an export names them. transformers would not find them in this folder: to mend it, save the model unwrapped.`,
      },
    ],
  };
}

function unwrap(stored: readonly string[]): readonly string[] {
  let names = stored;
  for (let i = 0; i < maxNesting; i++) {
    const before = names;
    if (names.some((name) => anywhere.test(name))) names = names.map((name) => name.replace(anywhere, '$1'));
    for (const { prefix, fits } of around) {
      const inside = names.every((name) => name.startsWith(prefix)) && fits(names);
      if (inside) names = names.map((name) => name.slice(prefix.length));
    }
    if (names === before) return names;
  }
  return names;
}
