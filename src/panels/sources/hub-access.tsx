/** What all repositories share: the token, and for mirrors the endpoint. */
import type { ReactNode } from 'react';
import { publicHub } from '../../../core/hub/names.ts';
import { TextField } from '../../ui/text-field.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { endpointProblem, tokenProblem, type Draft } from './draft.ts';
import css from './sources.module.css';

export interface HubAccessProps {
  readonly draft: Draft;
  /** Why it cannot be changed now, or null. */
  readonly obstacle: string | null;
  readonly onChange: (part: Partial<Pick<Draft, 'token' | 'endpoint'>>) => void;
}

export function HubAccess({ draft, obstacle, onChange }: HubAccessProps): ReactNode {
  return (
    <div className={css.access}>
      <TextField
        label="Access token, for gated and private repositories"
        type="password"
        autoComplete="off"
        placeholder="none"
        help="The token is kept in memory until this page is closed, and it is sent to the Hub alone."
        value={draft.token}
        problem={tokenProblem(draft)}
        obstacle={obstacle}
        testId={testIds.hubToken}
        onChange={(token) => onChange({ token })}
      />
      <details className={css.advanced} open={draft.endpoint !== '' || undefined}>
        <summary>Advanced</summary>
        <TextField
          label="Endpoint"
          placeholder={publicHub}
          help="This may be another address that answers as the Hub does, such as a mirror or a server of your own."
          value={draft.endpoint}
          problem={endpointProblem(draft)}
          obstacle={obstacle}
          testId={testIds.hubEndpoint}
          onChange={(endpoint) => onChange({ endpoint })}
        />
      </details>
    </div>
  );
}
