import { describe, expect, it } from 'vitest';
import { groupNames, parseOptions, usage, UsageError } from './options.ts';

describe('the command line of the benchmarks', () => {
  it('runs everything as a table when nothing is asked', () => {
    expect(parseOptions([])).toEqual({ groups: groupNames, quick: false, format: 'table' });
  });

  it('takes one group or several, in the order of the list and each once', () => {
    expect(parseOptions(['--only', 'svd', '--quick', '--json'])).toEqual({
      groups: ['svd'],
      quick: true,
      format: 'json',
    });
    expect(parseOptions(['--only=page,svd,page', '--markdown'])).toEqual({
      groups: ['svd', 'page'],
      quick: false,
      format: 'markdown',
    });
  });

  it('answers null to a call for help, and the help names every option', () => {
    expect(parseOptions(['--json', '--help'])).toBeNull();
    for (const option of ['--only', '--quick', '--json', '--markdown', ...groupNames, 'FRISM_PYTHON'])
      expect(usage).toContain(option);
  });

  for (const [args, complaint] of [
    [['--only'], /--only needs a group: svd, step, io, page, hostile/],
    [['--only', 'svd,gpu'], /gpu: there is no such group/],
    [['--only', '--quick'], /--quick: there is no such group/],
    [['--fast'], /--fast is not an option/],
    [['svd'], /svd is not an option/],
    [['--quick=yes'], /takes no value/],
    [['--json', '--markdown'], /at once/],
  ] as const) {
    it(`refuses ${args.join(' ')} and says why`, () => {
      expect(() => parseOptions(args)).toThrow(UsageError);
      expect(() => parseOptions(args)).toThrow(complaint);
    });
  }
});
