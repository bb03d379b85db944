/**
 * tfjs hands its threads the text of a function: it must still be complete after the build has made it small.
 */
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { build, type Plugin, type Rolldown } from 'vite';
import { expect, test } from 'vitest';
import { selfContainedWasmThreads } from '../vite.config.ts';

const factory = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js',
);

/** The function as a production build has it, as text. */
async function builtFactory(plugins: Plugin[]): Promise<string> {
  const entry = 'virtual:entry';
  const source = `import factory from ${JSON.stringify(factory)}; globalThis.text = String(factory);`;
  const virtual: Plugin = {
    name: 'entry',
    resolveId: (id) => (id === entry ? id : null),
    load: (id) => (id === entry ? source : null),
  };
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [virtual, ...plugins],
    build: {
      write: false,
      minify: true,
      target: 'es2023',
      rollupOptions: { input: entry, output: { format: 'es' } },
    },
  });
  const { output } = built as Rolldown.RolldownOutput;
  const context: { text?: string } = {};
  runInNewContext(
    output[0].code.replace(/export\s*\{[^}]*\};?\s*$/, ''),
    Object.assign(context, { globalThis: context }),
  );
  return context.text ?? '';
}

/**
 * Calls the function from its text as a thread does, in a place that looks like a worker; whether it got to
 * the end.
 */
function startThread(text: string): boolean {
  let started = false;
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  const worker = {
    importScripts: () => undefined,
    self: { location: { href: 'blob:' } },
    WebAssembly,
    SharedArrayBuffer,
    TextDecoder,
    performance,
    console,
  };
  const module = {
    ENVIRONMENT_IS_PTHREAD: true,
    instantiateWasm: () => ({}),
    wasmMemory: memory,
    buffer: memory.buffer,
  };
  runInNewContext(`(${text})(module)`, { ...worker, module, startWorker: () => (started = true) });
  return started;
}

test('a thread starts from the built text, which it does not without the plugin', async () => {
  const [stock, ours] = [await builtFactory([]), await builtFactory([selfContainedWasmThreads()])];
  expect(() => startThread(stock)).toThrow(/is not defined/);
  expect(startThread(ours)).toBe(true);
});
