/**
 * Progress on stderr: one line that changes where a person watches, and otherwise a new line now and then.
 */
import { damagedDownload } from '../core/hub/damaged.ts';
import { visibleLine } from '../core/visible.ts';
import type { Progress } from '../protocol/events.ts';
import { formatBytes, formatNumber } from './table.ts';

const quietGapMs = 5000;

export function progressLine({
  stderr,
  live,
}: {
  readonly stderr: (text: string) => void;
  readonly live: boolean;
}) {
  let width = 0;
  let saidMs = -Infinity;
  let stage = '';
  let damaged = false;
  const clear = (): void => {
    if (width > 0) stderr(`\r${' '.repeat(width)}\r`);
    width = 0;
  };
  return {
    show(progress: Progress): void {
      if (progress.download && progress.download.damagedBytes > 0 && !damaged) {
        damaged = true;
        clear();
        stderr(`! ${damagedDownload}\n`);
      }
      const text = visibleLine(describe(progress));
      if (live) {
        stderr(`\r${text.padEnd(width)}`);
        width = text.length;
        return;
      }
      if (progress.stage === stage && performance.now() - saidMs < quietGapMs) return;
      stage = progress.stage;
      saidMs = performance.now();
      stderr(`${text}\n`);
    },
    clear,
  };
}

function describe({ stage, done, total, unit, etaMs }: Progress): string {
  if (total === 0) return stage;
  const amount =
    unit === 'bytes'
      ? `${formatBytes(done)} of ${formatBytes(total)}`
      : `${formatNumber(Math.floor(done))} of ${formatNumber(total)} ${unit}`;
  return `${stage}: ${amount}${etaMs === null || done >= total ? '' : `, ${Math.ceil(etaMs / 1000)} s left`}`;
}
