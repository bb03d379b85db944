/** A subspace budget in words, as in “16 subspaces”; null is all. */
export const budgetName = (budget: number | null): string =>
  budget === null ? 'all subspaces' : `${budget} subspace${budget === 1 ? '' : 's'}`;
