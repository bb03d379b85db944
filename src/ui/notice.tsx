/** A sentence that matters, with its weight shown by icon and colour, and room for one way out. */
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './notice.module.css';

const icons = {
  info: <Info aria-hidden />,
  warning: <TriangleAlert aria-hidden />,
  error: <CircleAlert aria-hidden />,
};

export interface NoticeProps {
  readonly level: keyof typeof icons;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly testId?: string;
}

export function Notice({ level, children, action, testId }: NoticeProps): ReactNode {
  return (
    <div
      className={`${css.notice} ${css[level]}`}
      role={level === 'error' ? 'alert' : 'note'}
      data-testid={testId}
    >
      {icons[level]}
      <div className={css.text}>{children}</div>
      {action}
    </div>
  );
}
