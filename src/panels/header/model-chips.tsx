/** Which three models are open; each opens its details. */
import type { Role } from '../../../core/family/trio.ts';
import type { ReactNode } from 'react';
import type { ModelSummary } from '../../../protocol/session.ts';
import { useStudio } from '../../state/store.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { Popover } from '../../ui/popover.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './header-panel.module.css';

const roles: readonly { role: Role; short: string; title: string; part: string }[] = [
  {
    role: 'base',
    short: 'Base',
    title: 'Base language model',
    part: 'This is the common ancestor. The reasoning task vector is LRM − base. The base itself is not merged.',
  },
  {
    role: 'vlm',
    short: 'VLM',
    title: 'Vision-language model',
    part: 'The merge starts here. Its vision tower, connector, embeddings, norms and head stay as they are.',
  },
  {
    role: 'lrm',
    short: 'LRM',
    title: 'Reasoning language model',
    part: 'This is the donor. Its difference to the base is split into singular directions, and each direction gets a gate.',
  },
];

/** A model of the Hub without its owner and commit. One called like its role says nothing; its size does. */
function shortName({ label, role, parameters }: ModelSummary): string {
  const name = label.replace(/^(?:[^/]+\/)?([^/@]+)@[0-9a-f]{7}$/, '$1');
  return name.toLowerCase() === role ? formatCount(parameters) : name;
}

export function ModelChips(): ReactNode {
  const session = useStudio((state) => state.session);
  return (
    <div className={css.chips}>
      {roles.map(({ role, short, title, part }) => (
        <Popover
          key={role}
          label={title}
          trigger={(id) => (
            <button
              type="button"
              className={css.chip}
              popoverTarget={id}
              aria-haspopup="dialog"
              data-testid={testIds.modelChip(role)}
            >
              <span className={`${css.role} ${role === 'base' ? '' : css[role]}`}>{short}</span>
              <span className={css.name}>{session ? shortName(session.models[role]) : '–'}</span>
            </button>
          )}
        >
          <div className={css.details}>
            <h2>{title}</h2>
            <p className={css.dim}>{part}</p>
            {session ? (
              <Facts model={session.models[role]} />
            ) : (
              <p className={css.dim}>Nothing is open yet.</p>
            )}
          </div>
        </Popover>
      ))}
    </div>
  );
}

function Facts({ model }: { model: ModelSummary }): ReactNode {
  return (
    <dl className={css.facts}>
      <dt>Name</dt>
      <dd>{model.label}</dd>
      <dt>Architecture</dt>
      <dd>{model.architecture}</dd>
      <dt>Parameters</dt>
      <dd>
        {formatCount(model.parameters)} in {model.tensors} tensors
      </dd>
      <dt>On disk</dt>
      <dd>
        {formatBytes(model.sizeBytes)}, {model.dtypes.join(', ')}
      </dd>
    </dl>
  );
}
