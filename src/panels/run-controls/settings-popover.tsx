/** All settings of a run with their explanations, and the way back to the trio's defaults. */
import { SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DistillOptions } from '../../../protocol/session.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
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
          <ActionControl action={actions.defaults} small />
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
