/** All settings of a run with their explanations, and the way back to the trio's defaults. */
import { SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { explainOption } from '../../../core/objective/describe-options.ts';
import { optionRows } from '../../../core/objective/options.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { OptionField } from './option-field.tsx';
import css from './run-controls.module.css';

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
        <div className={css.settingsHead}>
          <h2>Run settings</h2>
          <ActionControl action={actions.defaults} small />
        </div>
        {optionRows.map(([option, row]) => (
          <div key={option} className={css.row}>
            <OptionField option={option} bare />
            <span>{explainOption(row)}</span>
          </div>
        ))}
      </div>
    </Popover>
  );
}
