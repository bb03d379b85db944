/** Edits of the selected band by button and by typed number; the whole spectrum when no band is drawn. */
import { X } from 'lucide-react';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { meanGate, type GateTally } from '../../../core/gates/statistics.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import css from './gate-editor.module.css';
import { addToSelection, scaleSelection, setSelection, smoothSelection } from './selection-edits.ts';
import { bandName, targetOf } from './target.ts';

export function BandControls({ tally }: { readonly tally: GateTally }): ReactNode {
  const selection = useStudio((state) => state.selection);
  const session = useStudio((state) => state.session);
  const select = useStudio((state) => state.select);
  const target = targetOf({ session, selection });
  const disabled = target === null;
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
      <TypedGate mean={meanGate(tally)} disabled={disabled} />
      <Button
        label="−"
        aria-label="Lower by 0.05"
        hint="Add −0.05 (Shift: −0.01)"
        small
        disabled={disabled}
        onClick={(event) => addToSelection(event.shiftKey ? -0.01 : -0.05)}
        testId="band-lower"
      />
      <Button
        label="+"
        aria-label="Raise by 0.05"
        hint="Add 0.05 (Shift: 0.01)"
        small
        disabled={disabled}
        onClick={(event) => addToSelection(event.shiftKey ? 0.01 : 0.05)}
        testId="band-raise"
      />
      <Button
        label="×0.8"
        aria-label="Scale by 0.8"
        hint="Scale by 0.8"
        small
        disabled={disabled}
        onClick={() => scaleSelection(0.8)}
        testId="band-shrink"
      />
      <Button
        label="×1.25"
        aria-label="Scale by 1.25"
        hint="Scale by 1.25"
        small
        disabled={disabled}
        onClick={() => scaleSelection(1.25)}
        testId="band-grow"
      />
      <Button
        label="Smooth"
        hint="Smooth the curve in the selection"
        small
        disabled={disabled}
        onClick={smoothSelection}
        testId="band-smooth"
      />
    </div>
  );
}

/** Shows the mean; a number typed here and confirmed with Enter becomes every gate of the selection. */
function TypedGate({ mean, disabled }: { readonly mean: number; readonly disabled: boolean }): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const gateMax = useStudio((state) => state.options.gateMax);
  const parsed = draft === null || draft.trim() === '' ? NaN : Number(draft.trim().replace(',', '.'));
  const invalid = draft !== null && draft.trim() !== '' && !(parsed >= 0 && parsed <= gateMax);
  const live = Number.isNaN(mean) ? '' : mean.toFixed(3);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter' && !invalid && !Number.isNaN(parsed)) {
      setSelection(parsed);
      event.currentTarget.select();
    } else if (event.key === 'Escape') event.currentTarget.blur();
    // Letters typed here are no shortcuts.
    event.stopPropagation();
  };
  return (
    <label
      className={css.typed}
      title="Mean gate of the selection. Type a number and press Enter to set them all."
    >
      gate
      <input
        inputMode="decimal"
        autoComplete="off"
        aria-label={`Gate of the whole selection, 0 to ${gateMax}. Enter sets it.`}
        aria-invalid={invalid}
        disabled={disabled}
        value={draft ?? live}
        data-testid="band-value"
        onFocus={(event) => {
          // From here on it stands still: a mean that moves with the run would throw the caret about.
          setDraft(live);
          event.target.select();
        }}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => setDraft(null)}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}
