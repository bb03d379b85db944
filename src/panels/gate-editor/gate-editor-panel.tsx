/**
 * The gates of the selection, by hand: bend the curve by its handles, draw it, move a band, smooth, lock, or
 * take a preset. What is touched is held at once and locked on release; the optimiser goes on with the rest.
 */
import { useMemo, useState, type ReactNode } from 'react';
import { slotName } from '../../../core/gates/slot-name.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { actions } from '../../state/actions/actions.ts';
import { targetOf } from '../../state/selection-target.ts';
import { measureTexts } from '../../plot/measure-text.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Tip } from '../../ui/tip.tsx';
import { BandControls } from './band-controls.tsx';
import { CopyMenu } from './copy-menu.tsx';
import { EditorPlot } from './editor-plot.tsx';
import type { EditorSettings } from './editor-view.ts';
import css from './gate-editor.module.css';
import type { BandMode } from './gestures.ts';
import { PresetMenu } from './preset-menu.tsx';
import { StatsLine, useSelectionTally } from './stats-line.tsx';

const toolActions = [
  [actions.toolShape, 'shape'],
  [actions.toolDraw, 'draw'],
  [actions.toolBand, 'band'],
  [actions.toolSmooth, 'smooth'],
] as const;
const modes: readonly { readonly mode: BandMode; readonly hint: string }[] = [
  { mode: 'set', hint: 'Dragging sets the whole band to where the pointer is.' },
  { mode: 'add', hint: 'Dragging adds the same amount to each gate.' },
  { mode: 'scale', hint: 'Dragging multiplies each gate by the same factor.' },
];

export function GateEditorPanel(): ReactNode {
  const [settings, setSettings] = useState<Omit<EditorSettings, 'tool'>>({ mode: 'add', axis: 'linear' });
  const tool = useStudio((state) => state.gateTool);
  const session = useStudio((state) => state.session);
  const selection = useStudio((state) => state.selection);
  const target = targetOf({ session, selection });
  const tally = useSelectionTally();
  const more = selection.slots.length - 1;
  const spectrum = useStudio((state) => (target ? state.spectra[target.primary.index] : null));
  const first = target ? slotName(target.primary.info) : '';
  const name = more > 0 ? `${first} and ${more} more` : first;
  const measured = target && spectrum ? measureTexts(spectrum.measures, target.primary.info.rank) : [];
  const note = measured.length > 0 ? <Tip text={`${first}: ${measured.join(', ')}`}>{name}</Tip> : name;
  const obstacle = useObstacle(actions.toolBand, undefined);
  const editor = useMemo(() => ({ ...settings, tool }), [settings, tool]);

  const tools = (
    <>
      <div className={css.segments} role="group" aria-label="Tool">
        {toolActions.map(([action, name]) => (
          <ActionControl
            key={name}
            action={action}
            iconOnly
            small
            aria-pressed={tool === name}
            testId={`tool-${name}`}
          />
        ))}
      </div>
      {tool === 'band' && (
        <div className={css.segments} role="group" aria-label="Dragging the band">
          {modes.map(({ mode, hint }) => (
            <Button
              key={mode}
              label={mode}
              hint={hint}
              small
              aria-pressed={settings.mode === mode}
              obstacle={obstacle}
              onClick={() => setSettings({ ...settings, mode })}
              testId={`mode-${mode}`}
            />
          ))}
        </div>
      )}
      <Button
        label="log"
        aria-label="log axis of the subspaces"
        hint="Shows the subspaces on a logarithmic axis, with more room for the strongest."
        small
        aria-pressed={settings.axis === 'log'}
        onClick={() => setSettings({ ...settings, axis: settings.axis === 'log' ? 'linear' : 'log' })}
        testId="axis-log"
      />
      <ActionControl
        action={actions.lock}
        label="Lock"
        hint="Locks the selected gates. L locks and unlocks them."
        iconOnly
        small
        tone="quiet"
        testId="lock-button"
      />
      <ActionControl
        action={actions.unlock}
        label="Unlock"
        hint="Unlocks the selected gates. L locks and unlocks them."
        iconOnly
        small
        tone="quiet"
        testId="unlock-button"
      />
      <ActionControl action={actions.auto} small tone="quiet" testId="auto-button" />
      <CopyMenu />
      <PresetMenu />
    </>
  );
  return (
    <Panel title="Gate editor" note={note} actions={tools} still ownKeys testId="gate-editor">
      <div className={css.root} tabIndex={-1}>
        <EditorPlot settings={editor} />
        {!target && (
          <p className={css.hint}>
            {session
              ? 'Select a row in the layers or in the gate map to edit its gates.'
              : 'The curves appear once the models are decomposed.'}
          </p>
        )}
        <div className={css.foot}>
          <BandControls tally={tally} />
          <StatsLine tally={tally} />
        </div>
      </div>
    </Panel>
  );
}
