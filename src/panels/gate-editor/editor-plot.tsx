/** The plot with its handles and read-out; what moves in it moves in `editorView`. */
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { createEditorView, type EditorSettings, type EditorView, type ReadOut } from './editor-view.ts';
import css from './gate-editor.module.css';
import { HANDLE_COUNT } from './geometry.ts';

const handleNumbers = Array.from({ length: HANDLE_COUNT }, (_, k) => k);

export function EditorPlot({ settings }: { readonly settings: EditorSettings }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const first = useRef(settings);
  const [readOut, setReadOut] = useState<ReadOut | null>(null);
  const onReadOut = useCallback((next: ReadOut | null) => setReadOut(next), []);

  useEffect(() => {
    if (!canvas.current || !overlay.current) return;
    const handles = [...overlay.current.querySelectorAll<HTMLElement>('[role="slider"]')];
    const made = createEditorView(
      { canvas: canvas.current, overlay: overlay.current, handles },
      first.current,
      onReadOut,
    );
    view.current = made;
    return () => made.dispose();
  }, [onReadOut]);
  useEffect(() => view.current?.configure(settings), [settings]);

  return (
    <div className={css.plot}>
      <canvas ref={canvas} className={css.canvas} aria-hidden="true" />
      <div ref={overlay} className={css.overlay} data-tool={settings.tool} data-testid="gate-editor-plot">
        {handleNumbers.map((k) => (
          // Value, text and place are written by the view, in step with the canvas.
          <div
            key={k}
            role="slider"
            tabIndex={0}
            className={css.handle}
            aria-orientation="vertical"
            aria-valuemin={0}
            aria-valuenow={0}
            data-testid={`gate-handle-${k}`}
            hidden
          />
        ))}
        <div
          role="slider"
          tabIndex={0}
          className={`${css.handle} ${css.tailHandle}`}
          aria-orientation="vertical"
          aria-valuemin={0}
          aria-valuenow={0}
          data-testid="gate-handle-tail"
          hidden
        />
      </div>
      {readOut && (
        <div
          className={css.readOut}
          style={{ left: `clamp(90px, ${readOut.x}px, 100% - 116px)` }}
          aria-hidden="true"
        >
          {`${readOut.which}  gate ${readOut.gate.toFixed(2)}${readOut.sigma === null ? '' : `  σ ${readOut.sigma}`}`}
        </div>
      )}
    </div>
  );
}
