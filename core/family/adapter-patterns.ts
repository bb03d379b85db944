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

/** What all expressions of one adapter may do: about a fifth of a second. */
export const adapterWork = (): Work => allowance(10_000_000);

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
  work: Work = adapterWork(),
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

/** Of expressions as long as those that training frameworks write for vision-language models. */
const maxExpression = 2000;
/** Signs of which Python and JavaScript mean the same, in the names of modules, which have printable ASCII alone. */
const token =
  /\\[.dDwWbB\-_]|\[\^?(?:[A-Za-z0-9_.]|\\[dw\-_]|-(?!\]))+\]|[A-Za-z0-9_.^$|)-]|\((?:\?[:=!])?|(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??/y;

/**
 * What `re.fullmatch` of Python says of a module's name (target_modules and exclude_modules that are one text).
 * Null for an expression that is not read; the work is counted as above.
 */
export function moduleExpression(
  expression: string,
  work: Work = adapterWork(),
): ((module: string) => boolean) | null {
  if (expression === '' || expression.length > maxExpression) return null;
  const tokens: string[] = [];
  for (token.lastIndex = 0; token.lastIndex < expression.length;) {
    const [found] = token.exec(expression) ?? [];
    if (found === undefined) return null;
    tokens.push(found.startsWith('[') ? found.replace(/\\_/g, '_') : found.replace(/^\\([-_])$/, '$1'));
  }
  try {
    const counted = new CountedRegExp(`^(?:${tokens.join('')})$`, 'u');
    return (module) =>
      // Names that are none of a module's are left to what looks for them in the base.
      module.length > maxName ||
      !/^[\x21-\x7e]*$/.test(module) ||
      within(work, expression, () => counted.test(module));
  } catch {
    return null; // brackets that do not pair, or a repetition of nothing
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
