/**
 * What the headers of the chosen models say, before anything else of them is read: how they pair, and one
 * layer's spectrum on request.
 */
import { roles, type Role } from '../../../core/family/trio.ts';
import { useEffect, useRef, type ReactNode } from 'react';
import { everything, type LayerSelection } from '../../../core/family/selection.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { TrioPreview } from '../../../protocol/session.ts';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Button } from '../../ui/button.tsx';
import { FindingList } from '../../ui/finding-list.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';

import { MemoryLine } from './memory-line.tsx';
import css from './preview.module.css';
import { SpectrumPlot } from './spectrum-plot.tsx';

const names: Record<Role, string> = { base: 'Base', vlm: 'VLM', lrm: 'LRM' };

export function Preview({
  found,
  selection,
}: {
  readonly found: TrioPreview;
  readonly selection: LayerSelection | null;
}): ReactNode {
  const section = useRef<HTMLElement>(null);
  // It appears below what was being looked at.
  useEffect(() => {
    // Newer browsers answer with a promise: not to be handed to React.
    void section.current?.scrollIntoView({ block: 'nearest' });
  }, [found]);
  const { pairing, slots, models } = found;
  const { findings } = pairing;
  return (
    <section
      ref={section}
      className={css.preview}
      aria-label="How the chosen models fit together"
      data-testid={testIds.preview}
    >
      <p className={css.sum} role="status">
        {pairing.matched} linear layers of all three match and can be merged.{' '}
        {findings.length === 0 ? 'Nothing else was found.' : 'Also found:'}
      </p>
      <MemoryLine found={found} selection={selection ?? everything} />
      {findings.length > 0 && <FindingList findings={findings} />}
      <table className={css.models}>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Architecture</th>
            <th scope="col">Parameters</th>
            <th scope="col">Weights</th>
            <th scope="col">Stored as</th>
          </tr>
        </thead>
        <tbody>
          {roles.map((role) => (
            <tr key={role}>
              <th scope="row">
                <span className={css.role}>{names[role]}</span> {models[role].label}
              </th>
              <td>{models[role].architecture}</td>
              <td>{formatCount(models[role].parameters)}</td>
              <td>{formatBytes(models[role].sizeBytes)}</td>
              <td>{models[role].dtypes.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={css.layers}>
        <ul className={css.list} aria-label="Layers that can be merged">
          {slots.map((slot, i) => (
            <LayerRow key={slot.id} index={i} name={slot.id} shape={slot.shape} />
          ))}
        </ul>
        <LayerView found={found} />
      </div>
    </section>
  );
}

function LayerRow({
  index,
  name,
  shape: [rows, columns],
}: {
  readonly index: number;
  readonly name: string;
  readonly shape: readonly [number, number];
}): ReactNode {
  const chosen = useStudio((state) => state.preview.layer?.slot === index);
  const obstacle = useObstacle(actions.previewLayer, index);
  return (
    <li>
      <ActionButton
        className={css.layer}
        aria-pressed={chosen}
        obstacle={obstacle}
        testId={testIds.previewLayer(name)}
        onClick={() => attempt(useStudio.getState(), actions.previewLayer, index)}
      >
        <span>{name}</span>
        <span className={css.shape}>
          {rows} × {columns}
        </span>
      </ActionButton>
    </li>
  );
}

/** One matrix is not worth counting; its bytes are, where they come over the network. */
function ofOneLayer({ download, ...progress }: Progress): Progress | null {
  if (!download) return null;
  if (download.waiting || download.neededBytes === null) return { ...progress, download };
  const done = Math.min(download.neededBytes, download.receivedBytes + download.keptBytes);
  return { ...progress, done, total: download.neededBytes, unit: 'bytes', etaMs: null };
}

function LayerView({ found }: { readonly found: TrioPreview }): ReactNode {
  const layer = useStudio((state) => state.preview.layer);
  const slot = layer && found.slots[layer.slot];
  if (!layer || !slot)
    return (
      <p className={css.hint}>
        Choose a layer to see the spectrum of what the LRM changed in it. Only the weights of that layer are
        read, from base and LRM.
      </p>
    );
  return (
    <div className={css.view} aria-live="polite">
      <h4>{slot.id}</h4>
      {layer.spectrum && <SpectrumPlot slot={slot} spectrum={layer.spectrum} />}
      {layer.error && <Notice level="error">{layer.error.message}</Notice>}
      {!layer.spectrum && !layer.error && (
        <ProgressLine
          progress={layer.progress && ofOneLayer(layer.progress)}
          label="Reading"
          action={<Button label="Cancel" small onClick={() => useStudio.getState().cancelPreview()} />}
        />
      )}
    </div>
  );
}
