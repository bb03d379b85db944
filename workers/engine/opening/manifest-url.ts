/** The folder of a manifest on the web, and the manifest's name in that folder. */
import { StudioError } from '../../../core/errors.ts';
import { urlFolder } from '../../io/folders/url-folder.ts';
import type { OpenManifest } from './trio-folders.ts';

/** Relative URLs count from the worker's own. */
export const manifestAt: OpenManifest = (url) => {
  try {
    const absolute = new URL(url, globalThis.location.href);
    const file = decodeURIComponent(absolute.pathname.split('/').at(-1) ?? '');
    return { folder: urlFolder(new URL('.', absolute).href), file };
  } catch (cause) {
    throw new StudioError('bad-request', `"${url}" is not the address of a manifest.`, {
      details: { value: url },
      cause,
    });
  }
};
