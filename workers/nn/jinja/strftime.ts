/** `datetime.strftime` in the C locale, local time, for the directives that date lines of templates use. */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August'],
  ...['September', 'October', 'November', 'December'],
];
const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = (date: Date): number => ((date.getHours() + 11) % 12) + 1;
const monday = (date: Date): number => (date.getDay() + 6) % 7;
const dayOfYear = (date: Date): number =>
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) /
      86_400_000,
  ) + 1;

const directives: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => (days[date.getDay()] ?? '').slice(0, 3),
  A: (date) => days[date.getDay()] ?? '',
  b: (date) => (months[date.getMonth()] ?? '').slice(0, 3),
  B: (date) => months[date.getMonth()] ?? '',
  d: (date) => two(date.getDate()),
  e: (date) => String(date.getDate()).padStart(2),
  F: (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  S: (date) => two(date.getSeconds()),
  T: (date) => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
  u: (date) => String(monday(date) + 1),
  w: (date) => String(date.getDay()),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  '-d': (date) => String(date.getDate()),
  '-H': (date) => String(date.getHours()),
  '-I': (date) => String(hour12(date)),
  '-m': (date) => String(date.getMonth() + 1),
  '-M': (date) => String(date.getMinutes()),
  '%': () => '%',
};

/** Throws Error for a directive that it does not know. */
export function strftime(format: string, date: Date): string {
  return format.replace(/%(-?[\s\S]?)/g, (whole, directive: string) => {
    const write = Object.hasOwn(directives, directive) ? directives[directive] : undefined;
    if (!write) throw new Error(`the date format “${whole}” is not computed here`);
    return write(date);
  });
}
