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
    /more than 100000 steps/,
  ],
  [
    'loops in a loop that do nothing',
    '{% set a = range(10000) %}{% for i in a %}{% for j in a %}{% endfor %}{% endfor %}',
    /more than 100000 steps/,
  ],
  [
    'a long text that is gone through again and again',
    '{% set ns = namespace(x="x") %}{% for i in range(20) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{% for i in range(10000) %}{% if ns.x | upper %}{% endif %}{% endfor %}',
    /more than 100000 steps/,
  ],
  [
    'a list that doubles',
    '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}',
    /more than 100000 steps/,
  ],
  [
    'a text that doubles',
    '{% set ns = namespace(x="x") %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}',
    /text of more than/,
  ],
  [
    'a long text in a list, again and again',
    '{% set ns = namespace(l=[], s="a") %}{% for i in range(21) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{% for i in range(9000) %}{% set ns.l = ns.l + [ns.s | upper] %}{% endfor %}',
    /more than 100000/,
  ],
  [
    'a list that holds itself twice, again and again, and is written out',
    '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}',
    /more than 100000 members/,
  ],
  [
    'a long text in place of each letter of a long text',
    '{% set x = "a" * 1000000 %}{{ x | replace("a", x) }}',
    /text of more than/,
  ],
  ['a number of a million digits', '{{ "%1000000d" % 1 }}', /characters wide/],
  ['a power of powers', '{{ 9 ** 9 ** 9 ** 9 }}', /./],
  ['a macro without an end', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}', /./],
];

/** Texts of 128 KiB that the library's reader goes through slowly: read or refused. */
export const crowdedTemplates: readonly (readonly [string, string])[] = [
  ['spaces and letters', `${' '.repeat(999)}x`.repeat(131)],
  ['spaces and signs', ' -'.repeat(65_000)],
  ['open tags', '{%'.repeat(65_000)],
  ['lines of spaces', `${' \n'.repeat(499)}x`.repeat(131)],
];
