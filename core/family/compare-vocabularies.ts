/** Whether two tokenizers of tokenizer.json give the same ids to the same tokens. */
import { asRecord, own } from '../records.ts';
import type { Finding } from './pairing.ts';

export interface Vocabulary {
  /** Of the tokenizer's model: ordinary tokens. */
  readonly ordinary: ReadonlyMap<string, number>;
  /** Added to them, special or not. */
  readonly added: ReadonlyMap<string, number>;
}

/** @param tokenizer tokenizer.json, parsed; what is not as it should be there is left out, its own reader says so */
export function vocabularyOf(tokenizer: unknown): Vocabulary {
  const root = asRecord(tokenizer);
  const vocab = own(asRecord(own(root, 'model')), 'vocab');
  const ordinary = new Map<string, number>();
  if (Array.isArray(vocab)) {
    // Unigram: the place in the list is the id.
    for (const [id, entry] of vocab.entries()) {
      const token: unknown = Array.isArray(entry) ? entry[0] : undefined;
      if (typeof token === 'string') ordinary.set(token, id);
    }
  } else {
    for (const [token, id] of Object.entries(asRecord(vocab)))
      if (typeof id === 'number') ordinary.set(token, id);
  }
  const added = new Map<string, number>();
  const list = own(root, 'added_tokens');
  for (const entry of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    const [token, id] = [own(asRecord(entry), 'content'), own(asRecord(entry), 'id')];
    if (typeof token === 'string' && typeof id === 'number') added.set(token, id);
  }
  return { ordinary, added };
}

/** Of ordinary tokens: more than anyone renames, and far less than a vocabulary of another order has. */
const fewPart = 0.01;

/** @param role which model is compared with the base */
export function compareVocabularies(
  role: 'vlm' | 'lrm',
  labels: { readonly base: string; readonly model: string },
  base: Vocabulary,
  model: Vocabulary,
): Finding[] {
  const name = role === 'vlm' ? 'VLM' : 'reasoning model';
  const moved = movedTokens(base.ordinary, model.ordinary);
  const shared = [...base.ordinary.keys()].filter((token) => model.ordinary.has(token)).length;
  const [first] = moved;
  const findings: Finding[] = [];
  if (first !== undefined) {
    const many = moved.length > fewPart * shared;
    findings.push({
      code: `${role}-vocabulary-permuted`,
      severity: many ? 'error' : 'warning',
      tensors: [],
      message: `${moved.length} of ${shared} tokens that the ${name} ${labels.model} and the base ${labels.base} share have other ids in the two, such as ${quote(first)} (${base.ordinary.get(first) ?? ''} and ${model.ordinary.get(first) ?? ''}).`,
      remedy: many
        ? 'Their vocabularies are in another order, so they are not of one origin, or one of the tokenizers belongs to another model. Embeddings are not merged: check that each folder has its own tokenizer, and choose models that were tuned from the same base.'
        : "Embeddings are not merged, and the VLM's tokenizer stays. Texts with these tokens mean something else to the two models.",
    });
  }
  const words = movedTokens(base.added, model.added);
  const renamed = renamedIds(base.added, model.added);
  if (words.length + renamed.length > 0)
    findings.push({
      code: `${role}-special-tokens-differ`,
      severity: 'info',
      tensors: [],
      message: `Added tokens of the ${name} ${labels.model} are not those of the base ${labels.base}: ${[...words, ...renamed].slice(0, 4).map(quote).join(', ')}${words.length + renamed.length > 4 ? ` and ${words.length + renamed.length - 4} more` : ''}.`,
      remedy:
        "Embeddings are not merged, and the merged model is asked with the VLM's template and tokens. What the reasoning model does at tokens of its own is not carried over.",
    });
  return findings;
}

/** Tokens that both have, under other ids. */
const movedTokens = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): readonly string[] =>
  [...a].flatMap(([token, id]) => {
    const other = b.get(token);
    return other === undefined || other === id ? [] : [token];
  });

/** Tokens of `b` under an id that another token has in `a`. */
function renamedIds(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): readonly string[] {
  const ids = new Map([...a].map(([token, id]) => [id, token]));
  return [...b].flatMap(([token, id]) => {
    const other = ids.get(id);
    return other === undefined || other === token || a.has(token) ? [] : [token];
  });
}

const quote = (token: string): string => `“${token.length > 40 ? `${token.slice(0, 39)}…` : token}”`;
