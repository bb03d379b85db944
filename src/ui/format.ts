/** Numbers as people read them. */

/** "840 ms", "4.2 s", "42 s", "3 min 05 s", "1 h 12 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 0.9995) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Decimal units: "812 B", "3.4 MB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** "820 k", "1.2 M", "7.6 B". */
export function formatCount(count: number): string {
  if (count < 10_000) return count.toLocaleString('en');
  if (count < 999_500) return `${Math.round(count / 1000)} k`;
  if (count < 999_500_000) return `${(count / 1e6).toFixed(count < 9.95e6 ? 1 : 0)} M`;
  return `${(count / 1e9).toFixed(1)} B`;
}

const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** "30 Nov 2026, 19:41", of ms since the epoch, where the browser is. */
export const formatMoment = (at: number): string => moment.format(at);

/** A rate in [0, 1] as "97.2 %". */
export const formatRate = (rate: number): string => `${(100 * rate).toFixed(1)} %`;

/** Short decimal without trailing zeros: 0.1, 1.25, 3e-4. */
export function formatNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1).replace('.0e', 'e');
  return String(Number(value.toPrecision(4)));
}
