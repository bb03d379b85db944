/**
 * What the site's server says with every file, and what the built page says of itself. docs/decisions/page-policy.md
 * has the reasons.
 */
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/**
 * Cross-origin isolation: SharedArrayBuffer, and with it threaded WebAssembly, exists only under these headers.
 */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

type Policy = Readonly<Record<string, string>>;

const nothingElse: Policy = {
  'default-src': "'none'",
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'style-src': "'self'",
  'font-src': "'self'",
};

/**
 * Of the page itself: what shows names and texts from foreign files runs nothing but its own files and talks to
 * nobody but its own server.
 */
const pagePolicy: Policy = {
  ...nothingElse,
  'script-src': "'self'",
  'worker-src': "'self'",
  'img-src': "'self' blob:",
  'connect-src': "'self'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default',
};

/**
 * Of its workers, which have the policy that their own script came with. They compile WebAssembly, tfjs starts its
 * threads from blobs, and models come from the Hub, from wherever it redirects to, or from a mirror.
 */
const workerPolicy: Policy = {
  ...nothingElse,
  'script-src': "'self' blob: 'wasm-unsafe-eval'",
  'worker-src': "'self' blob:",
  'img-src': "'self' blob:",
  'connect-src': "'self' https: http://localhost:* http://127.0.0.1:*",
  'frame-ancestors': "'none'",
};

const written = (policy: Policy): string =>
  Object.entries(policy)
    .map(([directive, value]) => `${directive} ${value}`)
    .join('; ');

/** Of every answer of the site's server. */
export const siteHeaders = {
  ...isolationHeaders,
  'Content-Security-Policy': written(workerPolicy),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

const studioPage = fileURLToPath(new URL('../index.html', import.meta.url));

/**
 * Writes the page's policy into the built index.html, so that it holds whatever serves the file. The development
 * server cannot have it: hot reloading puts scripts into the page.
 */
export function pagePolicyTag(): Plugin {
  return {
    name: 'frism:page-policy',
    apply: 'build',
    // The bench builds pages of its own with the studio's configuration.
    transformIndexHtml: (_html, { filename }) =>
      filename === studioPage
        ? [
            {
              tag: 'meta',
              attrs: { 'http-equiv': 'Content-Security-Policy', content: written(pagePolicy) },
              injectTo: 'head-prepend',
            },
          ]
        : [],
  };
}
