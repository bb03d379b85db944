/** What was measured: scores of the merged model, the plot of all points, and what may be said of them. */
import { ChartScatter, Info, Table2 } from 'lucide-react';
import { Suspense, useMemo, useState, type ReactNode } from 'react';
import { hasTestSets, sweepLambdas } from '../../state/measurable.ts';
import { isStale } from '../../state/measure-slice.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import type { StudioState } from '../../state/types.ts';
import { Button } from '../../ui/button.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Guard } from '../../ui/guard.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Popover } from '../../ui/popover.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { AgreementView } from './agreement-view.tsx';
import { Figures } from './figures.tsx';
import { LegendMark } from './marks.tsx';
import { plotPoint } from './points.ts';
import { tradeoffChart } from './tradeoff-chart-late.ts';
import css from './tradeoff.module.css';
import { TradeoffTable } from './tradeoff-table.tsx';
import { verdict } from './verdict.ts';

/** Time of one measurement by the last one made on as many items; null before the first. */
function evaluationMs({ measurements }: StudioState): number | null {
  return measurements.at(-1)?.evaluation.elapsedMs ?? null;
}

const currentIsStale = (state: StudioState): boolean =>
  state.measurements.some((point) => isStale(point, state));

export function TradeoffPanel(): ReactNode {
  const measurements = useStudio((state) => state.measurements);
  const stale = useStudio(currentIsStale);
  const measuring = useStudio((state) => state.measuring);
  const oneMs = useStudio(evaluationMs);
  const forward = useStudio((state) => state.session?.forward);
  const [table, setTable] = useState(false);

  const snapshots = useStudio((state) => state.snapshots);
  const points = useMemo(() => {
    const taken = new Map(snapshots.map(({ id }, index) => [id, index]));
    const inOrder = measurements.toSorted((a, b) => (taken.get(a.id) ?? -1) - (taken.get(b.id) ?? -1));
    return inOrder.map((point) => plotPoint(point, point.kind === 'current' && stale));
  }, [measurements, snapshots, stale]);
  const current = points.find(({ measurement }) => measurement.kind === 'current');
  const sentences = useMemo(
    () => (current ? verdict(current.measurement, measurements) : []),
    [current, measurements],
  );

  const measurable = useStudio(hasTestSets);
  const obstacle = useObstacle(actions.evaluate, undefined);
  const sweepTime =
    oneMs === null
      ? `${sweepLambdas.length} measurements`
      : `${sweepLambdas.length} measurements, about ${formatDuration(oneMs * sweepLambdas.length)}`;
  const kinds = new Set(measurements.map(({ kind }) => kind));

  return (
    <Panel
      title="Trade-off"
      still
      actions={
        <>
          <ActionControl action={actions.evaluate} small testId={testIds.evaluate} />
          <ActionControl
            action={actions.sweep}
            small
            hint={`Measures task arithmetic with λ from ${sweepLambdas[0]} to ${sweepLambdas.at(-1)}: ${sweepTime}.`}
            testId={testIds.sweep}
          />
          <Button
            label={table ? 'Show the plot' : 'Show as a table'}
            icon={table ? <ChartScatter /> : <Table2 />}
            iconOnly
            small
            tone="quiet"
            obstacle={points.length === 0 ? 'Nothing is measured yet.' : null}
            onClick={() => setTable(!table)}
          />
          <Popover
            label="How to read this"
            align="end"
            trigger={(id) => (
              <Button
                label="How to read this"
                icon={<Info />}
                iconOnly
                small
                tone="quiet"
                popoverTarget={id}
              />
            )}
          >
            <Reading sentences={sentences} />
          </Popover>
        </>
      }
    >
      {forward?.available && !measurable ? (
        <AgreementView />
      ) : (
        <div className={css.body}>
          <Figures current={current} />
          {points.length === 0 ? (
            <p className={css.empty}>
              {obstacle && !measuring
                ? obstacle
                : 'Nothing is measured yet. A run learns the gates from unlabeled samples, and its result is measured here when the run has ended.'}
            </p>
          ) : table ? (
            <div className={css.scroll}>
              <TradeoffTable points={points} />
            </div>
          ) : (
            <>
              <div className={css.chart}>
                <Guard what="The plot" onRetry={tradeoffChart.again}>
                  <Suspense>
                    <tradeoffChart.View points={points} />
                  </Suspense>
                </Guard>
              </div>
              <ul className={css.legend}>
                {kinds.has('vlm') && (
                  <li>
                    <LegendMark kind="vlm" /> VLM
                  </li>
                )}
                {kinds.has('task-arithmetic') && (
                  <li>
                    <LegendMark kind="task-arithmetic" /> one λ
                  </li>
                )}
                {kinds.has('method') && (
                  <li>
                    <LegendMark kind="method" /> other methods
                  </li>
                )}
                {kinds.has('snapshot') && (
                  <li>
                    <LegendMark kind="snapshot" /> snapshots
                  </li>
                )}
                {current && (
                  <li>
                    <LegendMark kind="current" hollow={current.stale} />{' '}
                    {current.stale ? 'merged, older' : 'merged'}
                  </li>
                )}
              </ul>
            </>
          )}
          {measuring && (
            <div className={css.measuring} data-testid={testIds.measuring}>
              <ProgressLine
                compact
                progress={measuring.progress}
                label={measuring.label}
                action={
                  <ActionControl
                    action={actions.cancelMeasuring}
                    icon={null}
                    small
                    testId={testIds.cancelMeasuring}
                  />
                }
              />
            </div>
          )}
          {sentences.length > 0 && !measuring && (
            <div className={css.verdict} tabIndex={0} role="group" aria-label="What may be said">
              {sentences.map((sentence) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}

function Reading({ sentences }: { sentences: readonly string[] }): ReactNode {
  return (
    <div className={css.reading}>
      <h3>What may be said</h3>
      {sentences.length > 0 ? (
        sentences.map((sentence) => <p key={sentence}>{sentence}</p>)
      ) : (
        <p>Nothing can be said yet. Measure the merged model first.</p>
      )}
      <p className={css.dim}>
        An answer of perception counts only where it is exactly the expected one, its form included. A model
        that thinks aloud and then names what is on the image is counted as wrong, although it sees. So a
        lower perception can be a lost form as well as lost sight.
      </p>
      <p className={css.dim}>
        Lines through a point are Wilson 95 % intervals. All models answer the same items. Two scores are
        called different only where their intervals do not overlap. A hollow point was measured before the
        last change.
      </p>
      <p className={css.dim}>
        Gains of reasoning injection are small and contested: about two points on average in FRISM, and other
        studies find little for mathematics. λ, α and the choice of reasoning model are usually picked with
        labels; the gates are not.
      </p>
    </div>
  );
}
