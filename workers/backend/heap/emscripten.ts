/** What is used of the Emscripten module of tfjs's WebAssembly backend; the published types leave it out. */
export interface EmscriptenModule {
  /** Without threads the module makes its memory, with threads it is given one. */
  readonly asm: { readonly memory?: WebAssembly.Memory };
  readonly wasmMemory?: WebAssembly.Memory;
  /** As it was when memory last grew. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(offset: number): void;
}

export function memoryOf({ asm, wasmMemory }: EmscriptenModule): WebAssembly.Memory {
  const memory = wasmMemory ?? asm.memory;
  if (!memory) throw new Error("tfjs's WebAssembly module shows no memory");
  return memory;
}
