/**
 * Merges by a method without gates: the method is chosen, its settings are typed, and the merge is measured,
 * asked or exported as it is set. Methods and fields come from the registry.
 */
import { FolderDown } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { methodGroups } from '../../../core/merging/method.ts';
import { streamMethods, type MethodId } from '../../../core/merging/methods.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { notWhileExporting } from '../../state/actions/obstacles.ts';
import { chosenMethod } from '../../state/method-slice.ts';
import { useStudio } from '../../state/store.ts';
import { NumberField } from '../../ui/number-field.tsx';
import { Select } from '../../ui/select.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { ExportStatus } from './export-status.tsx';
import { FindingsToAccept } from './findings-to-accept.tsx';
import css from './exporting.module.css';
import { canSaveToFolder } from './save.ts';
import { useSaving } from './saving.ts';

const GB = 1e9;
const shards = [
  { value: '', label: 'shards as in the VLM' },
  { value: String(GB), label: 'shards up to 1 GB' },
  { value: String(5 * GB), label: 'shards up to 5 GB' },
];

const choices = streamMethods.map(({ id, title, group }) => ({
  value: id,
  label: `${title} (${methodGroups[group].toLowerCase()})`,
}));

export function MethodsTab(): ReactNode {
  const chosen = useStudio((state) => state.method);
  const fixed = useStudio(notWhileExporting);
  const [shard, setShard] = useState('');
  const { chooseMethod, setMethodSetting, exportMethod } = useStudio.getState();
  const { saved, asArchive, intoFolder } = useSaving((target) =>
    exportMethod(target, shard === '' ? null : Number(shard)),
  );
  const method = streamMethods.find(({ id }) => id === chosen.id);
  if (!method) return null;
  const { settings } = chosenMethod({ method: chosen });
  return (
    <div className={css.body} data-testid={testIds.methods}>
      <label className={css.choice}>
        Merge by
        <Select
          value={method.id}
          options={choices}
          testId={testIds.methodChoice}
          onChange={(id) => chooseMethod(id as MethodId)}
        />
      </label>
      <p className={css.about}>{method.about}</p>
      <div className={css.row}>
        <ActionControl action={actions.measureMethod} tone="primary" testId={testIds.measureMethod} />
        <ActionControl action={actions.askMethod} testId={testIds.askMethod} />
        <ActionControl
          action={actions.exportMethod}
          argument={null}
          label="Download .zip"
          hint="Downloads this merge as one archive."
          press={() => void asArchive()}
          testId={testIds.exportMethod}
        />
        {canSaveToFolder() && (
          <ActionControl
            action={actions.exportMethod}
            argument={null}
            label="Save to folder…"
            hint="Writes this merge into a folder that you choose."
            icon={<FolderDown />}
            press={() => void intoFolder()}
            testId={testIds.exportMethodFolder}
          />
        )}
        <label className={css.choice}>
          As
          <Select value={shard} options={shards} obstacle={fixed} onChange={setShard} />
        </label>
      </div>
      <FindingsToAccept />
      <ExportStatus saved={saved} />
      <dl className={css.settings}>
        {Object.entries(method.settings).map(([key, { symbol, label, help, low, high, step, whole }]) => (
          <div key={`${method.id} ${key}`}>
            <dt>
              <NumberField
                label={symbol}
                name={`${method.title}: ${label}`}
                value={settings[key] ?? low}
                min={low}
                max={high}
                step={step}
                integer={whole ?? false}
                onChange={(value) => setMethodSetting(key, value)}
                testId={testIds.methodSetting(key)}
              />
            </dt>
            <dd>
              {help} <span className={css.range}>{`${low} to ${high}`}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className={css.dim}>
        <code>{method.formula}</code>
        <br />
        {method.source}.
      </p>
    </div>
  );
}
