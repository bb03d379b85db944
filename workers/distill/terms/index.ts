/** The function of each term of the objective. A row of `core/objective/terms.ts` without one does not compile. */
import type { TermId } from '../../../core/objective/terms.ts';
import { composed } from './composed.ts';
import { distill } from './distill.ts';
import { inject } from './inject.ts';
import type { TermMaker } from './term.ts';
import { trace } from './trace.ts';

export const termMakers: Readonly<Record<TermId, TermMaker>> = { distill, inject, trace, composed };
