/** All settings of a run with their explanations, and the way back to the trio's defaults. */
import { RotateCcw, SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { explainOption } from '../../../core/objective/describe-options.ts';
import { optionRows } from '../../../core/objective/options.ts';
import { isRunActive } from '../../state/run-slice.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { OptionField } from './option-field.tsx';
import css from './run-controls.module.css';

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
