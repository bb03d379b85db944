/**
 * A number that is typed, or stepped with the arrow keys (Shift: ten steps). It takes effect on Enter, on
 * leaving the field and on each arrow; Esc restores. Values are clamped to the range; text that is no number
 * is put back.
 */
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { formatNumber } from './format.ts';
import css from './number-field.module.css';
import { useTip } from './use-tip.tsx';

export interface NumberFieldProps {
  readonly label: string;
  /** Spoken name where the label is a symbol. */
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly integer?: boolean;
  /** What it is for, in whole sentences; shown on hover and on focus. */
  readonly hint?: string;
  /** Why it cannot be changed now, or null. */
  readonly obstacle?: string | null;
  readonly unit?: string;
  readonly testId?: string;
  readonly onChange: (value: number) => void;
}

export function NumberField({
  label,
  name,
  value,
  min,
  max,
  step,
  integer = false,
  hint,
  obstacle = null,
  unit,
  testId,
  onChange,
}: NumberFieldProps): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const {
    about: { onFocus, onBlur, 'aria-describedby': describedBy, ...pointer },
    tip,
  } = useTip([hint, obstacle].filter(Boolean).join(' ') || null);
  const fixed = obstacle !== null;
  const settle = (next: number): void => {
    const clamped = Math.min(max, Math.max(min, integer ? Math.round(next) : Number(next.toPrecision(6))));
    setDraft(null);
    if (clamped !== value) onChange(clamped);
  };
  const commit = (): void => {
    if (draft === null) return;
    const parsed = Number(draft.trim().replace(',', '.'));
    if (draft.trim() === '' || !Number.isFinite(parsed)) setDraft(null);
    else settle(parsed);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (fixed) return;
    if (event.key === 'Enter') commit();
    else if (event.key === 'Escape') setDraft(null);
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      settle(value + (event.key === 'ArrowUp' ? 1 : -1) * step * (event.shiftKey ? 10 : 1));
    }
  };
  return (
    <>
      <label className={`${css.field} ${fixed ? css.disabled : ''}`} {...pointer}>
        <span className={css.label} aria-hidden>
          {label}
        </span>
        <input
          className={css.input}
          inputMode={integer ? 'numeric' : 'decimal'}
          autoComplete="off"
          aria-label={`${name}, ${min} to ${max}`}
          value={draft ?? formatNumber(value)}
          aria-describedby={describedBy}
          readOnly={fixed}
          aria-disabled={fixed}
          data-testid={testId}
          onChange={(event) => setDraft(event.target.value)}
          onFocus={(event) => {
            onFocus?.(event);
            event.target.select();
          }}
          onBlur={() => {
            onBlur?.();
            commit();
          }}
          onKeyDown={onKeyDown}
        />
        {unit && <span className={css.unit}>{unit}</span>}
      </label>
      {tip}
    </>
  );
}
