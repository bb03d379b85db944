/** One option of a run, as its row in `core/objective/options.ts` says. Disabled, with the reason, during a run. */
import type { ReactNode } from 'react';
import { explainOption } from '../../../core/objective/describe-options.ts';
import type { ChoiceOption, NumberOption, OptionValue } from '../../../core/objective/option-row.ts';
import { optionRow, type OptionKey } from '../../../core/objective/options.ts';
import { isRunActive } from '../../state/run-slice.ts';
import { useStudio } from '../../state/store.ts';
import { NumberField } from '../../ui/number-field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { Tip } from '../../ui/tip.tsx';

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
  const fixed = useStudio((state) => isRunActive(state.run)) && !row.mayChangeDuringRun;
  const control = {
    disabled: fixed,
    testId: bare ? undefined : testIds.option(option),
    onChange: (next: OptionValue) => useStudio.getState().setOptions({ [option]: next }),
  };
  const field =
    row.kind === 'choice' ? (
      <ChoiceControl row={row} value={String(value)} {...control} />
    ) : (
      <NumberControl row={row} value={typeof value === 'number' ? value : null} {...control} />
    );
  if (bare) return field;
  const about = explainOption(row);
  return (
    <Tip text={fixed ? `${about} Fixed while a run goes on: stop it to change this.` : about}>{field}</Tip>
  );
}

interface ControlProps<Row, Value> {
  readonly row: Row;
  readonly value: Value;
  readonly disabled: boolean;
  readonly testId: string | undefined;
  readonly onChange: (value: Value) => void;
}

function NumberControl({
  row,
  value,
  disabled,
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
      disabled={disabled}
      onChange={(next) => onChange(isNullable && next === 0 ? null : next)}
      {...(testId !== undefined && { testId })}
    />
  );
}

function ChoiceControl({
  row,
  value,
  disabled,
  testId,
  onChange,
}: ControlProps<ChoiceOption, string>): ReactNode {
  const options = Object.entries(row.choices).map(([id, { label }]) => ({
    value: id,
    label,
    ...(testId !== undefined && { testId: `${testId}-${id}` }),
  }));
  return (
    <Segmented label={row.name} options={options} value={value} disabled={disabled} onChange={onChange} />
  );
}
