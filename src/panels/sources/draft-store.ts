/**
 * The dialog's draft for as long as the page lives, so that closing the dialog loses nothing. Held in memory
 * only: it has the token in it.
 */
import type { Role } from '../../../core/family/trio.ts';
import { create } from 'zustand';
import { emptyDraft, type Draft, type PartDraft } from './draft.ts';
import { sightOf, type Sight } from './roles.ts';

interface DraftStore {
  readonly draft: Draft;
  /** Whether a folder's model can see, as its config.json tells. */
  readonly sights: Partial<Record<Role, Sight>>;
  setAccess(part: Partial<Pick<Draft, 'token' | 'endpoint'>>): void;
  setLayers(part: Partial<Pick<Draft, 'layers' | 'kinds'>>): void;
  setPart(role: Role, part: PartDraft): void;
}

export const useDraft = create<DraftStore>()((set, get) => ({
  draft: emptyDraft,
  sights: {},
  setAccess: (part) => set(({ draft }) => ({ draft: { ...draft, ...part } })),
  setLayers: (part) => set(({ draft }) => ({ draft: { ...draft, ...part } })),
  setPart(role, part) {
    const { draft } = get();
    const { folder } = part;
    set({ draft: { ...draft, parts: { ...draft.parts, [role]: part } } });
    if (!folder || folder === draft.parts[role].folder) return;
    const see = (sight: Sight): void => set(({ sights }) => ({ sights: { ...sights, [role]: sight } }));
    see('unknown');
    void sightOf(folder).then((sight) => get().draft.parts[role].folder === folder && see(sight));
  },
}));
