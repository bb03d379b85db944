/**
 * Choosing three checkpoints of one's own. What is open stays open until the new three have been read and
 * paired.
 */
import { roles, type Role } from '../../../core/family/trio.ts';
import { useEffect, useState, type ReactNode } from 'react';
import { formatLayers } from '../../../core/family/selection.ts';
import type { TrioSource } from '../../../protocol/session.ts';
import { isRunActive } from '../../state/run-state.ts';
import { demoSource } from '../../state/demo-source.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { testIds } from '../../ui/test-ids.ts';
import {
  draftSelection,
  kindsProblem,
  layersProblem,
  samePart,
  trioSource,
  usesHub,
  type PartDraft,
} from './draft.ts';
import { useDraft } from './draft-store.ts';
import { HubAccess } from './hub-access.tsx';
import { absentLayers } from './layer-choice.ts';
import { LayerFields } from './layer-fields.tsx';
import { LoadProgress } from './load-progress.tsx';
import { Preview } from './preview.tsx';
import { RecentSessions } from './recent-sessions.tsx';
import { misplaced, type Sight } from './roles.ts';
import { SourceSlot } from './source-slot.tsx';
import css from './sources.module.css';
import { Together } from './together.tsx';

const slots: Readonly<Record<Role, { readonly title: string; readonly what: string }>> = {
  base: {
    title: 'Base',
    what: 'This is the language model that the other two were fine-tuned from, for example Qwen2.5-0.5B.',
  },
  vlm: {
    title: 'VLM',
    what: 'This is the vision-language model whose language part descends from that base. You get it back, merged.',
  },
  lrm: {
    title: 'LRM',
    what: 'This is the reasoning model that was fine-tuned from the same base. Its difference to the base is what is merged.',
  },
};

/** Something was found that a person should read before going on. */
const isAmiss = (): boolean =>
  useStudio.getState().session?.pairing.findings.some(({ severity }) => severity !== 'info') ?? false;

export function OpenDialog(): ReactNode {
  const { draft, sights, setAccess, setLayers, setPart, place } = useDraft();
  const offered = useStudio((state) => state.offeredLayers);
  /** What was tried last; its failure is shown until something is changed. */
  const [tried, setTried] = useState<TrioSource | null>(null);
  const load = useStudio((state) => state.load);
  const preview = useStudio((state) => state.preview);
  const running = useStudio((state) =>
    isRunActive(state.run) ? actions.openTrio.obstacle(state, null) : null,
  );
  const { open, inspect, cancelPreview, dropPreview, showDialog, offerLayers } = useStudio.getState();
  useEffect(() => {
    if (!offered) return;
    setLayers({ layers: formatLayers(offered.layers), kinds: offered.kinds?.join(',') ?? '' });
    offerLayers(null);
  }, [offered, setLayers, offerLayers]);
  const loading = load.status === 'loading';
  const checking = preview.status === 'checking';
  const busy = loading || checking;

  /** What was found, or went wrong, was so with other models. */
  const changed = (): void => {
    setTried(null);
    dropPreview();
  };
  const changePart = (role: Role, part: PartDraft): void => {
    // Leaving a field without a change is none.
    if (samePart(part, draft.parts[role])) return;
    setPart(role, part);
    changed();
  };

  const folderSights = Object.fromEntries(
    roles.filter((role) => draft.parts[role].from === 'folder').map((role) => [role, sights[role]]),
  ) as Partial<Record<Role, Sight>>;
  const wrongAt = (role: Role): string | null =>
    draft.parts[role].from === 'folder' && draft.parts[role].folder ? misplaced(role, folderSights) : null;
  const source = trioSource(draft);
  const { trio } = draft;
  const begun =
    trio !== null ||
    roles.every((role) =>
      draft.parts[role].from === 'folder' ? draft.parts[role].folder : draft.parts[role].repo.trim(),
    );
  const selection = draftSelection(draft);
  const noSuchLayers = selection && preview.found ? absentLayers(preview.found.slots, selection) : null;
  const sound =
    source !== null &&
    noSuchLayers === null &&
    (trio !== null || roles.every((role) => wrongAt(role) === null));
  const fixed = loading
    ? 'Models are being opened. Wait until they are open, or cancel that.'
    : checking
      ? 'The models are being checked. Wait until that has ended, or cancel it.'
      : null;
  const reason =
    fixed ??
    (!begun
      ? 'Not all three models are chosen yet. Choose all three.'
      : sound
        ? null
        : noSuchLayers || layersProblem(draft) || kindsProblem(draft)
          ? 'The choice of layers has a problem, which is said beside it.'
          : 'One of the models has a problem, which is said beside it.');

  const error = busy ? null : ((tried && load.error) ?? preview.error);
  // What is wrong with the demo is wrong with none of the models chosen here.
  const blamed =
    trio !== null || tried?.kind === 'manifest'
      ? undefined
      : roles.find((role) => role === error?.details['role']);

  const start = async (what: TrioSource, report: boolean): Promise<void> => {
    cancelPreview();
    setTried(what);
    await open(what);
    if (!useStudio.getState().load.error && useStudio.getState().source === what)
      showDialog(useStudio.getState().recipe.recipe ? 'recipe' : report && isAmiss() ? 'pairing' : null);
  };
  const check = (): void => {
    setTried(null);
    if (source) void inspect(source);
  };
  const close = (): void => {
    cancelPreview();
    showDialog(null);
  };
  return (
    <Dialog
      title="Open models"
      widthPx={920}
      testId={testIds.openDialog}
      onClose={close}
      footer={
        <>
          <span className={css.privacy}>
            {usesHub(draft)
              ? 'Downloads go straight into this browser and are kept here. Nothing you load leaves it.'
              : 'The files are read on this machine and go nowhere else.'}
          </span>
          <ActionControl
            action={actions.openDemo}
            icon={null}
            obstacle={fixed}
            testId={testIds.openDemo}
            press={() => void start(demoSource(), false)}
          />
          <ActionControl
            action={actions.inspect}
            argument={source}
            obstacle={reason}
            testId={testIds.check}
            press={check}
          />
          <ActionControl
            action={actions.openTrio}
            argument={source}
            tone="primary"
            obstacle={reason}
            testId={testIds.openFolders}
            press={() => source && void start(source, true)}
          />
        </>
      }
    >
      <RecentSessions obstacle={fixed} onOpened={() => showDialog(null)} />
      <p className={css.intro}>
        Choose three Hugging Face checkpoints, each from a folder or from the Hub. A checkpoint has a
        config.json and .safetensors weights. All three must come from one base, layer for layer. Three
        folders, the one that holds them, or a trio with its manifest.json can also be dropped here together.
      </p>
      <Together obstacle={fixed} onChange={changed} />
      <div className={css.slots} hidden={trio !== null}>
        {roles.map((role) => (
          <SourceSlot
            key={role}
            role={role}
            {...slots[role]}
            part={draft.parts[role]}
            endpoint={draft.endpoint}
            misplaced={wrongAt(role)}
            failure={blamed === role && error ? error.message : null}
            obstacle={fixed}
            onChange={(part) => changePart(role, part)}
            onSeveral={(folders) => {
              changed();
              void place(folders);
            }}
          />
        ))}
      </div>
      {usesHub(draft) && (
        <HubAccess
          draft={draft}
          obstacle={fixed}
          onChange={(part) => {
            setAccess(part);
            changed();
          }}
        />
      )}
      <LayerFields
        draft={draft}
        found={preview.found}
        problem={noSuchLayers}
        obstacle={fixed}
        onChange={(part) => {
          setTried(null);
          setLayers(part);
        }}
      />
      <div className={css.below}>
        {running && <Notice level="warning">{running}</Notice>}
        {loading && <LoadProgress />}
        {checking && (
          <ProgressLine
            progress={preview.progress}
            label={preview.progress?.stage ?? 'Checking'}
            action={<Button label="Cancel" small testId={testIds.cancelLoading} onClick={cancelPreview} />}
          />
        )}
        {error && !blamed && (
          <Notice level="error" testId={testIds.openError}>
            {error.message}
          </Notice>
        )}
      </div>
      {preview.found && <Preview found={preview.found} selection={noSuchLayers ? null : selection} />}
    </Dialog>
  );
}
