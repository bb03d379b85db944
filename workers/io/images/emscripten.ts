/**
 * A codec that Emscripten compiled. Every image gets an instance of its own: what a damaged file leaves behind dies
 * with it, and so does the memory, which WebAssembly never gives back.
 */

/** What is used of a module's options; the packages' own types lack `printErr`. */
interface Options {
  readonly noInitialRun: boolean;
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    received: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports;
}

/** @param onLine hears what the codec would have printed: its warnings, and why it gives up */
export async function freshInstance<T>(
  factory: unknown,
  module: WebAssembly.Module,
  onLine: (line: string) => void,
): Promise<T> {
  const make = factory as (options: Options) => Promise<T>;
  return new Promise<T>((resolve, reject) => {
    make({
      noInitialRun: true,
      print: onLine,
      printErr: onLine,
      // Not at once: on a page's own thread a browser instantiates only small modules so.
      instantiateWasm: (imports, received) => {
        WebAssembly.instantiate(module, imports).then(received, reject);
        return {};
      },
    }).then(resolve, reject);
  });
}
