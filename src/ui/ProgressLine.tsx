/** What is being done, how far, how much longer. Without `progress` the bar only says that something goes on. */
import type { ReactNode } from 'react';
import { formatBytes, formatDuration } from './format.ts';
import css from './Progress.module.css';

export interface ProgressLike {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly etaMs: number | null;
}

const amount = ({ done, total, unit }: ProgressLike): string =>
  unit === 'bytes' ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done} of ${total} ${unit}`;

export function ProgressLine({ progress, label, action }: { readonly progress: ProgressLike | null; readonly label?: string; readonly action?: ReactNode }): ReactNode {
  const part = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
  const name = label ?? progress?.stage ?? 'Working';
  const rest = progress ? [amount(progress), progress.etaMs === null ? null : `about ${formatDuration(progress.etaMs)} left`].filter(Boolean).join(' · ') : '';
  return (
    <div className={css.line}>
      <span className={css.text}>
        {name}
        {rest && ` · ${rest}`}
      </span>
      <div className={css.bar} role="progressbar" aria-label={name} aria-valuemin={0} aria-valuemax={100} {...(part === null ? {} : { 'aria-valuenow': Math.round(100 * part) })}>
        <div className={`${css.fill} ${part === null ? css.unknown : ''}`} style={part === null ? undefined : { width: `${100 * part}%` }} />
      </div>
      {action}
    </div>
  );
}
