/**
 * How LoRA factors began (init_lora_weights of adapter_config.json). Some beginnings take s·B₀·A₀ out of the
 * base before training, and peft does so again whenever it loads the adapter: then base and factors alone do
 * not say what the model is.
 */

/**
 * - `none`: the base stays as it is.
 * - `pissa`: s·B₀·A₀ is the best approximation of rank r of the base's matrix (Meng et al., "PiSSA", 2024).
 * - `olora`: B₀·A₀ is Q·R of the base's matrix, cut to its first r columns and rows (Büyükakyüz, "OLoRA", 2024).
 */
export type TakenOut = 'none' | 'pissa' | 'olora';

export const beginningNames: Readonly<Record<TakenOut, string>> = {
  none: 'plain LoRA',
  pissa: 'PiSSA',
  olora: 'OLoRA',
};

/** As peft compares: some without regard to case. */
const known: Readonly<Record<string, TakenOut>> = {
  true: 'none',
  false: 'none',
  gaussian: 'none',
  orthogonal: 'none',
  eva: 'none',
  mica: 'none',
  pissa: 'pissa',
  olora: 'olora',
};

const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /^pissa/,
    'PiSSA by a fast decomposition took out of the base what random numbers decided, which cannot be computed again',
  ],
  [/^loftq$/, 'LoftQ quantised the base, and the factors belong to what that left'],
  [/^corda/, 'CorDA took a part out of the base that depends on data, which the adapter does not hold'],
  [
    /^lora_ga$/,
    'LoRA-GA took a part out of the base that depends on gradients, which the adapter does not hold',
  ],
];

/** What the beginning took out of the base, or in a clause why that is not known. */
export function takenOut(init: unknown): TakenOut | { readonly reason: string } {
  if (init === null || init === undefined) return 'none';
  const name =
    typeof init === 'string'
      ? init.toLowerCase()
      : typeof init === 'boolean'
        ? String(init)
        : 'of no known kind';
  if (Object.hasOwn(known, name)) return known[name] as TakenOut;
  const [, reason = 'the studio does not know whether such a beginning changes the base'] =
    reasons.find(([pattern]) => pattern.test(name)) ?? [];
  return { reason };
}
