import { StudioError } from '../../../core/errors.ts';

/** The segments of a relative path with forward slashes; a path that could leave the folder is refused. */
export function pathSegments(path: string): string[] {
  const segments = path.split('/');
  const bad = (segment: string): boolean =>
    segment === '' || segment === '.' || segment === '..' || /[\\:\0]/.test(segment);
  if (path.length > 1024 || segments.some(bad)) {
    throw new StudioError('bad-request', `"${path.slice(0, 120)}" is not a path inside a model folder.`, {
      details: { value: path.slice(0, 120) },
    });
  }
  return segments;
}
