/** All settings of a run with their explanations, and the way back to the trio's defaults. */
import { RotateCcw, SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DistillOptions } from '../../../protocol/session.ts';
import { isRunActive } from '../../state/run-slice.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { OptionField } from './option-field.tsx';
import css from './run-controls.module.css';
import { settings } from './settings.ts';

const order: readonly (keyof DistillOptions)[] = [
  'lambda',
  'alpha',
  'beta',
  'gamma',
  'learningRate',
  'steps',
  'batchSize',
  'seed',
  'gateMax',
  'teacherTopK',
];

export function SettingsPopover(): ReactNode {
  const active = useStudio((state) => isRunActive(state.run));
  const defaults = useStudio((state) => state.session?.defaults);
  return (
    <Popover
      label="Run settings"
      align="end"
      trigger={(id) => (
        <Button label="Settings" icon={<SlidersHorizontal />} popoverTarget={id} aria-haspopup="dialog" />
      )}
    >
      <div className={css.settings}>
        <header>
          <h3>Run settings</h3>
          <Button
            label="Defaults"
            icon={<RotateCcw />}
            small
            disabled={active || !defaults}
            hint={active ? 'Fixed while a run goes on' : 'Back to what suits this trio'}
            onClick={() => defaults && useStudio.getState().setOptions(defaults)}
          />
        </header>
        {order.map((option) => (
          <div key={option} className={css.row}>
            <OptionField option={option} bare />
            <span>{settings[option].about}</span>
          </div>
        ))}
      </div>
    </Popover>
  );
}
