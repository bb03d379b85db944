import type { TrioSource } from '../../protocol/session.ts';

/** The trio that is served with the page. */
export const demoSource = (): TrioSource => ({
  kind: 'manifest',
  url: new URL('models/demo/manifest.json', document.baseURI).href,
});
