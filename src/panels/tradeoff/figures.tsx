/** The two scores of the merged model as it was last measured, and on how many items measuring is done. */
import type { ReactNode } from 'react';
import type { Score } from '../../../protocol/engine.ts';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { formatRate } from '../../ui/format.ts';
import { Select } from '../../ui/select.tsx';
import { testIds } from '../../ui/test-ids.ts';
import type { PlotPoint } from './points.ts';
import css from './tradeoff.module.css';
import { rateOf } from './verdict.ts';

function Figure({
  name,
  score,
  stale,
  reasoning = false,
}: {
  name: string;
  score: Score | undefined;
  stale: boolean;
  reasoning?: boolean;
}): ReactNode {
  return (
    <div
      className={`${css.figure} ${reasoning ? css.reasoning : ''}`}
      data-stale={stale}
      title={stale ? 'This was measured before gates or λ were changed last.' : undefined}
    >
      <dt>{stale ? `${name}, older` : name}</dt>
      <dd
        className={css.value}
        data-testid={reasoning ? testIds.reasoning : testIds.perception}
        data-value={score ? rateOf(score) : ''}
        data-stale={stale}
      >
        {score ? formatRate(rateOf(score)) : '–'}
        {score && (
          <small>
            {(100 * score.low).toFixed(0)}–{(100 * score.high).toFixed(0)}
          </small>
        )}
      </dd>
    </div>
  );
}

export function Figures({ current }: { current: PlotPoint | undefined }): ReactNode {
  const forward = useStudio((state) => state.session?.forward);
  const items = useStudio((state) => state.evaluationItems);
  const obstacle = useObstacle(actions.setEvaluationItems, items);
  const evaluation = current?.measurement.evaluation;
  const total = forward?.available ? Math.max(forward.perceptionItems, forward.reasoningItems) : 0;
  const choices = [50, 100, 200].filter((count) => count < total);
  return (
    <div className={css.figures}>
      <dl className={css.figure} style={{ display: 'contents' }}>
        <Figure name="Perception" score={evaluation?.perception} stale={current?.stale ?? false} />
        <Figure name="Reasoning" score={evaluation?.reasoning} stale={current?.stale ?? false} reasoning />
      </dl>
      {choices.length > 0 && (
        <label className={css.items}>
          items a set
          <Select
            value={items === null ? '' : String(items)}
            options={[
              { value: '', label: 'all' },
              ...choices.map((count) => ({ value: String(count), label: `first ${count}` })),
            ]}
            obstacle={obstacle}
            onChange={(value) =>
              attempt(useStudio.getState(), actions.setEvaluationItems, value === '' ? null : Number(value))
            }
          />
        </label>
      )}
    </div>
  );
}
