/** The chart of the losses, fetched beside the page's first code: the chart library is half of all code. */
import { late } from '../../ui/late.tsx';

export const lossesChart = late(() => import('./losses-chart.tsx'));
