/** Edits of the selected band by button and by typed number; the whole spectrum when no band is drawn. */
import { X } from 'lucide-react';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { meanGate, type GateTally } from '../../../core/gates/statistics.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { useTip } from '../../ui/use-tip.tsx';
import css from './gate-editor.module.css';
import { bandName, targetOf } from '../../state/selection-target.ts';

export function BandControls({ tally }: { readonly tally: GateTally }): ReactNode {
  const selection = useStudio((state) => state.selection);
  const session = useStudio((state) => state.session);
  const select = useStudio((state) => state.select);
  const target = targetOf({ session, selection });
  return (
    <div className={css.bulk}>
      <span className={css.band} data-testid="band-label">
        {target?.band ? bandName(target) : 'whole spectrum'}
        {target?.band && (
          <Button
            label="Clear the band"
            icon={<X />}
            iconOnly
            small
            tone="quiet"
            onClick={() => select({ band: null })}
            testId="clear-band"
          />
        )}
      </span>
      <TypedGate mean={meanGate(tally)} />
      <ActionControl
        action={actions.addToGates}
        argument={-0.05}
        label="−"
        aria-label="Lower by 0.05"
        hint="Adds −0.05 (Shift: −0.01)"
        small
        press={({ shiftKey }) => add(shiftKey ? -0.01 : -0.05)}
        testId="band-lower"
      />
      <ActionControl
        action={actions.addToGates}
        argument={0.05}
        label="+"
        aria-label="Raise by 0.05"
        hint="Adds 0.05 (Shift: 0.01)"
        small
        press={({ shiftKey }) => add(shiftKey ? 0.01 : 0.05)}
        testId="band-raise"
      />
      <ActionControl
        action={actions.scaleGates}
        argument={0.8}
        label="×0.8"
        aria-label="Scale by 0.8"
        hint="Scales by 0.8"
        small
        testId="band-shrink"
      />
      <ActionControl
        action={actions.scaleGates}
        argument={1.25}
        label="×1.25"
        aria-label="Scale by 1.25"
        hint="Scales by 1.25"
        small
        testId="band-grow"
      />
      <ActionControl action={actions.smoothGates} small testId="band-smooth" />
    </div>
  );
}

const add = (amount: number): void => attempt(useStudio.getState(), actions.addToGates, amount);

/** Shows the mean; a number typed here and confirmed with Enter becomes every gate of the selection. */
function TypedGate({ mean }: { readonly mean: number }): ReactNode {
  const obstacle = useObstacle(actions.setGate, mean);
  const { about, tip } = useTip(obstacle);
  const [draft, setDraft] = useState<string | null>(null);
  const gateMax = useStudio((state) => state.options.gateMax);
  const parsed = draft === null || draft.trim() === '' ? NaN : Number(draft.trim().replace(',', '.'));
  const invalid = draft !== null && draft.trim() !== '' && !(parsed >= 0 && parsed <= gateMax);
  const live = Number.isNaN(mean) ? '' : mean.toFixed(3);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter' && !invalid && !Number.isNaN(parsed)) {
      attempt(useStudio.getState(), actions.setGate, parsed);
      event.currentTarget.select();
    } else if (event.key === 'Escape') event.currentTarget.blur();
    // Letters typed here are no shortcuts.
    event.stopPropagation();
  };
  return (
    <label
      className={css.typed}
      title="This is the mean gate of the selection. Type a number and press Enter to set all of its gates."
    >
      gate
      <input
        inputMode="decimal"
        autoComplete="off"
        aria-label={`Gate of the whole selection, 0 to ${gateMax}. Enter sets it.`}
        aria-invalid={invalid}
        {...about}
        readOnly={obstacle !== null}
        aria-disabled={obstacle !== null}
        value={draft ?? live}
        data-testid="band-value"
        onFocus={(event) => {
          about.onFocus?.(event);
          if (obstacle !== null) return;
          // From here on it stands still: a mean that moves with the run would throw the caret about.
          setDraft(live);
          event.target.select();
        }}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => {
          about.onBlur?.();
          setDraft(null);
        }}
        onKeyDown={onKeyDown}
      />
      {tip}
    </label>
  );
}
