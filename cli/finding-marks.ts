/** What stands before a finding in a terminal. */
export const findingMarks = { error: '✗', warning: '!', info: '·' } as const;
