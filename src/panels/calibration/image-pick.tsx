/** The images: picked as files, as a folder, or dropped; shown small, each with a way to leave it out. */
import { X } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { filesOfDrop } from '../../ui/dropped-files.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import css from './calibration.module.css';
import { ofFolder, pickedOfInput, withImages, type Picked } from './draft.ts';

/** More pictures than fit on a screen help nobody, and each is decoded. */
const SHOWN = 40;

export interface ImagePickProps {
  readonly images: readonly Picked[];
  readonly disabled: boolean;
  readonly onChange: (images: readonly Picked[]) => void;
}

export function ImagePick({ images, disabled, onChange }: ImagePickProps): ReactNode {
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const add = (more: readonly Picked[], nothing: string): void => {
    setProblem(more.length === 0 ? nothing : null);
    if (more.length > 0) onChange(withImages(images, more));
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (disabled) return;
    filesOfDrop(event.dataTransfer.items).then(
      (dropped) => {
        const named = dropped.map(({ path, file, folder }) => ({
          name: folder === null ? path : `${folder}/${path}`,
          file,
          folder,
        }));
        add(
          [
            ...named.filter(({ folder }) => folder === null),
            ...ofFolder(named.filter(({ folder }) => folder !== null)),
          ],
          'What was dropped holds no image file.',
        );
      },
      () => setProblem('The browser could not read what was dropped; choose it with the buttons.'),
    );
  };
  const onInput = (files: FileList | null): void => {
    if (files && files.length > 0)
      add(pickedOfInput(files), 'That folder holds no image file (.png, .jpg, .webp, …).');
  };
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
            disabled={disabled}
            hint="Leave all images out"
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
              disabled={disabled}
              onRemove={() => onChange(images.toSpliced(index, 1))}
            />
          ))}
          {images.length > SHOWN && <li className={css.more}>and {images.length - SHOWN} more</li>}
        </ul>
      ) : (
        <p className={css.drop}>
          Photographs, screenshots, drawings: what the merged model should go on seeing as the VLM does. A few
          dozen of different kinds are a good start; no labels are needed. Drop files or a folder here, or:
        </p>
      )}
      {problem && (
        <p className={css.bad} role="alert">
          {problem}
        </p>
      )}
      <div className={css.picks}>
        <label className={css.pick} data-disabled={disabled}>
          {images.length > 0 ? 'Add images…' : 'Choose images…'}
          <input
            type="file"
            accept="image/png,image/jpeg,image/webp,image/gif,image/bmp"
            multiple
            aria-label="Image files to calibrate on"
            data-testid={testIds.calibrationFiles}
            disabled={disabled}
            onChange={(event) => {
              onInput(event.target.files);
              // The same files can be chosen again after they were left out.
              event.target.value = '';
            }}
          />
        </label>
        <label className={css.pick} data-disabled={disabled}>
          {images.length > 0 ? 'Add a folder…' : 'Choose a folder…'}
          <input
            type="file"
            multiple
            aria-label="Folder of images to calibrate on"
            data-testid={testIds.calibrationFolder}
            disabled={disabled}
            ref={(element) => element?.setAttribute('webkitdirectory', '')}
            onChange={(event) => {
              onInput(event.target.files);
              event.target.value = '';
            }}
          />
        </label>
      </div>
    </section>
  );
}

function Thumbnail({
  image: { name, file },
  disabled,
  onRemove,
}: {
  readonly image: Picked;
  readonly disabled: boolean;
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
        disabled={disabled}
        onClick={onRemove}
      />
    </li>
  );
}
