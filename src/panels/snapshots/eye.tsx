/**
 * Shows a snapshot's gates in place of the current ones: for as long as it is held, or, after a short press, until
 * it is pressed again. A press without a pointer or a key, as a screen reader makes it, counts as a short one.
 */
import { Eye as EyeIcon } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { testIds } from '../../ui/test-ids.ts';

/** A press that lasts longer is a hold. */
const HOLD_MS = 400;

export function Eye({
  id,
  label,
  peeked,
}: {
  readonly id: string;
  readonly label: string;
  readonly peeked: boolean;
}): ReactNode {
  const { peekSnapshot } = useStudio.getState();
  /** The press under way: when it began, and whether the snapshot was shown before it. */
  const press = useRef<{ readonly at: number; readonly shown: boolean } | null>(null);
  const begin = (at: number): void => {
    press.current = { at, shown: peeked };
    peekSnapshot(id);
  };
  const end = (at: number): void => {
    if (!press.current) return;
    const { at: begun, shown } = press.current;
    press.current = null;
    if (shown || at - begun > HOLD_MS) peekSnapshot(null);
  };
  const cancel = (): void => {
    if (!press.current) return;
    press.current = null;
    peekSnapshot(null);
  };
  return (
    <Button
      label={`Compare with ${label}`}
      icon={<EyeIcon />}
      iconOnly
      small
      tone="quiet"
      aria-pressed={peeked}
      testId={testIds.peek}
      hint="Shows these gates in place of the current ones: while it is held, or until it is pressed again."
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        begin(event.timeStamp);
      }}
      onPointerUp={(event) => end(event.timeStamp)}
      onPointerCancel={cancel}
      onKeyDown={(event) => {
        if (event.key !== ' ' || event.repeat) return;
        event.preventDefault();
        begin(event.timeStamp);
      }}
      onKeyUp={(event) => {
        if (event.key !== ' ') return;
        event.preventDefault();
        end(event.timeStamp);
      }}
      onBlur={cancel}
      // Enter, or no device at all; a pointer's click has been dealt with.
      onClick={(event) => event.detail === 0 && peekSnapshot(peeked ? null : id)}
    />
  );
}
