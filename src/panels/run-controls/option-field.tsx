/** One setting of a run. It says why where it cannot be changed now. */
import type { ReactNode } from 'react';
import type { DistillOptions } from '../../../protocol/session.ts';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { NumberField } from '../../ui/number-field.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { settings } from './settings.ts';

export function OptionField({
  option,
  bare = false,
}: {
  readonly option: keyof DistillOptions;
  readonly bare?: boolean;
}): ReactNode {
  const value = useStudio((state) => state.options[option]);
  const obstacle = useObstacle(actions.setOptions, {});
  const { about, zeroMeans, ...setting } = settings[option];
  return (
    <NumberField
      {...setting}
      value={value ?? 0}
      obstacle={obstacle}
      onChange={(next) =>
        attempt(useStudio.getState(), actions.setOptions, {
          [option]: next === 0 && zeroMeans === null ? null : next,
        })
      }
      {...(bare ? {} : { hint: about, testId: testIds.option(option) })}
    />
  );
}
