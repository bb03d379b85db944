/**
 * Rivals written in Python: a process each that stays alive, takes one JSON request a line and answers with
 * one line (rivals/serve.py is the other end). All on one thread, whatever their libraries would like. The
 * interpreter is FRISM_PYTHON, else python3; mergekit, which wants libraries of other versions, has one of
 * its own in FRISM_MERGEKIT_PYTHON.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const oneThread = Object.fromEntries(
  [
    'OMP_NUM_THREADS',
    'OPENBLAS_NUM_THREADS',
    'MKL_NUM_THREADS',
    'VECLIB_MAXIMUM_THREADS',
    'NUMEXPR_NUM_THREADS',
    'RAYON_NUM_THREADS',
  ].map((name) => [name, '1']),
);
const offline = { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' };

export interface PythonRival {
  readonly available: true;
  /** What is compared with, and its version. */
  readonly label: string;
  call<T>(method: string, args?: object): Promise<T>;
  /** A call that measures itself: milliseconds of wall time. */
  time(method: string, args?: object): Promise<number>;
  close(): void;
}

export interface MissingRival {
  readonly available: false;
  /** Says what is missing and how it is had. */
  readonly label: string;
  close(): void;
}

export type Rival = PythonRival | MissingRival;

type FirstLine = { readonly label: string } | { readonly missing: string };
type Answer = { readonly result: unknown } | { readonly error: string };

/**
 * Names of rivals and the files in rivals/ that speak for them. Python finds these files before any library
 * of the same name: io, trio and the like are taken.
 */
const scripts = {
  numpy: ['svd', 'numpy'],
  scipy: ['svd', 'scipy'],
  'numpy trio': ['all_svds'],
  'torch step': ['step'],
  'torch generate': ['generate'],
  safetensors: ['read_tensors'],
  mergekit: ['mergekit_merge'],
} as const;

/** Never rejects: a rival that cannot start is a missing one. */
export async function startRival(name: keyof typeof scripts): Promise<Rival> {
  const [script, ...args]: readonly string[] = scripts[name];
  const own = name === 'mergekit' ? process.env['FRISM_MERGEKIT_PYTHON'] : undefined;
  const interpreter = own || process.env['FRISM_PYTHON'] || 'python3';
  const path = fileURLToPath(new URL(`rivals/${script}.py`, import.meta.url));
  const child = spawn(interpreter, ['-u', path, ...args], {
    env: { ...process.env, ...oneThread, ...offline },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = lastLines(child);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'ENOENT'
          ? `not installed: there is no ${interpreter}; install Python 3 or set FRISM_PYTHON`
          : error.message,
      ),
    );
    child.on('close', (code) => resolve(`ended with ${code}: ${errors()}`));
  });
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done || value === undefined) throw new Error(await ended);
    return value;
  };

  let first: FirstLine;
  try {
    first = JSON.parse(await next()) as FirstLine;
  } catch (thrown) {
    return {
      available: false,
      label: `${name} (${thrown instanceof Error ? thrown.message : String(thrown)})`,
      close: () => undefined,
    };
  }
  if ('missing' in first) return { available: false, label: first.missing, close: () => undefined };

  const { label } = first;
  const call = async <T>(method: string, callArgs: object = {}): Promise<T> => {
    child.stdin.write(`${JSON.stringify({ method, args: callArgs })}\n`);
    const answer = JSON.parse(await next()) as Answer;
    if ('error' in answer) throw new Error(`${label}, ${method}: ${answer.error}`);
    return answer.result as T;
  };
  return {
    available: true,
    label,
    call,
    async time(method, callArgs) {
      const { ms, cpuMs } = await call<{ readonly ms: number; readonly cpuMs: number }>(method, callArgs);
      if (cpuMs > 1.5 * ms && ms > 20)
        throw new Error(
          `${label}, ${method}: took ${cpuMs.toFixed(0)} ms of processors in ${ms.toFixed(0)} ms, so it did not run on one thread.`,
        );
      return ms;
    },
    close: () => child.stdin.end(),
  };
}

/** The end of what the process wrote to stderr. */
function lastLines(child: ChildProcessWithoutNullStreams): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-2000)));
  return () => text.trim().split('\n').slice(-3).join(' | ') || 'nothing on stderr';
}
