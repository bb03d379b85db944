/** The seven linear layers of a decoder layer, in the order in which it computes them. */
export const linearKinds = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const;

export type LinearKind = (typeof linearKinds)[number];
