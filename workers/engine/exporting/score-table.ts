import type { RecipeMetric } from '../../../core/recipe/recipe.ts';
import { plain } from './markdown.ts';

/** Measured accuracies as a Markdown table. */
export function scoreTable(metrics: readonly RecipeMetric[]): string {
  const rows = metrics.map(({ name, correct, total, low, high, backend }) => {
    const interval = low === null || high === null ? '–' : `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
    return `| ${plain(name)} | ${total === 0 ? '–' : (correct / total).toFixed(3)} | ${interval} | ${correct} of ${total} | ${plain(backend ?? '–')} |`;
  });
  return `| set | accuracy | interval | items | computed on |\n|---|---|---|---|---|\n${rows.join('\n')}`;
}
