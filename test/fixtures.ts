/**
 * Files of the repository, in Node from disk and in the test browser through Vite's server, which serves the
 * repository's root.
 */
export async function readFixture(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (import.meta.env.SSR) {
    const { readFile } = await import('node:fs/promises');
    return new Uint8Array(await readFile(new URL(`../${path}`, import.meta.url)));
  }
  // Vite serves public/ at the root.
  const response = await fetch(`/${path.replace(/^public\//, '')}`);
  // For what is not there it sends the page.
  if (!response.ok || response.headers.get('content-type')?.startsWith('text/html'))
    throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function readJsonFixture<T>(path: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readFixture(path))) as T;
}

/** Of a file, as hexadecimal digits. */
export async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await readFixture(path));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
