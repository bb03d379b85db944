/** The images: picked as files, as a folder, or dropped; shown small, each with a way to leave it out. */
import { X } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { leftOutSentence } from '../../../core/calibration/own-images.ts';
import { filesOfDrop } from '../../ui/dropped-files.ts';
import { Button } from '../../ui/button.tsx';
import { FileButton } from '../../ui/file-button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import css from './calibration.module.css';
import { pickedOfDrop, pickedOfInput, withImages, type Picked, type Picking } from './draft.ts';

/** More pictures than fit on a screen help nobody, and each is decoded. */
const SHOWN = 40;

export interface ImagePickProps {
  readonly images: readonly Picked[];
  /** Why the images cannot be changed now, or null. */
  readonly obstacle: string | null;
  readonly onChange: (images: readonly Picked[]) => void;
}

export function ImagePick({ images, obstacle, onChange }: ImagePickProps): ReactNode {
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [leftOut, setLeftOut] = useState<readonly string[]>([]);
  const add = (more: Picking, nothing: string): void => {
    setProblem(more.images.length === 0 ? nothing : null);
    setLeftOut(more.leftOut);
    if (more.images.length > 0) onChange(withImages(images, more.images));
  };
  const unseen = leftOutSentence(leftOut);
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (obstacle !== null) return setProblem(obstacle);
    filesOfDrop(event.dataTransfer.items).then(
      (dropped) => add(pickedOfDrop(dropped), 'What was dropped holds no image file.'),
      () => setProblem('The browser could not read what was dropped; choose it with the buttons.'),
    );
  };
  const onInput = (files: readonly File[]): void =>
    add(pickedOfInput(files), 'That folder holds no image file (.png, .jpg, .webp, …).');
  return (
    <section
      aria-label="Images"
      className={`${css.images} ${over ? css.over : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <header className={css.head}>
        <h3>Images</h3>
        <span className={css.count} role="status">
          {images.length > 0 &&
            `${images.length} chosen, ${formatBytes(images.reduce((sum, { file }) => sum + file.size, 0))}`}
        </span>
        {images.length > 0 && (
          <Button
            label="Clear"
            small
            tone="quiet"
            obstacle={obstacle}
            hint="Leaves all images out."
            onClick={() => onChange([])}
          />
        )}
      </header>
      {images.length > 0 ? (
        <ul className={css.grid}>
          {images.slice(0, SHOWN).map((image, index) => (
            <Thumbnail
              key={`${image.name} ${image.file.size} ${image.file.lastModified}`}
              image={image}
              obstacle={obstacle}
              onRemove={() => onChange(images.toSpliced(index, 1))}
            />
          ))}
          {images.length > SHOWN && <li className={css.more}>and {images.length - SHOWN} more</li>}
        </ul>
      ) : (
        <p className={css.drop}>
          Choose photographs, screenshots or drawings that the merged model should go on seeing as the VLM
          does. A few dozen of different kinds are a good start, and no labels are needed. Files or a folder
          can also be dropped here.
        </p>
      )}
      {problem && (
        <p className={css.bad} role="alert">
          {problem}
        </p>
      )}
      {unseen !== null && (
        <p className={css.leftOut} role="status">
          {unseen}
        </p>
      )}
      <div className={css.picks}>
        <FileButton
          className={css.pick}
          label={images.length > 0 ? 'Add images…' : 'Choose images…'}
          accept="image/png,image/jpeg,image/webp,image/gif,image/bmp"
          pick="files"
          spoken="Image files to calibrate on"
          obstacle={obstacle}
          testId={testIds.calibrationFiles}
          onFiles={onInput}
        />
        <FileButton
          className={css.pick}
          label={images.length > 0 ? 'Add a folder…' : 'Choose a folder…'}
          pick="folder"
          spoken="Folder of images to calibrate on"
          obstacle={obstacle}
          testId={testIds.calibrationFolder}
          onFiles={onInput}
        />
      </div>
    </section>
  );
}

function Thumbnail({
  image: { name, file },
  obstacle,
  onRemove,
}: {
  readonly image: Picked;
  /** Why the images cannot be changed now, or null. */
  readonly obstacle: string | null;
  readonly onRemove: () => void;
}): ReactNode {
  const picture = useRef<HTMLImageElement>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    const url = URL.createObjectURL(file);
    if (picture.current) picture.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return (
    <li className={css.thumb} title={name} data-testid={testIds.calibrationImage}>
      {broken ? (
        <span className={css.broken}>no picture</span>
      ) : (
        <img ref={picture} alt={name} loading="lazy" decoding="async" onError={() => setBroken(true)} />
      )}
      <span className={css.name}>{name.split('/').at(-1)}</span>
      <Button
        className={css.remove ?? ''}
        label={`Leave ${name} out`}
        icon={<X />}
        iconOnly
        small
        obstacle={obstacle}
        onClick={onRemove}
      />
    </li>
  );
}
