/** Letters of prompts that the VLM's tokenizer cannot write: the model is asked without them, or with an unknown token. */
import type { Finding } from '../../../core/family/pairing.ts';
import type { Prompter } from '../../nn/contract.ts';
import { faultOf } from './tolerated.ts';

/** A letter that no tokenizer of words or letters has; one of bytes writes it as no other. */
const nobodyHas = '\u{10fffd}';
/**
 * Other letters of a set than these, in the order of its prompts, are not looked at; nor are more prompts with one, or
 * longer ones. Everything is encoded while models are opened.
 */
const [mostLetters, mostPrompts, longestPrompt] = [500, 2, 1000];

/**
 * @param name what the prompts are of, as codes of findings begin: `perception`
 * @param of the same in a sentence: `the perception set`
 */
export function unwrittenPrompts(
  { name, of, label }: { readonly name: string; readonly of: string; readonly label: string },
  prompts: Iterable<string>,
  { encode }: Pick<Prompter, 'encode'>,
): Finding[] {
  const lost = lostLetters(new Set(prompts), encode);
  if (lost.length === 0) return [];
  const shown = lost.slice(0, 12).map((letter) => `“${letter}”`);
  const rest = lost.length > shown.length ? ` and ${lost.length - shown.length} more` : '';
  return [
    {
      code: `${name}-prompts-unwritable`,
      severity: 'warning',
      tensors: [],
      message: `The tokenizer of ${label} has no token for ${lost.length === 1 ? 'a letter' : `${lost.length} letters`} in the prompts of ${of}: ${shown.join(', ')}${rest}.`,
      remedy:
        'The model is asked without them, as transformers asks it. Write these prompts with the letters that it knows, or choose another set.',
    },
  ];
}

/** A letter is lost where one that nobody has would be written the same in its place: a word may be a token as a whole. */
function lostLetters(prompts: ReadonlySet<string>, encode: Prompter['encode']): string[] {
  const seenIn = new Map<string, string[]>();
  for (const prompt of prompts) {
    if (prompt.length > longestPrompt) continue;
    for (const letter of new Set(prompt)) {
      const having = seenIn.get(letter);
      if (having) {
        if (having.length < mostPrompts) having.push(prompt);
      } else if (seenIn.size < mostLetters && letter.trim() !== '') seenIn.set(letter, [prompt]);
    }
  }
  try {
    const unknown = encode(nobodyHas).join();
    const isLost = ([letter, having]: readonly [string, readonly string[]]): boolean =>
      encode(letter).join() === unknown &&
      having.some((prompt) => encode(prompt).join() === encode(prompt.replaceAll(letter, nobodyHas)).join());
    return [...seenIn].filter(isLost).map(([letter]) => letter);
  } catch (thrown) {
    // That prompts fail is told where they are laid out.
    faultOf(thrown);
    return [];
  }
}
