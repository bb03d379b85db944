/**
 * Every matrix that is merged, by layer: its spectrum, ranks, mean gate and lock. Selecting here is selecting
 * everywhere. Keys: ↑ ↓ move and select (with Shift extend, with Ctrl only move), → ← open and close a layer,
 * Space toggles, Ctrl A selects all, L locks.
 */
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react';
import { measures } from '../../../core/spectrum/measures.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { needsModels } from '../../state/actions/obstacles.ts';
import { useStudio } from '../../state/store.ts';
import { Panel } from '../../ui/panel.tsx';
import { ColumnsMenu } from './columns-menu.tsx';
import { columnsAtFirst, columnsInView, columnsThatFit, toggleColumn } from './columns.ts';
import { LayerHead, SlotRow } from './layer-rows.tsx';
import css from './layers.module.css';
import { keepRowsLive, meanGates } from './live-gates.ts';
import { flatRows, pick, slotsOf, sortedSlots, treeRows, type Row, type SortKey } from './rows.ts';
import { IncomingSection, StreamingRows } from './streaming-rows.tsx';

/** Sorted by gate during a run, rows change places no more often than this: faster cannot be read. */
const RESORT_MS = 1500;

export function LayersPanel(): ReactNode {
  const session = useStudio((state) => state.session);
  const closed = useStudio(needsModels);
  const spectra = useStudio((state) => state.spectra);
  const selected = useStudio((state) => state.selection.slots);
  const select = useStudio((state) => state.select);
  const hover = useStudio((state) => state.hover);
  const [sort, setSort] = useState<SortKey>('order');
  const [chosen, setChosen] = useState(columnsAtFirst);
  const [fit, setFit] = useState(1);
  const [order, setOrder] = useState<readonly number[]>([]);
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  const list = useRef<HTMLDivElement>(null);
  const root = useRef<HTMLDivElement>(null);

  const rows: readonly Row[] = useMemo(() => {
    if (!session) return [];
    return sort === 'order' || order.length !== session.slots.length
      ? treeRows(session.slots, collapsed)
      : flatRows(order);
  }, [session, sort, order, collapsed]);

  const resort = useCallback((key: SortKey) => {
    const state = useStudio.getState();
    if (key === 'order' || !state.session) return;
    const next = sortedSlots(key, state.session.slots, state.spectra, meanGates(state));
    setOrder((before) =>
      before.length === next.length && before.every((slot, i) => slot === next[i]) ? before : next,
    );
  }, []);
  useEffect(() => {
    if (sort !== 'meanGate') return;
    const timer = setInterval(() => resort('meanGate'), RESORT_MS);
    return () => clearInterval(timer);
  }, [sort, resort]);

  const live = useRef<ReturnType<typeof keepRowsLive> | null>(null);
  useEffect(() => {
    if (!root.current) return;
    live.current = keepRowsLive(root.current);
    return () => live.current?.dispose();
  }, []);
  useEffect(() => live.current?.refresh(), [rows]);

  useEffect(() => {
    if (!root.current) return;
    const observer = new ResizeObserver(([entry]) => setFit(columnsThatFit(entry?.contentRect.width ?? 0)));
    observer.observe(root.current);
    return () => observer.disconnect();
  }, []);
  const columns = useMemo(() => columnsInView(chosen, fit), [chosen, fit]);

  const onPick = useCallback(
    (at: number, event: Pick<MouseEvent, 'ctrlKey' | 'metaKey' | 'shiftKey'>) => {
      const toggle = event.ctrlKey || event.metaKey;
      const now = useStudio.getState().selection.slots;
      select({ slots: pick(rows, at, anchor.current, now, { toggle, range: event.shiftKey }) });
      if (!event.shiftKey) anchor.current = at;
      setActive(at);
    },
    [rows, select],
  );
  const onToggle = useCallback((layer: number) => {
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(layer)) next.add(layer);
      return next;
    });
  }, []);

  const focusRow = (at: number): void => {
    setActive(at);
    list.current?.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[active];
    const moves: Readonly<Record<string, number>> = {
      ArrowUp: active - 1,
      ArrowDown: active + 1,
      Home: 0,
      End: rows.length - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) {
      const at = Math.min(rows.length - 1, Math.max(0, target));
      focusRow(at);
      if (!event.ctrlKey && !event.metaKey)
        onPick(at, { ctrlKey: false, metaKey: false, shiftKey: event.shiftKey });
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      if (row?.kind === 'layer' && row.open !== (event.key === 'ArrowRight')) onToggle(row.layer);
      else if (row?.kind === 'slot' && event.key === 'ArrowLeft') {
        const head = rows.findLastIndex((other, i) => i < active && other.kind === 'layer');
        if (head >= 0) focusRow(head);
      }
    } else if (event.key === ' ' || event.key === 'Enter') {
      onPick(active, { ctrlKey: event.key === ' ', metaKey: false, shiftKey: event.shiftKey });
    } else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey) && !event.altKey) {
      if (session) select({ slots: session.slots.map((_, slot) => slot) });
    } else if (event.key.toLowerCase() === 'l' && !event.ctrlKey && !event.metaKey && !event.altKey) {
      attempt(useStudio.getState(), actions.lockSlots, { slots: slotsOf(row), label: 'row' });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const note = session ? session.slots.length : '';
  const headButtons = (
    <>
      <ActionControl action={actions.solo} iconOnly small tone="quiet" testId="layers-solo" />
      <ActionControl action={actions.lockAll} iconOnly small tone="quiet" testId="layers-lock-all" />
      <ActionControl action={actions.unlockAll} iconOnly small tone="quiet" testId="layers-unlock-all" />
    </>
  );
  return (
    <Panel title="Layers" note={note} actions={headButtons} still ownKeys testId="layers-panel">
      <div className={css.root} ref={root} data-columns={columns.length}>
        {session && <IncomingSection columns={columns} />}
        <div className={css.totals}>
          <span>
            {session && (
              <>
                {session.layout.size.toLocaleString('en')} gates · <span data-live-locked="" />
              </>
            )}
          </span>
        </div>
        <div className={css.sorting}>
          <ColumnsMenu
            sort={sort}
            columns={columns}
            fit={fit}
            obstacle={closed}
            onSort={(key) => {
              resort(key);
              setSort(key);
              setActive(0);
              anchor.current = 0;
            }}
            onToggleColumn={(id) => setChosen((before) => toggleColumn(before, id, fit))}
          />
        </div>
        <div className={css.columns}>
          <span className={css.columnsRest} />
          {measures
            .filter(({ id }) => columns.includes(id))
            .map(({ id, symbol, name, formula, help }) => (
              <span
                key={id}
                className={css.figure}
                data-sorted={sort === id}
                title={`${name}, ${formula}\n${help}`}
                aria-hidden="true"
              >
                {symbol}
              </span>
            ))}
          <span className={css.gate} data-sorted={sort === 'meanGate'} aria-hidden="true">
            gate
          </span>
          <span className={css.lockSpace} aria-hidden="true" />
        </div>
        <div
          className={css.list}
          ref={list}
          role="tree"
          aria-multiselectable="true"
          aria-label="Merged matrices"
          // Rows that are still to come cannot be focused, and the list may be longer than its place.
          tabIndex={session ? undefined : 0}
          onKeyDown={onKeyDown}
        >
          {session ? (
            rows.map((row, at) => {
              const place = { at, focusable: at === Math.min(active, rows.length - 1), onPick };
              if (row.kind === 'layer') {
                return (
                  <LayerHead
                    key={row.key}
                    {...place}
                    layer={row.layer}
                    slots={row.slots}
                    open={row.open}
                    selected={row.slots.every((slot) => selected.includes(slot))}
                    onToggle={onToggle}
                  />
                );
              }
              const slot = session.slots[row.slot];
              return (
                slot && (
                  <SlotRow
                    key={row.key}
                    {...place}
                    index={row.slot}
                    slot={slot}
                    spectrum={spectra[row.slot] ?? null}
                    nested={row.nested}
                    columns={columns}
                    selected={selected.includes(row.slot)}
                    onHover={hover}
                  />
                )
              );
            })
          ) : (
            <StreamingRows columns={columns} />
          )}
        </div>
      </div>
    </Panel>
  );
}
