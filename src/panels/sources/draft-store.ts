/**
 * The dialog's draft for as long as the page lives, so that closing the dialog loses nothing. Held in memory
 * only: it has the token in it.
 */
import { roles, type Role } from '../../../core/family/trio.ts';
import type { FolderSource } from '../../../protocol/session.ts';
import { create } from 'zustand';
import { emptyDraft, type Draft, type PartDraft } from './draft.ts';
import { placeFolders } from './place.ts';
import { sightOf, type Sight } from './roles.ts';

interface DraftStore {
  readonly draft: Draft;
  /** Whether a folder's model can see, as its config.json tells. */
  readonly sights: Partial<Record<Role, Sight>>;
  setAccess(part: Partial<Pick<Draft, 'token' | 'endpoint'>>): void;
  setLayers(part: Partial<Pick<Draft, 'layers' | 'kinds'>>): void;
  setPart(role: Role, part: PartDraft): void;
  /** What was said of folders that came together; null once something was chosen by hand. */
  readonly note: { readonly level: 'info' | 'warning'; readonly text: string } | null;
  /** Folders that came together, each into its place; what is in other places stays. */
  place(folders: readonly FolderSource[]): Promise<void>;
  /** The folder of a manifest is no longer meant. */
  leaveTrio(): void;
  /** Base and LRM take each other's place. */
  swap(): void;
}

export const useDraft = create<DraftStore>()((set, get) => ({
  draft: emptyDraft,
  sights: {},
  setAccess: (part) => set(({ draft }) => ({ draft: { ...draft, ...part } })),
  setLayers: (part) => set(({ draft }) => ({ draft: { ...draft, ...part } })),
  note: null,
  async place(folders) {
    const placing = await placeFolders(folders);
    if (placing.kind === 'none') return set({ note: { level: 'warning', text: placing.reason } });
    if (placing.kind === 'manifest')
      return set(({ draft }) => ({ draft: { ...draft, trio: placing.folder }, note: null }));
    get().leaveTrio();
    for (const role of roles) {
      const folder = placing.parts[role];
      if (folder) get().setPart(role, { ...get().draft.parts[role], from: 'folder', folder });
    }
    set({ note: { level: 'info', text: placing.note } });
  },
  leaveTrio: () => set(({ draft }) => ({ draft: { ...draft, trio: null }, note: null })),
  swap() {
    const { base, lrm } = get().draft.parts;
    get().setPart('base', lrm);
    get().setPart('lrm', base);
  },
  setPart(role, part) {
    const { draft } = get();
    const { folder } = part;
    set({ note: null, draft: { ...draft, parts: { ...draft.parts, [role]: part } } });
    if (!folder || folder === draft.parts[role].folder) return;
    const see = (sight: Sight): void => set(({ sights }) => ({ sights: { ...sights, [role]: sight } }));
    see('unknown');
    void sightOf(folder).then((sight) => get().draft.parts[role].folder === folder && see(sight));
  },
}));
