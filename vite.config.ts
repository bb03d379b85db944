import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { isolationHeaders, pagePolicyTag, siteHeaders } from './scripts/site-headers.ts';

/**
 * tfjs hands its pthread factory to the threads as text, which refers to `_scriptDir` of the enclosing
 * module; the minifier renames that variable and every threaded start dies with "e is not defined". The text
 * must not need it.
 */
export function selfContainedWasmThreads(): Plugin {
  return {
    name: 'frism:self-contained-wasm-threads',
    transform(code, id) {
      if (!/tfjs-(wasm-threads-simd|backend-wasm-threaded-simd)\.js/.test(id)) return null;
      const patched = code
        .replaceAll('typeof _scriptDir !== "undefined" && _scriptDir', 'false')
        .replaceAll('["mainScriptUrlOrBlob"] || _scriptDir', '["mainScriptUrlOrBlob"]');
      return { code: patched, map: null };
    },
  };
}

export default defineConfig({
  plugins: [react(), selfContainedWasmThreads(), pagePolicyTag()],
  worker: { format: 'es', plugins: () => [selfContainedWasmThreads()] },
  server: { headers: isolationHeaders },
  preview: { headers: siteHeaders },
  build: { target: 'es2023', chunkSizeWarningLimit: 2500, assetsInlineLimit: 0 },
});
