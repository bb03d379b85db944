/** One option of a run, as its row in `core/objective/options.ts` says. It says why where it is fixed now. */
import type { ReactNode } from 'react';
import { explainOption } from '../../../core/objective/describe-options.ts';
import type { ChoiceOption, NumberOption, OptionValue } from '../../../core/objective/option-row.ts';
import { optionRow, type OptionKey } from '../../../core/objective/options.ts';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { NumberField } from '../../ui/number-field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { testIds } from '../../ui/test-ids.ts';

export function OptionField({
  option,
  bare = false,
}: {
  readonly option: OptionKey;
  /** Without the tip and the test id: where the sentence stands beside the field, a second one of its kind. */
  readonly bare?: boolean;
}): ReactNode {
  const value: OptionValue = useStudio((state) => state.options[option]);
  const row = optionRow(option);
  const obstacle = useObstacle(actions.setOptions, { [option]: value });
  const control = {
    obstacle,
    ...(bare ? {} : { hint: explainOption(row) }),
    testId: bare ? undefined : testIds.option(option),
    onChange: (next: OptionValue) => attempt(useStudio.getState(), actions.setOptions, { [option]: next }),
  };
  return row.kind === 'choice' ? (
    <ChoiceControl row={row} value={String(value)} {...control} />
  ) : (
    <NumberControl row={row} value={typeof value === 'number' ? value : null} {...control} />
  );
}

interface ControlProps<Row, Value> {
  readonly row: Row;
  readonly value: Value;
  readonly obstacle: string | null;
  readonly hint?: string;
  readonly testId: string | undefined;
  readonly onChange: (value: Value) => void;
}

function NumberControl({
  row,
  value,
  obstacle,
  hint,
  testId,
  onChange,
}: ControlProps<NumberOption, number | null>): ReactNode {
  const { symbol, name, whole, comfortable, step, zeroMeans } = row;
  const isNullable = zeroMeans !== undefined;
  return (
    <NumberField
      label={symbol}
      name={isNullable ? `${name}; at 0 ${zeroMeans}` : name}
      min={comfortable[0]}
      max={comfortable[1]}
      step={step}
      integer={whole ?? false}
      value={value ?? 0}
      obstacle={obstacle}
      {...(hint !== undefined && { hint })}
      onChange={(next) => onChange(isNullable && next === 0 ? null : next)}
      {...(testId !== undefined && { testId })}
    />
  );
}

function ChoiceControl({
  row,
  value,
  obstacle,
  hint,
  testId,
  onChange,
}: ControlProps<ChoiceOption, string>): ReactNode {
  const options = Object.entries(row.choices).map(([id, { label }]) => ({
    value: id,
    label,
    ...(testId !== undefined && { testId: `${testId}-${id}` }),
  }));
  return (
    <Segmented
      label={row.name}
      options={options}
      value={value}
      obstacle={obstacle}
      {...(hint !== undefined && { hint })}
      onChange={onChange}
    />
  );
}
