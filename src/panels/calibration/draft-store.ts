/**
 * The dialog's draft for as long as the page lives, so that closing the dialog or opening other models loses
 * nothing that was chosen.
 */
import { create } from 'zustand';
import { emptyDraft, type CalibrationDraft } from './draft.ts';

interface DraftStore {
  readonly draft: CalibrationDraft;
  change(part: Partial<CalibrationDraft>): void;
}

export const useCalibrationDraft = create<DraftStore>()((set) => ({
  draft: emptyDraft,
  change: (part) => set(({ draft }) => ({ draft: { ...draft, ...part } })),
}));
