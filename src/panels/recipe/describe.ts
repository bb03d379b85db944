/** A recipe in sentences. */
import { describeOptions } from '../../../core/objective/describe-options.ts';
import { describeLosses } from '../../../core/objective/terms.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import { formatNumber } from '../../ui/format.ts';

export function describeRecipe({ options, slots, budget, step, studio }: Recipe): string {
  const gates = slots.reduce((sum, slot) => sum + slot.gates.length, 0);
  const locked = slots.reduce((sum, slot) => sum + slot.locks.reduce((count, lock) => count + lock, 0), 0);
  const parts = [
    `${gates.toLocaleString('en')} gates in ${slots.length} layers${budget === null ? '' : `, a budget of ${budget}`}`,
    locked === 0 ? '' : `${locked.toLocaleString('en')} of them locked`,
    // How many steps it has done is what counts, not how many it was to do.
    ...describeOptions(options, formatNumber, ['steps']),
    step === 0 ? 'not distilled' : `${step} step${step === 1 ? '' : 's'}`,
  ];
  return `${parts.filter(Boolean).join(' · ')} (FRISM Studio ${studio})`;
}

/** What was measured with these gates when the recipe was written. */
export function describeMeasured({ metrics, run }: Recipe): string[] {
  const scores = metrics.map(({ name, correct, total, low, high }) => {
    const interval = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
    return `${name} ${total === 0 ? '–' : (correct / total).toFixed(3)}${interval} on ${total} items`;
  });
  return [
    ...(scores.length > 0 ? [`Measured with these gates: ${scores.join(', ')}.`] : []),
    ...(run
      ? [`Distilled on ${run.backend}; at the last step ${describeLosses(run.losses).join(', ')}.`]
      : []),
  ];
}
