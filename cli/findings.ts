/**
 * What was found in the models, as the commands that act on them tell it: on stderr before work begins, in the
 * JSON result, and as an error that stops the command until it is accepted by its code.
 */
import { codesOf, requireAccepted, unaccepted } from '../core/family/accept-findings.ts';
import type { Finding } from '../core/family/pairing.ts';
import type { Context } from './command.ts';
import type { Given, OptionSpec } from './usage.ts';

export const acceptOption: Readonly<Record<string, OptionSpec>> = {
  'accept-findings': {
    value: 'CODE',
    many: true,
    about:
      'merge although this error was found in the models, named by its code as pair prints it with --json (may be repeated; several with commas)',
  },
};

export const acceptedCodes = (given: Given): readonly string[] =>
  given
    .many('accept-findings')
    .flatMap((text) => text.split(','))
    .map((code) => code.trim())
    .filter((code) => code !== '');

/**
 * Tells what was found, and stops where an error is among it that is not accepted, which then is the error of the
 * command.
 * @param told what was told before
 */
export function tellFindings(
  findings: readonly Finding[],
  given: Given,
  { onFindings }: Pick<Context, 'onFindings'>,
  { merges, told = [] }: { readonly merges: boolean; readonly told?: readonly Finding[] },
): void {
  const known = new Set(told.map(({ message }) => message));
  const stopping = new Set(merges ? unaccepted(findings, acceptedCodes(given)) : []);
  onFindings(findings.filter((finding) => !known.has(finding.message) && !stopping.has(finding)));
  if (merges)
    requireAccepted(
      findings,
      acceptedCodes(given),
      (codes) => `To merge them all the same, add --accept-findings ${codes.join(',')}.`,
    );
}

/** Sentences about codes that were accepted and that nothing has. */
export function acceptedInVain(findings: readonly Finding[], given: Given): readonly string[] {
  const found = codesOf(findings.filter(({ severity }) => severity === 'error'));
  return acceptedCodes(given)
    .filter((code) => !found.includes(code))
    .map((code) => `No error has the code ${code}: --accept-findings ${code} had nothing to accept.`);
}

/** For --json; without the tensors, of which there may be hundreds and which `pair` lists. */
export const findingsJson = (findings: readonly Finding[], given: Given): readonly unknown[] =>
  findings.map(({ code, severity, message, remedy }) => ({
    code,
    severity,
    ...(severity === 'error' && { accepted: acceptedCodes(given).includes(code) }),
    message,
    remedy,
  }));
