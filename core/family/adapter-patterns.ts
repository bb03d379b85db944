/**
 * Keys of rank_pattern and alpha_pattern of an adapter: expressions of Python's `re`, which peft matches as
 * `(.*\.)?(KEY)$` against a module's name; the first one that matches counts (peft/utils/other.py,
 * get_pattern_key). Of the language of expressions a part is read in which Python and JavaScript agree: names, dots,
 * classes, `\d`, alternatives, and at most two unbounded repetitions. What could still try more ways than anybody
 * waits for, such as `a?a?a?…`, is counted.
 */
import { StudioError } from '../errors.ts';
import { CountedRegExp } from '../expressions/counted-regexp.ts';
import { allowance, measured, type Work } from '../work.ts';

const maxPattern = 200;
/** Longer than any module's name; what is longer matches nothing. */
const maxName = 500;
const unbounded = 2;
const part = /\\[.d\-_]|\[[A-Za-z0-9_-]{1,40}\]|[A-Za-z0-9_.-]|\(\?:|[()|]|[*+?]/y;

/**
 * Null for an expression that is not read. What is given throws StudioError `unsupported` where it takes more work
 * than is left.
 * @param work of all expressions of one adapter
 */
export function modulePattern(
  pattern: string,
  work: Work = allowance(),
): ((module: string) => boolean) | null {
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
  // Signs that need no backslash, and must not have one in an expression by code points.
  const plain = inner.replace(/\\([-_])/g, '$1');
  const whole = String.raw`^(?:.*\.)?(?:${pattern.startsWith('^') ? '^' : ''}${plain})$`;
  try {
    // Names, dots and classes alone are compared once at each dot.
    if (!/[*+?|]/.test(plain)) {
      const one = new RegExp(whole);
      return (module) => module.length <= maxName && one.test(module);
    }
    const counted = new CountedRegExp(whole, 'u');
    return (module) => module.length <= maxName && within(work, pattern, () => counted.test(module));
  } catch {
    return null; // brackets that do not pair
  }
}

function within<T>(work: Work, pattern: string, run: () => T): T {
  try {
    return measured(work, run);
  } catch (cause) {
    throw new StudioError(
      'unsupported',
      `The expression ${pattern.slice(0, 80)} in adapter_config.json tries too many ways through a module's name: ${cause instanceof Error ? cause.message : String(cause)}. Write the names of the modules instead, or merge the adapter into its base with peft and open the result.`,
      { details: { file: 'adapter_config.json', value: pattern.slice(0, 80) }, cause },
    );
  }
}
