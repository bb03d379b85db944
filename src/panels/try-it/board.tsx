/** The image that is asked about: choose an example, draw or write on the board, or bring a file. */
import { Eraser, ImageUp } from 'lucide-react';
import { useRef, useState, type PointerEvent, type ReactNode } from 'react';
import type { ForwardSupport } from '../../../protocol/session.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { blankBoard, paintLine, writeOnBoard, writingProblem, writable } from './drawing.ts';
import { ImageCanvas } from './image-canvas.tsx';
import css from './board.module.css';
import shared from './try-it.module.css';

const EXAMPLES_SHOWN = 16;
const BRUSH_PX = 2;

export function Board({ forward }: { forward: Extract<ForwardSupport, { available: true }> }): ReactNode {
  const { board, examples } = forward;
  const image = useStudio((state) => state.tryIt.image);
  const [inkIndex, setInkIndex] = useState(0);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const last = useRef<readonly [number, number] | null>(null);

  const sample = examples.find(({ text: written }) => written !== null)?.text;
  const ink = board?.inks[inkIndex]?.color ?? [0, 0, 0];
  const isBoard =
    board !== null &&
    image?.width === board.columns * board.cellPixels &&
    image.height === board.rows * board.cellPixels;
  const show = (next: typeof image): void => useStudio.getState().setTryIt({ image: next });

  const load = (file: File | undefined): void => {
    if (!file) return;
    setProblem(null);
    useStudio
      .getState()
      .bringImage(file)
      .catch((error: Error) => setProblem(error.message));
  };
  const write = (next: string): void => {
    setText(next);
    if (!board) return;
    const wrong = writingProblem(board, next);
    setProblem(wrong);
    if (!wrong) show(writeOnBoard(board, next, ink));
  };
  const at = (event: PointerEvent<HTMLCanvasElement>): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    const { width, height } = event.currentTarget;
    return [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ];
  };
  const stroke = (event: PointerEvent<HTMLCanvasElement>): void => {
    const current = useStudio.getState().tryIt.image;
    if (!last.current || !current) return;
    const to = at(event);
    show(paintLine(current, last.current, to, ink, BRUSH_PX));
    last.current = to;
  };

  return (
    <div className={css.image}>
      <div
        className={`${css.surface} ${isBoard ? css.pixelated : ''} ${over ? css.over : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          load(event.dataTransfer.files[0]);
        }}
      >
        {image && (
          <ImageCanvas
            image={image}
            role="img"
            aria-label={
              isBoard
                ? 'A board to draw on. The field beside it writes on the board with the keyboard.'
                : 'The image that is asked about'
            }
            {...(isBoard
              ? {
                  onPointerDown: (event: PointerEvent<HTMLCanvasElement>) => {
                    event.currentTarget.setPointerCapture(event.pointerId);
                    last.current = at(event);
                    stroke(event);
                  },
                  onPointerMove: stroke,
                  onPointerUp: () => (last.current = null),
                  onPointerCancel: () => (last.current = null),
                }
              : {})}
          />
        )}
        {!image && <p className={css.noImage}>Drop an image here, or choose one with “Image…”.</p>}
        {isBoard && board && (
          <div
            className={css.grid}
            style={{ backgroundSize: `${100 / board.columns}% ${100 / board.rows}%` }}
          />
        )}
      </div>
      <div className={css.tools}>
        {board && (
          <>
            <input
              className={shared.text}
              placeholder={sample ? `Write ${sample}` : 'Write here'}
              aria-label={`Write on the board: ${writable}`}
              value={text}
              maxLength={64}
              data-testid={testIds.writeOnBoard}
              onChange={(event) => write(event.target.value)}
            />
            <div className={css.inks} role="radiogroup" aria-label="Ink">
              {board.inks.map(({ name, color }, index) => (
                <button
                  key={name}
                  type="button"
                  role="radio"
                  aria-checked={index === inkIndex}
                  aria-label={name}
                  title={`Ink: ${name}`}
                  className={css.ink}
                  data-colour
                  style={{ background: `rgb(${color.join(' ')})` }}
                  onClick={() => {
                    setInkIndex(index);
                    if (text && !writingProblem(board, text)) show(writeOnBoard(board, text, color));
                  }}
                />
              ))}
            </div>
          </>
        )}
        <div className={shared.row}>
          {board && (
            <Button
              label="Clear the board"
              icon={<Eraser />}
              iconOnly
              small
              onClick={() => {
                setText('');
                setProblem(null);
                show(blankBoard(board));
              }}
            />
          )}
          <span className={css.upload}>
            <Button label="Image…" icon={<ImageUp />} small tabIndex={-1} />
            <input
              type="file"
              accept="image/*"
              aria-label="Bring an image file"
              title="Opens an image file. A file can also be dropped on the picture."
              onChange={(event) => load(event.target.files?.[0])}
            />
          </span>
        </div>
        {problem && (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        )}
        {examples.length > 0 && (
          <div className={css.examples} role="group" aria-label="Examples">
            {examples.slice(0, EXAMPLES_SHOWN).map(({ id, image: example }, index) => (
              <button
                key={id}
                type="button"
                className={css.example}
                aria-label={`Example ${index + 1}`}
                aria-pressed={image === example}
                onClick={() => {
                  setText('');
                  setProblem(null);
                  show(example);
                }}
              >
                <ImageCanvas image={example} />
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
