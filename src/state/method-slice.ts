/** The merge method without gates that a person has chosen, and its settings; each method keeps its own. */
import { chosenStream, type MethodChoice } from '../../core/merging/choose.ts';
import { streamMethods } from '../../core/merging/methods.ts';
import type { SliceContext } from './context.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'method'> & Pick<StudioActions, 'chooseMethod' | 'setMethodSetting'>;

/** Task arithmetic is a preset of the gate editor already. */
const [first] = streamMethods.filter(({ gates }) => gates === null);

/** What is measured, asked or exported now, with all its settings. */
export function chosenMethod({ method: { id, settings } }: Pick<StudioState, 'method'>): MethodChoice {
  const chosen = chosenStream({ id, settings: settings[id] ?? {} });
  return { id: chosen.method.id, settings: chosen.settings };
}

/** As in “TIES, d 0.2, λ 1”. */
export function methodLabel(choice: MethodChoice): string {
  const { method, settings } = chosenStream(choice);
  const set = Object.entries(method.settings).map(([key, { symbol }]) => `${symbol} ${settings[key]}`);
  return [method.title, ...set].join(', ');
}

export const methodTitle = ({ id }: MethodChoice): string =>
  streamMethods.find((method) => method.id === id)?.title ?? id;

export function createMethodSlice({ set }: SliceContext): Part {
  return {
    method: { id: first?.id ?? 'task-arithmetic', settings: {} },
    chooseMethod(id) {
      set(({ method }) => ({ method: { ...method, id } }));
    },
    setMethodSetting(key, value) {
      set(({ method: { id, settings } }) => ({
        method: { id, settings: { ...settings, [id]: { ...settings[id], [key]: value } } },
      }));
    },
  };
}
