/** What opening the checked models and a run on them will hold, against what there is. */
import type { ReactNode } from 'react';
import { describeSelection, type LayerSelection } from '../../../core/family/selection.ts';
import { usualChoice } from '../../../core/memory/run-choice.ts';
import { forecastMemory, type MemoryForecast } from '../../../core/memory/verdict.ts';
import type { TrioPreview } from '../../../protocol/session.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import css from './preview.module.css';

export function MemoryLine({
  found,
  selection,
}: {
  readonly found: TrioPreview;
  readonly selection: LayerSelection;
}): ReactNode {
  const capacity = useStudio((state) => state.backend?.capacity);
  if (!capacity) return null;
  const forecast = forecastMemory(found.memory, capacity, found.slots, usualChoice, selection);
  const { verdict, openingBytes } = forecast;
  return (
    <p className={css.memory} data-level={level(forecast)} role="status" data-testid={testIds.previewMemory}>
      Opening needs about {formatBytes(openingBytes)}. {verdict.message} {verdict.remedy}{' '}
      {found.memory.run?.sample.assumed &&
        verdict.code !== 'not-run-here' &&
        'Photographs and short questions are assumed.'}
      <TakeLayers forecast={forecast} kinds={selection.kinds} />
    </p>
  );
}

const level = ({ verdict: { code } }: MemoryForecast): 'fine' | 'warning' | 'error' =>
  code === 'does-not-fit' || code === 'cannot-be-decomposed'
    ? 'error'
    : code === 'may-not-fit'
      ? 'warning'
      : 'fine';

/** A budget and a batch are chosen once the models are open; layers now. */
function TakeLayers({
  forecast: { verdict },
  kinds,
}: {
  readonly forecast: MemoryForecast;
  readonly kinds: LayerSelection['kinds'];
}): ReactNode {
  const { proposal } = verdict;
  if (proposal?.kind !== 'layers') return null;
  const selection = { layers: proposal.layers, kinds };
  return (
    <Button
      label={`Choose ${describeSelection({ layers: proposal.layers, kinds: null })}`}
      small
      testId={testIds.memoryProposal}
      onClick={() => useStudio.getState().offerLayers(selection)}
    />
  );
}
