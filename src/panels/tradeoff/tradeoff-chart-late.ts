/** The plot of what was measured, fetched as the chart of the losses is. */
import { late } from '../../ui/late.tsx';

export const tradeoffChart = late(() => import('./tradeoff-chart.tsx'));
