/** What the studio computes on, why, and whether its own arithmetic passed the start-up check. */
import type { ReactNode } from 'react';
import type { BackendReport } from '../../../protocol/engine.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { Popover } from '../../ui/popover.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './header-panel.module.css';

const names = { webgpu: 'WebGPU', wasm: 'WebAssembly' } as const;

function threadsOf({ backend, threads, isolated }: BackendReport): string {
  if (backend === 'webgpu') return 'none: the GPU computes';
  if (!isolated) return `${threads}: more need cross-origin isolation`;
  const cores = navigator.hardwareConcurrency;
  return `${threads} of ${cores} ${cores === 1 ? 'core' : 'cores'}${threads < cores ? '; one core is left to the page, and at most eight are used' : ''}`;
}

const choices = [
  { value: 'auto', label: 'Automatic' },
  { value: 'webgpu', label: 'WebGPU' },
  { value: 'wasm', label: 'WebAssembly' },
] as const;

function BackendChooser(): ReactNode {
  const choice = useStudio((state) => state.backendChoice);
  const obstacle = useObstacle(actions.chooseBackend, choice);
  return (
    <Segmented
      label="What computes"
      options={choices.map((option) => ({ ...option, testId: testIds.backend(option.value) }))}
      value={choice}
      hint="Starts compute on it and opens the models again. Gates and snapshots are kept."
      obstacle={obstacle}
      onChange={(next) => attempt(useStudio.getState(), actions.chooseBackend, next)}
    />
  );
}

export function BackendChip(): ReactNode {
  const backend = useStudio((state) => state.backend);
  const connection = useStudio((state) => state.connection);
  const name =
    connection.status === 'lost' || connection.status === 'failed'
      ? 'Stopped'
      : backend
        ? names[backend.backend]
        : 'Starting';
  return (
    <Popover
      label="Compute"
      align="end"
      trigger={(id) => (
        <button
          type="button"
          className={`${css.chip} ${css.backend}`}
          popoverTarget={id}
          aria-haspopup="dialog"
          data-testid={testIds.backendChip}
          title={backend?.reason}
        >
          <span className={css.light} data-status={connection.status} />
          {name}
        </button>
      )}
    >
      <div className={css.details}>
        <h2>Compute: {name}</h2>
        <BackendChooser />
        {connection.error && <p>{connection.error.message}</p>}
        {backend && (
          <>
            <p className={css.dim}>{backend.reason}</p>
            <dl className={css.facts}>
              <dt>Adapter</dt>
              <dd>
                {backend.adapter ?? 'none'}
                {backend.softwareAdapter && ' (software)'}
              </dd>
              <dt>Threads</dt>
              <dd>{threadsOf(backend)}</dd>
              <dt>Cross-origin isolated</dt>
              <dd>
                {backend.isolated
                  ? 'yes: threads may share memory'
                  : 'no: the page was served without its COOP and COEP headers, so WebAssembly runs on one thread'}
              </dd>
            </dl>
            <h3>Self-test against the CPU reference</h3>
            <ul className={css.tests}>
              {backend.selfTest.map(({ name: test, error, ok }) => (
                <li key={test}>
                  <span>{test}</span>
                  <span>{ok ? `relative error ${error.toExponential(1)}` : 'failed'}</span>
                </li>
              ))}
            </ul>
          </>
        )}
        <ActionControl action={actions.storage} small className={css.storage} testId={testIds.storage} />
      </div>
    </Popover>
  );
}
