/** Chat templates that mean harm, for the tests that have them refused and the benchmark of how quickly they are. */

/** What it is, its text, and the reason that it fails for. */
export const endlessTemplates: readonly (readonly [string, string, RegExp])[] = [
  ['a huge range', '{% for i in range(10**9) %}{% endfor %}', /./],
  ['a huge range, written out', '{% for i in range(1000000000) %}x{% endfor %}', /range of 1000000000/],
  ['an endless range', '{% for i in range(0, 1, 0.0000001) %}x{% endfor %}', /range of/],
  ['a range of nothing known', '{% for i in range(messages) %}x{% endfor %}', /range of something else/],
  [
    'loops in loops',
    '{% set a = range(10000) %}{% for i in a %}{% for j in a %}{% for k in a %}x{% endfor %}{% endfor %}{% endfor %}',
    /more than 50000000 units of work/,
  ],
  [
    'loops in a loop that do nothing',
    '{% set a = range(10000) %}{% for i in a %}{% for j in a %}{% endfor %}{% endfor %}',
    /more than 50000000 units of work/,
  ],
  [
    'a long text that is gone through again and again',
    '{% set ns = namespace(x="x") %}{% for i in range(20) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{% for i in range(10000) %}{% if ns.x | upper %}{% endif %}{% endfor %}',
    /more than 50000000 units of work/,
  ],
  [
    'a list that doubles',
    '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}',
    /more than 50000000 units of work/,
  ],
  [
    'a text that doubles',
    '{% set ns = namespace(x="x") %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}',
    /text of more than/,
  ],
  [
    'a long text in a list, again and again',
    '{% set ns = namespace(l=[], s="a") %}{% for i in range(21) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{% for i in range(9000) %}{% set ns.l = ns.l + [ns.s | upper] %}{% endfor %}',
    /units of work/,
  ],
  [
    'a list that holds itself twice, again and again, and is written out',
    '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}',
    /units of work/,
  ],
  [
    'a long text in place of each letter of a long text',
    '{% set x = "a" * 1000000 %}{{ x | replace("a", x) }}',
    /text of more than/,
  ],
  ['a number of a million digits', '{{ "%1000000d" % 1 }}', /characters wide/],
  ['a power of powers', '{{ 9 ** 9 ** 9 ** 9 }}', /./],
  ['a macro without an end', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}', /./],
  [
    'a list that is written as JSON again and again',
    '{% set l = range(10000) | list %}{% for i in l %}{% if l | tojson %}{% endif %}{% endfor %}',
    /units of work/,
  ],
  [
    'JSON of a list that holds itself twice, again and again',
    '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}',
    /units of work/,
  ],
  [
    'JSON that is indented deeper and deeper',
    '{% set ns = namespace(x=[1]) %}{% for i in range(199) %}{% set ns.x = [ns.x, i] %}{% endfor %}{% for i in range(10000) %}{% set x = ns.x | tojson(indent=100) %}{% endfor %}',
    /units of work/,
  ],
  [
    'a long list that is sorted again and again',
    '{% set l = range(10000) | list %}{% for i in l %}{% if l | sort(reverse=true) %}{% endif %}{% endfor %}',
    /units of work/,
  ],
  [
    'lists in lists that are compared',
    '{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}',
    /units of work/,
  ],
  [
    'lists in lists that are put in order',
    '{% set ns = namespace(x=[1], z=[1], y=[2]) %}{% for i in range(40) %}{% set ns.y = [ns.z, ns.y] %}{% set ns.x = [ns.x, ns.x] %}{% set ns.z = [ns.z, ns.z] %}{% endfor %}{{ [ns.x, ns.y] | sort }}',
    /units of work/,
  ],
  [
    'a long part that is nowhere in a long text of the same letter',
    '{% set s = "a" * 4000000 %}{% set part = "b" ~ "a" * 2000000 %}{% for i in range(100) %}{{ part in s }}{% endfor %}',
    /units of work/,
  ],
  [
    'the same, looked for from the end, counted, cut and replaced',
    '{% set s = "a" * 4000000 %}{% set part = "a" * 2000000 ~ "b" %}{% for i in range(100) %}{{ s.rfind(part) }}{{ s.count(part) }}{{ s.split(part) | length }}{{ s | replace(part, "") | length }}{% endfor %}',
    /units of work/,
  ],
  [
    'a thousand million of nothing',
    '{% for i in range(10000) %}{% set x = [i] * 1000000000 %}{% endfor %}',
    /units of work/,
  ],
  ['a text a thousand million times', '{{ "ab" * 1000000000 }}', /text of more than/],
  [
    'two long texts as keys, looked up again and again',
    '{% set s = "a" * 2000000 %}{% set d = {s ~ "b": 1} %}{% for i in range(10000) %}{% if d[s ~ "b"] %}{% endif %}{% endfor %}',
    /units of work/,
  ],
  [
    'a text of which each letter is looked at by its number',
    '{% set s = "a" * 1000000 %}{% for i in range(10000) %}{% if s[i] %}{% endif %}{% endfor %}',
    /units of work/,
  ],
  [
    'a long text that is cut backwards again and again',
    '{% set s = "a" * 1000000 %}{% for i in range(10000) %}{% set x = s[::-1] %}{% endfor %}',
    /units of work/,
  ],
  [
    'a number of a million digits, and a letter',
    '{% set s = "1" * 1000000 ~ "x" %}{% for i in range(10000) %}{{ s | int }}{{ s | float }}{% endfor %}',
    /units of work/,
  ],
  [
    'a format of a million zeros',
    '{% set s = "%" ~ "0" * 1000000 ~ "x" %}{{ s % 1 }}',
    /format|units of work/,
  ],
  [
    'a long text that is joined into itself',
    '{% set s = "a" * 100000 %}{{ s | join(s) }}',
    /text of more than/,
  ],
  [
    'macros that call each other twice',
    '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
    /units of work/,
  ],
  [
    'a caller that is called by what it calls',
    '{% macro f(n) %}{{ caller(n) }}{{ caller(n) }}{% endmacro %}{% macro g(n) %}{% if n > 0 %}{% call(m) f(n - 1) %}{{ g(m) }}{% endcall %}{% endif %}{% endmacro %}{{ g(60) }}',
    /units of work|macros call/,
  ],
  [
    'filters of filters over a long list',
    '{% set l = ["a" * 1000] * 10000 %}{% for i in range(10000) %}{% if l | map("upper") | map("lower") | map("title") | list %}{% endif %}{% endfor %}',
    /units of work/,
  ],
  [
    'a path of a million steps for each member',
    '{% set l = [{"a": 1}] * 10000 %}{{ l | map(attribute="a" ~ ".0" * 1000000) | list }}',
    /units of work|without a value/,
  ],
  [
    'members that all differ, each compared with all',
    '{% set ns = namespace(l=[]) %}{% for i in range(2500) %}{% set ns.l = ns.l + [i | string * 1] %}{% endfor %}{{ ns.l | unique | list | length }}',
    /units of work/,
  ],
  [
    'spaces around a text that are taken away again and again',
    '{% set s = " " * 4000000 ~ "a" %}{% for i in range(10000) %}{{ s | trim }}{{ s.split() }}{% endfor %}',
    /units of work/,
  ],
  [
    'a long list that is given as arguments',
    '{% macro f() %}{% endmacro %}{% set l = range(10000) | list %}{% for i in l %}{{ namespace(*[l]) }}{{ f(*l) }}{% endfor %}',
    /./,
  ],
  [
    'lists nested too deeply to be written out',
    '{% set ns = namespace(x=[1]) %}{% for i in range(9000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}',
    /nested more than 200 deep/,
  ],
  ['a name as long as the template', `{{ ${'a'.repeat(100_000)} }}`, /a name is 100000 characters long/],
  [
    'filters in a row, as many as there is room for',
    `{{ 1${' | string'.repeat(14_000)} }}`,
    /nested too deeply/,
  ],
];

/** Texts of 128 KiB that the library's reader goes through slowly: read or refused. */
export const crowdedTemplates: readonly (readonly [string, string])[] = [
  ['spaces and letters', `${' '.repeat(999)}x`.repeat(131)],
  ['spaces and signs', ' -'.repeat(65_000)],
  ['open tags', '{%'.repeat(65_000)],
  ['lines of spaces', `${' \n'.repeat(499)}x`.repeat(131)],
];

/** How long the text `s` and the lists `l` and `w` are that the operations below go through. */
export const operandLength = 10_000;
export const operands =
  '{% set s = "aB" * 5000 %}{% set t = "aB" * 5000 %}{% set l = range(10000) | list %}{% set m = range(10000) | list %}{% set w = ["a "] * 10000 %}';

/** Each goes through all of a text or a list, or makes one, and has to be counted as so much work. */
export const longOperations: readonly string[] = [
  ...[
    's ~ t',
    's + t',
    's * 2',
    's == t',
    's < t',
    '"x" in s',
    's in t',
    's[5]',
    's[1:]',
    's[::-1]',
    's % ()',
  ],
  ...['l + m', 'l * 2', 'l == m', 'l < m', '-1 in l', 'l[1:]', 'l[::-1]', 'l | string', '(l,) == (m,)'],
  ...['s | upper', 's | lower', 's | capitalize', 's | title', 's | trim("aB")', 's | replace("a", "")'],
  ...['s | indent', 's | center(10)', 's | length', 's | list', 's | first', 's | last', 's | reverse'],
  ...[
    's | int',
    's | float',
    's | format',
    's | tojson',
    's | join',
    's | max',
    's | unique | list',
    's | sort',
  ],
  ...['l | list', 'l | reverse', 'l | join', 'l | sum', 'l | min', 'l | max', 'l | sort', 'l | tojson'],
  ...['l | map("string")', 'l | select', 'l | reject', 'w | map(attribute=0)', 'w | selectattr(0)'],
  ...['w | unique | list', 'w | join(attribute=0)', 'l | rejectattr("x") | list', 'dict(a=l) | tojson'],
  ...['s.upper()', 's.lower()', 's.title()', 's.capitalize()', 's.strip("aB")', 's.lstrip("aB")'],
  ...['s.rstrip("aB")', 's.startswith(t)', 's.endswith(t)', 's.find("x")', 's.rfind("x")', 's.index("BaB")'],
  ...['s.rindex("aBa")', 's.partition("x")', 's.rpartition("x")', 's.ljust(10000)', 's.rjust(10000)'],
  ...['s.isdigit()', 's.isdecimal()', 's.isalpha()', 's.isspace()', 's.islower()', 's.isupper()'],
  ...['s.count("x")', 's.split("x")', 's.split()', 's.rsplit("x")', 's.splitlines()', 's.replace("x", "")'],
  ...['"".join(w)', 's.removeprefix(t)', 's.removesuffix(t)', 's.zfill(10000)', 'l.count(-1)'],
  ...['s is lower', 's is upper', 's is eq(t)', 's is lt(t)', 's is in(t)', 'l is in([m])', '{s: 1}[t]'],
  ...['"%s" % s', '"%r" % s', '"%.5s" % s', 'range(10000)', 'namespace(a=s)[t]', '[s] | string'],
];
