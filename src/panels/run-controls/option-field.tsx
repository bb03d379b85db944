/** One setting of a run. Disabled, with the reason, while a run goes on. */
import type { ReactNode } from 'react';
import type { DistillOptions } from '../../../protocol/session.ts';
import { isRunActive } from '../../state/run-slice.ts';
import { useStudio } from '../../state/store.ts';
import { NumberField } from '../../ui/number-field.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { Tip } from '../../ui/tip.tsx';
import { settings } from './settings.ts';

export function OptionField({
  option,
  bare = false,
}: {
  readonly option: keyof DistillOptions;
  readonly bare?: boolean;
}): ReactNode {
  const value = useStudio((state) => state.options[option]);
  const active = useStudio((state) => isRunActive(state.run));
  const { about, zeroMeans, ...setting } = settings[option];
  const field = (
    <NumberField
      {...setting}
      value={value ?? 0}
      disabled={active}
      onChange={(next) =>
        useStudio.getState().setOptions({ [option]: next === 0 && zeroMeans === null ? null : next })
      }
      {...(bare ? {} : { testId: testIds.option(option) })}
    />
  );
  if (bare) return field;
  return (
    <Tip text={active ? `${about} Fixed while a run goes on: stop it to change this.` : about}>{field}</Tip>
  );
}
