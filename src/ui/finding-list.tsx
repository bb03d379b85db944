/** What was found, the worst first: each with what it means, what to do, and the names it concerns. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './finding-list.module.css';

const icons = {
  error: <CircleAlert aria-label="Error" />,
  warning: <TriangleAlert aria-label="Warning" />,
  info: <CircleCheck aria-label="For information" />,
};
const rank = { error: 0, warning: 1, info: 2 };
const NAMES_SHOWN = 200;

export interface FindingLike {
  readonly code: string;
  readonly severity: keyof typeof icons;
  readonly message: string;
  readonly remedy: string;
  readonly tensors: readonly string[];
}

/**
 * @param noun what `tensors` are called, in the singular
 * @param answer what can be done about a finding, in its place in the list
 */
export function FindingList({
  findings,
  noun = 'tensor',
  answer,
}: {
  readonly findings: readonly FindingLike[];
  readonly noun?: string;
  readonly answer?: (finding: FindingLike) => ReactNode;
}): ReactNode {
  const sorted = [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
  return (
    <ul className={css.findings}>
      {sorted.map((finding) => (
        <Finding key={`${finding.code}-${finding.tensors[0] ?? ''}`} finding={finding} noun={noun}>
          {answer?.(finding)}
        </Finding>
      ))}
    </ul>
  );
}

function Finding({
  finding: { severity, message, remedy, tensors },
  noun,
  children,
}: {
  readonly finding: FindingLike;
  readonly noun: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <li className={`${css.finding} ${css[severity]}`}>
      {icons[severity]}
      <span>{message}</span>
      <span className={css.remedy}>{remedy}</span>
      {children && <span className={css.answer}>{children}</span>}
      {tensors.length > 0 && (
        <details className={css.tensors}>
          <summary>{tensors.length === 1 ? `1 ${noun}` : `${tensors.length} ${noun}s`}</summary>
          <ul>
            {tensors.slice(0, NAMES_SHOWN).map((name) => (
              <li key={name}>{name}</li>
            ))}
            {tensors.length > NAMES_SHOWN && <li>… and {tensors.length - NAMES_SHOWN} more</li>}
          </ul>
        </details>
      )}
    </li>
  );
}
