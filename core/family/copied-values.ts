/**
 * What is said of tensors of the VLM that no merge changes and that hold NaN or infinite values: they are in the
 * merged model as they are in the VLM. Nothing is refused for them, because a buffer such as a mask may hold minus
 * infinity, and a tensor may not be used at all.
 */
import { placeOf, type NotFinite } from '../safetensors/not-finite.ts';
import type { Finding } from './pairing.ts';

/** One tensor, and what in it is not finite. */
export interface NotFiniteTensor {
  readonly name: string;
  readonly file: string;
  readonly shape: readonly number[];
  readonly found: NotFinite;
}

/** Tensors that a message names; its finding lists all of them. */
const mostNamed = 5;

/** @param label of the VLM */
export function valuesNotFinite(label: string, tensors: readonly NotFiniteTensor[]): readonly Finding[] {
  const masks = tensors.filter(isMaskLike);
  const broken = tensors.filter((tensor) => !masks.includes(tensor));
  const findings: Finding[] = [];
  if (broken.length > 0)
    findings.push({
      code: 'vlm-values-not-finite',
      severity: 'warning',
      tensors: broken.map(({ name }) => name),
      message: `The VLM ${label} holds values that are not finite numbers where a merge keeps it as it is: ${listed(broken)}.`,
      remedy:
        'They are in the merged model too, and whatever it computes from one of them is NaN: where every answer uses the tensor, it answers nothing. Fetch the files of the VLM again; if they stay so, the VLM itself is damaged.',
    });
  if (masks.length > 0)
    findings.push({
      code: 'vlm-minus-infinity',
      severity: 'info',
      tensors: masks.map(({ name }) => name),
      message: `The VLM ${label} holds minus infinity where a merge keeps it as it is: ${listed(masks)}.`,
      remedy:
        'Masks hold it on purpose. If this is no mask, the VLM is damaged; the merged model has the same.',
    });
  return findings;
}

/** Minus infinity alone, in something that nothing is multiplied by. */
const isMaskLike = ({ name, found }: NotFiniteTensor): boolean =>
  found.nan === 0 && found.plus === 0 && !name.endsWith('.weight');

function listed(tensors: readonly NotFiniteTensor[]): string {
  const named = tensors.slice(0, mostNamed).map(said).join('; ');
  const more = tensors.length - mostNamed;
  return more > 0 ? `${named}; and ${more} more tensor${more === 1 ? '' : 's'}` : named;
}

function said({ name, file, shape, found: { nan, plus, minus, first } }: NotFiniteTensor): string {
  const kinds = [
    nan > 0 && `${nan} NaN`,
    plus > 0 && `${plus} plus infinity`,
    minus > 0 && `${minus} minus infinity`,
  ].filter((kind) => kind !== false);
  const many = nan + plus + minus > 1 ? ', the first' : '';
  return `${name} (${file}) has ${kinds.join(' and ')}${many} at ${placeOf(first.index, shape)}`;
}
