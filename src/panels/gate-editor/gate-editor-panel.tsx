/**
 * The gates of the selection, by hand: bend the curve by its handles, draw it, move a band, smooth, lock, or
 * take a preset. What is touched is held at once and locked on release; the optimiser goes on with the rest.
 */
import { Lock, LockOpen, PenLine, RotateCcw, Spline, UnfoldHorizontal, Waves } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { slotName } from '../../../core/gates/slot-name.ts';
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
import type { BandMode, Tool } from './gestures.ts';
import { PresetMenu } from './preset-menu.tsx';
import { lockSelection, returnToAuto, toggleSelectionLock } from './selection-edits.ts';
import { StatsLine, useSelectionTally } from './stats-line.tsx';
import { targetOf } from './target.ts';

const tools: readonly {
  readonly tool: Tool;
  readonly label: string;
  readonly key: string;
  readonly icon: ReactNode;
  readonly hint: string;
}[] = [
  {
    tool: 'shape',
    label: 'Shape',
    key: 'v',
    icon: <Spline />,
    hint: 'Shape: drag a handle; drag elsewhere to draw a band (V)',
  },
  { tool: 'draw', label: 'Draw', key: 'd', icon: <PenLine />, hint: 'Draw the curve freehand (D)' },
  {
    tool: 'band',
    label: 'Band',
    key: 'b',
    icon: <UnfoldHorizontal />,
    hint: 'Band: drag across to choose, drag inside to move its gates (B)',
  },
  { tool: 'smooth', label: 'Smooth', key: 's', icon: <Waves />, hint: 'Smooth: rub over the curve (S)' },
];
const modes: readonly { readonly mode: BandMode; readonly hint: string }[] = [
  { mode: 'set', hint: 'Dragging sets the whole band to the pointer' },
  { mode: 'add', hint: 'Dragging adds the same to each gate' },
  { mode: 'scale', hint: 'Dragging multiplies each gate' },
];

export function GateEditorPanel(): ReactNode {
  const [settings, setSettings] = useState<EditorSettings>({ tool: 'shape', mode: 'add', axis: 'linear' });
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
  const disabled = target === null;
  useShortcuts((tool) => setSettings((before) => ({ ...before, tool })));

  const actions = (
    <>
      <div className={css.segments} role="group" aria-label="Tool">
        {tools.map(({ tool, label, icon, hint }) => (
          <Button
            key={tool}
            label={label}
            icon={icon}
            iconOnly
            small
            hint={hint}
            aria-pressed={settings.tool === tool}
            disabled={disabled}
            onClick={() => setSettings({ ...settings, tool })}
            testId={`tool-${tool}`}
          />
        ))}
      </div>
      {settings.tool === 'band' && (
        <div className={css.segments} role="group" aria-label="Dragging the band">
          {modes.map(({ mode, hint }) => (
            <Button
              key={mode}
              label={mode}
              hint={hint}
              small
              aria-pressed={settings.mode === mode}
              disabled={disabled}
              onClick={() => setSettings({ ...settings, mode })}
              testId={`mode-${mode}`}
            />
          ))}
        </div>
      )}
      <Button
        label="log"
        aria-label="Logarithmic subspace axis"
        hint="Logarithmic subspace axis: room for the strongest"
        small
        aria-pressed={settings.axis === 'log'}
        onClick={() => setSettings({ ...settings, axis: settings.axis === 'log' ? 'linear' : 'log' })}
        testId="axis-log"
      />
      <Button
        label="Lock"
        icon={<Lock />}
        iconOnly
        small
        tone="quiet"
        hint="Lock the selection (L)"
        disabled={disabled}
        onClick={() => lockSelection(true)}
        testId="lock-button"
      />
      <Button
        label="Unlock"
        icon={<LockOpen />}
        iconOnly
        small
        tone="quiet"
        hint="Unlock the selection (L)"
        disabled={disabled}
        onClick={() => lockSelection(false)}
        testId="unlock-button"
      />
      <Button
        label="Auto"
        icon={<RotateCcw />}
        small
        tone="quiet"
        hint="Back to the optimiser’s last gates, unlocked (A)"
        disabled={disabled}
        onClick={returnToAuto}
        testId="auto-button"
      />
      <CopyMenu />
      <PresetMenu />
    </>
  );
  return (
    <Panel title="Gate editor" note={note} actions={actions} still testId="gate-editor">
      <div className={css.root} tabIndex={-1}>
        <EditorPlot settings={settings} />
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

/**
 * Panels that belong to the gates: the editor's letters work while one of them has the focus. L works
 * everywhere.
 */
const gatePanels = '[data-testid="gate-editor"], [data-testid="gate-map"], [data-testid="layers-panel"]';

function useShortcuts(chooseTool: (tool: Tool) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const { target } = event;
      const inside = target instanceof Element && target.closest(gatePanels) !== null;
      const typing =
        target instanceof Element &&
        target.closest('input, textarea, select, [contenteditable="true"], dialog') !== null;
      if (
        typing ||
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.shiftKey ||
        event.repeat
      )
        return;
      const key = event.key.toLowerCase();
      if (!inside && key !== 'l') return;
      const tool = tools.find((entry) => entry.key === key)?.tool;
      if (key === 'l') toggleSelectionLock();
      else if (key === 'a') returnToAuto();
      else if (tool) chooseTool(tool);
      else return;
      event.preventDefault();
    };
    // On the document: before the application's own keys, which listen on the window and leave alone what was
    // taken.
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });
}
