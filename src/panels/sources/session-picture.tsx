/** A session as a small picture: a bar for each few layers, as tall as they bring, filled as far as gates are open. */
import type { ReactNode } from 'react';
import type { Thumbnail } from '../../state/keeping/shelf.ts';
import css from './recent-sessions.module.css';

const height = 24;
const width = 96;

export function SessionPicture({ of }: { readonly of: Thumbnail | undefined }): ReactNode {
  if (!of) return <span className={css.picture} />;
  const step = width / of.sizes.length;
  const bar = Math.max(1, step - 1);
  return (
    <svg className={css.picture} viewBox={`0 0 ${width} ${height}`} aria-hidden preserveAspectRatio="none">
      {of.sizes.map((size, i) => {
        const tall = Math.max(1, size * height);
        const open = tall * (of.gates[i] ?? 0);
        return (
          <g key={i}>
            <rect className={css.size} x={i * step} y={height - tall} width={bar} height={tall} />
            <rect className={css.open} x={i * step} y={height - open} width={bar} height={open} />
          </g>
        );
      })}
    </svg>
  );
}
