/**
 * What stops a merge until a person has accepted it by its code, and what recipe, record and model card keep of
 * what was found in the models that a merge was made of.
 */
import { StudioError } from '../errors.ts';
import type { Finding } from './pairing.ts';

/** A finding that is worth knowing of a merged model. An error is there because a person accepted it. */
export interface KnownFinding {
  /** Of the finding, in kebab-case. */
  readonly code: string;
  readonly severity: 'warning' | 'error';
  readonly message: string;
}

/** Characters of a message that are kept; a label that is very long may make a longer one. */
export const maxFindingMessage = 1000;
/** More than any trio has. */
export const maxKnownFindings = 200;

/** Errors that nobody has accepted. */
export const unaccepted = (findings: readonly Finding[], accepted: readonly string[]): readonly Finding[] =>
  findings.filter(({ code, severity }) => severity === 'error' && !accepted.includes(code));

/** Their codes, each once. */
export const codesOf = (findings: readonly Pick<Finding, 'code'>[]): readonly string[] => [
  ...new Set(findings.map(({ code }) => code)),
];

/**
 * Throws `mismatch` where an error was found that nobody has accepted; `details.findings` has the codes.
 * @param howTo what to do where the models are to be merged all the same, as a sentence
 */
export function requireAccepted(
  findings: readonly Finding[],
  accepted: readonly string[],
  howTo: (codes: readonly string[]) => string = (codes) =>
    `To merge them all the same, accept ${codes.join(' and ')} by name.`,
): void {
  const open = unaccepted(findings, accepted);
  if (open.length === 0) return;
  const codes = codesOf(open);
  const what = open.map(({ code, message, remedy }) => `${code}: ${message} ${remedy}`).join(' ');
  throw new StudioError(
    'mismatch',
    `A merge of these models would be wrong, so nothing was written. ${what} ${howTo(codes)}`,
    { details: { findings: codes.join(',') } },
  );
}

/** Warnings and errors, in their order; what merely informs is left out. */
export const knownFindings = (findings: readonly Finding[]): readonly KnownFinding[] =>
  findings
    .flatMap(({ code, severity, message }) =>
      severity === 'info' ? [] : [{ code, severity, message: message.slice(0, maxFindingMessage) }],
    )
    .slice(0, maxKnownFindings);
