/**
 * What is being done, how far, how much longer. Without `progress` the bar only says that something goes on.
 */
import type { ReactNode } from 'react';
import { formatBytes, formatDuration } from './format.ts';
import css from './progress.module.css';

export interface ProgressLike {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly etaMs: number | null;
  /** Where it waits for the network: what has come, and why nothing comes. */
  readonly download?: {
    readonly receivedBytes: number;
    readonly keptBytes: number;
    readonly neededBytes: number | null;
    readonly waiting: string | null;
  };
}

/** Less than this is over before it is read. */
const WORTH_SAYING_MS = 1000;

const amount = ({ done, total, unit }: ProgressLike, compact: boolean): string | null =>
  total === 0
    ? null
    : unit === 'bytes'
      ? `${formatBytes(done)} of ${formatBytes(total)}`
      : compact
        ? `${Math.floor(done)}/${total}`
        : `${Math.floor(done)} of ${total} ${unit}`;

const timeLeft = ({ etaMs }: ProgressLike, compact: boolean): string | null =>
  etaMs === null || etaMs < WORTH_SAYING_MS
    ? null
    : `${compact ? '' : 'about '}${formatDuration(etaMs)} left`;

/** "12 MB of about 1.2 GB downloaded"; what an earlier download left counts as downloaded. */
function downloaded({ download }: ProgressLike): string | null {
  if (!download) return null;
  if (download.waiting) return download.waiting;
  const { receivedBytes, keptBytes, neededBytes } = download;
  if (neededBytes === null) return `${formatBytes(receivedBytes)} downloaded`;
  return `${formatBytes(Math.min(neededBytes, receivedBytes + keptBytes))} of about ${formatBytes(neededBytes)} ${receivedBytes > 0 ? 'downloaded' : 'here'}`;
}

export interface ProgressLineProps {
  readonly progress: ProgressLike | null;
  readonly label?: string;
  readonly action?: ReactNode;
  /** Few words, for a narrow panel. */
  readonly compact?: boolean;
}

export function ProgressLine({ progress, label, action, compact = false }: ProgressLineProps): ReactNode {
  const part = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
  const name = label ?? progress?.stage ?? 'Working';
  const rest = progress
    ? [
        // Said under another name: what is waited for must be said all the same.
        progress.total === 0 && label !== undefined && label !== progress.stage ? progress.stage : null,
        amount(progress, compact),
        compact ? null : downloaded(progress),
        timeLeft(progress, compact),
      ]
        .filter(Boolean)
        .join(' · ')
    : '';
  return (
    <div className={css.line}>
      <span className={css.text} title={rest ? `${name} · ${rest}` : name}>
        {name}
        {rest && ` · ${rest}`}
      </span>
      <div
        className={css.bar}
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(part === null ? {} : { 'aria-valuenow': Math.round(100 * part) })}
      >
        <div
          className={`${css.fill} ${part === null ? css.unknown : ''}`}
          style={part === null ? undefined : { width: `${100 * part}%` }}
        />
      </div>
      {action}
    </div>
  );
}
