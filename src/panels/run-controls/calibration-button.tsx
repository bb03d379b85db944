/**
 * The way to the calibration images: a plain word where there are none yet, else a small button that says
 * what is in force.
 */
import { Images } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { testIds } from '../../ui/test-ids.ts';

export function CalibrationButton(): ReactNode {
  const forward = useStudio((state) => state.session?.forward);
  const own = useStudio((state) => state.calibration.own);
  const label = useStudio((state) => state.session?.label ?? '');
  if (!forward?.available) return null;
  const open = (): void => useStudio.getState().showDialog('calibration');
  if (forward.calibrationItems === 0) {
    return (
      <Button
        label="Choose calibration images…"
        icon={<Images />}
        tone="primary"
        hint="These models bring no images to calibrate on: choose your own, then run (C)"
        testId={testIds.calibration}
        onClick={open}
      />
    );
  }
  const inForce = own
    ? `${own.report.images} images of your own, ${own.report.items} items`
    : `the ${forward.calibrationItems} items of ${label}`;
  return (
    <Button
      label="Calibration images"
      icon={<Images />}
      iconOnly
      tone="quiet"
      hint={`Calibrating on ${inForce}. Choose images of your own (C)`}
      testId={testIds.calibration}
      onClick={open}
    />
  );
}
