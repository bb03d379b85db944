/**
 * The way to the calibration images: a plain word where there are none yet, else a small button that says
 * what is in force.
 */
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { testIds } from '../../ui/test-ids.ts';

export function CalibrationButton(): ReactNode {
  const forward = useStudio((state) => state.session?.forward);
  const own = useStudio((state) => state.calibration.own);
  const label = useStudio((state) => state.session?.label ?? '');
  if (!forward?.available) return null;
  if (forward.calibrationItems === 0) {
    return (
      <ActionControl
        action={actions.calibration}
        tone="primary"
        hint="These models bring no images to calibrate on. Choose your own, then run."
        testId={testIds.calibration}
      />
    );
  }
  const inForce = own
    ? `${own.report.images} images of your own, ${own.report.items} items`
    : `the ${forward.calibrationItems} items of ${label}`;
  return (
    <ActionControl
      action={actions.calibration}
      label="Calibration images"
      iconOnly
      tone="quiet"
      hint={`A run calibrates on ${inForce}. Choose images of your own here.`}
      testId={testIds.calibration}
    />
  );
}
