/** What the layer list is sorted by and which measures have a column: one menu, its button names the sorting. */
import { ArrowDownWideNarrow } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { measures, type MeasureId } from '../../../core/spectrum/measures.ts';
import { Popover } from '../../ui/popover.tsx';
import css from './columns-menu.module.css';
import type { SortKey } from './rows.ts';

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const choices: readonly { readonly key: SortKey; readonly name: string; readonly help: string }[] = [
  { key: 'order', name: 'model order', help: 'Layer by layer, as the model computes them.' },
  { key: 'meanGate', name: 'mean gate', help: 'How far the gates of a matrix are open, on average.' },
  ...measures.map(({ id, name, help }) => ({ key: id, name, help })),
];

export interface ColumnsMenuProps {
  readonly sort: SortKey;
  readonly columns: readonly MeasureId[];
  /** How many columns fit. */
  readonly fit: number;
  readonly disabled: boolean;
  onSort(key: SortKey): void;
  onToggleColumn(id: MeasureId): void;
}

export function ColumnsMenu(props: ColumnsMenuProps): ReactNode {
  const { sort, columns, fit, disabled, onSort, onToggleColumn } = props;
  const group = useId();
  const sortedBy = choices.find(({ key }) => key === sort)?.name ?? '';
  const isMeasure = (key: SortKey): key is MeasureId => key !== 'order' && key !== 'meanGate';
  return (
    <Popover
      label="Sorting and columns of the layer list"
      trigger={(id) => (
        <button
          type="button"
          className={css.trigger}
          popoverTarget={id}
          disabled={disabled}
          aria-label={`Sorted by ${sortedBy}: choose sorting and columns`}
          title="Sorting and columns"
          data-testid="layers-columns"
        >
          <ArrowDownWideNarrow aria-hidden="true" />
          <span>{capital(sortedBy)}</span>
        </button>
      )}
    >
      <table className={css.menu}>
        <thead>
          <tr>
            <th scope="col">Layers</th>
            <th scope="col">Sort</th>
            <th scope="col">Column</th>
          </tr>
        </thead>
        <tbody>
          {choices.map(({ key, name, help }) => (
            <tr key={key}>
              <th scope="row">
                {capital(name)}
                <span className={css.help}>{help}</span>
              </th>
              <td>
                <input
                  type="radio"
                  name={group}
                  aria-label={`Sort by ${name}`}
                  checked={key === sort}
                  onChange={() => onSort(key)}
                  data-testid={`layers-sort-${key}`}
                />
              </td>
              <td>
                {isMeasure(key) && (
                  <input
                    type="checkbox"
                    aria-label={`A column for the ${name}`}
                    checked={columns.includes(key)}
                    onChange={() => onToggleColumn(key)}
                    data-testid={`layers-column-${key}`}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css.note}>
        {fit === 1 ? 'One column fits' : `${fit} columns fit`} at this width. A further one takes the place of
        the one chosen longest ago.
      </p>
    </Popover>
  );
}
