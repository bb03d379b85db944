/**
 * Keys of rank_pattern and alpha_pattern of an adapter: expressions of Python's `re`, which peft matches as
 * `(.*\.)?(KEY)$` against a module's name; the first one that matches counts (peft/utils/other.py,
 * get_pattern_key). Of the language of expressions a part is read in which Python and JavaScript agree and
 * nothing can run for long: names, dots, classes, `\d`, alternatives, and at most two unbounded repetitions.
 */
const maxPattern = 200;
/** Longer than any module's name; what is longer matches nothing. */
const maxName = 500;
const unbounded = 2;
const part = /\\[.d\-_]|\[[A-Za-z0-9_-]{1,40}\]|[A-Za-z0-9_.-]|\(\?:|[()|]|[*+?]/y;

/** Null for an expression that is not read. */
export function modulePattern(pattern: string): ((module: string) => boolean) | null {
  if (pattern.length > maxPattern) return null;
  const inner = pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
  if (inner === '') return null;
  let repeats = 0;
  let before = '';
  for (part.lastIndex = 0; part.lastIndex < inner.length;) {
    const [token = ''] = part.exec(inner) ?? [];
    if (token === '') return null;
    if (/^[*+?]$/.test(token)) {
      // Only of single characters, never of groups or of repetitions.
      if (before === '' || /^(?:[*+?()|]|\(\?:)$/.test(before)) return null;
      if (token !== '?' && ++repeats > unbounded) return null;
    }
    before = token;
  }
  try {
    const whole = new RegExp(String.raw`^(?:.*\.)?(?:${pattern.startsWith('^') ? '^' : ''}${inner})$`);
    return (module) => module.length <= maxName && whole.test(module);
  } catch {
    return null; // brackets that do not pair
  }
}
