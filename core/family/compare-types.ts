/** Findings about what is known of the three models at all: whether config.json is there, can be read, and names one type. */
import { asRecord, isRecord } from '../records.ts';
import type { Finding } from './pairing.ts';
import { roleNames, roles, type PairedModel, type Trio } from './trio.ts';

/** @returns nothing for models whose config.json is not given */
export function compareTypes(trio: Trio): Finding[] {
  return [...notStated(trio), ...otherType(trio), ...notRead(trio)];
}

/** A folder without config.json, beside one that has it. */
function notStated(trio: Trio): Finding[] {
  const without = roles.filter((role) => isEmpty(trio[role].config));
  if (without.length === 0 || without.length === roles.length) return [];
  return [
    {
      code: 'config-not-compared',
      severity: 'warning',
      tensors: [],
      message: `${without.map((role) => `The ${roleNames[role]} ${trio[role].label}`).join(' and ')} has no config.json, or an empty one, so what its weights compute was not compared with the others.`,
      remedy:
        'Put the config.json of the model into its folder: without it nobody can tell whether the weights fit together.',
    },
  ];
}

/** The VLM's type has a name of its own, and the other two are of one origin. */
function otherType({ base, lrm }: Trio): Finding[] {
  const [ofBase, ofLrm] = [typeOf(base), typeOf(lrm)];
  if (ofBase === null || ofLrm === null || ofBase === ofLrm) return [];
  return [
    {
      code: 'model-type-differs',
      severity: 'error',
      tensors: [],
      message: `The reasoning model ${lrm.label} is of the type ${ofLrm}, and the base model ${base.label} of the type ${ofBase} (model_type in config.json).`,
      remedy:
        'Weights of one type mean something else in another, even where names and shapes agree. Choose models that were tuned from the same base.',
    },
  ];
}

function typeOf({ spec, config }: PairedModel): string | null {
  if (spec.kind !== 'unknown') return spec.text.type;
  const root = asRecord(config);
  const type = (isRecord(root['text_config']) ? root['text_config'] : root)['model_type'];
  return typeof type === 'string' && type !== '' ? type.slice(0, 80) : null;
}

/** What such a model computes is known only as far as config.json says it in keys of its own. */
function notRead(trio: Trio): Finding[] {
  return roles.flatMap((role): Finding[] => {
    const { spec, label, config } = trio[role];
    if (spec.kind !== 'unknown' || config === undefined || isEmpty(config)) return [];
    return [
      {
        code: `${role}-not-read`,
        severity: 'info',
        tensors: [],
        message: `What the ${roleNames[role]} ${label} computes is not known here: ${spec.reason}`,
        remedy: 'Only what its config.json says in so many words was compared with the other models.',
      },
    ];
  });
}

const isEmpty = (config: unknown): boolean =>
  config === null || (isRecord(config) && Object.keys(config).length === 0);
