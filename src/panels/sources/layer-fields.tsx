/**
 * Which layers are opened: a list or range of them and their kinds, with what that means once the models have
 * been checked.
 */
import type { ReactNode } from 'react';
import type { TrioPreview } from '../../../protocol/session.ts';
import { TextField } from '../../ui/text-field.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { draftSelection, kindsProblem, layersProblem, type Draft } from './draft.ts';
import { layerCount } from './layer-choice.ts';
import css from './sources.module.css';

export interface LayerFieldsProps {
  readonly draft: Draft;
  readonly found: TrioPreview | null;
  /** With these models. */
  readonly problem: string | null;
  /** Why it cannot be changed now, or null. */
  readonly obstacle: string | null;
  readonly onChange: (part: Partial<Pick<Draft, 'layers' | 'kinds'>>) => void;
}

export function LayerFields({ draft, found, problem, obstacle, onChange }: LayerFieldsProps): ReactNode {
  const selection = draftSelection(draft);
  const count = found && selection && !problem ? layerCount(found.slots, selection) : null;
  return (
    <div className={css.layerFields}>
      <TextField
        label="Layers to open"
        placeholder="all"
        help="All, or 10-19, or 0,4,8, or 0-29/3 for every third."
        value={draft.layers}
        problem={layersProblem(draft) ?? problem}
        obstacle={obstacle}
        testId={testIds.layersInput}
        onChange={(layers) => onChange({ layers })}
      />
      <TextField
        label="Matrices of a layer"
        placeholder="all"
        help="All, or q,k,v,o,gate,up,down; attention, mlp."
        value={draft.kinds}
        problem={kindsProblem(draft)}
        obstacle={obstacle}
        testId={testIds.kindsInput}
        onChange={(kinds) => onChange({ kinds })}
      />
      <p className={css.layerCount} role="status" data-testid={testIds.layersCount}>
        {count ? (
          <>
            <strong>{count.matrices.toLocaleString('en')}</strong> of {count.all.toLocaleString('en')}{' '}
            matrices, {count.gates.toLocaleString('en')} gates.{' '}
            {count.matrices < count.all && 'The others stay as they are in the VLM.'}
          </>
        ) : (
          'Fewer layers take less time and memory. The others stay as they are in the VLM. “Check” tells how many there are.'
        )}
      </p>
    </div>
  );
}
