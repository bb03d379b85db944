import type { TrioSource } from '../../protocol/session.ts';

const demoUrl = (): string => new URL('models/demo/manifest.json', document.baseURI).href;

/** The trio that is served with the page. */
export const demoSource = (): TrioSource => ({ kind: 'manifest', url: demoUrl() });

export const isDemo = (source: TrioSource): boolean =>
  source.kind === 'manifest' && typeof document !== 'undefined' && source.url === demoUrl();
