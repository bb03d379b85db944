/**
 * A Hub on this machine, for tests: two servers, one that answers as the Hub does (API, gates, redirects) and
 * one that answers as the storage behind it. Every request is recorded with the bytes it was sent, and faults
 * can be ordered.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Repo, RepoFile } from './hub-repo.ts';

export interface HubRequest {
  readonly server: 'hub' | 'storage';
  readonly method: string;
  /** Empty where no repository is concerned. */
  readonly repo: string;
  /** Null for the API. */
  readonly path: string | null;
  readonly range: readonly [number, number] | null;
  readonly authorization: string | null;
  readonly status: number;
  readonly sentBytes: number;
}

type Action =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection ends after so many bytes of the body. */
  | { readonly cutAfterBytes: number }
  /** No answer is sent; called when the request is there. */
  | { readonly hang: () => void }
  /** The whole file, compressed, whatever range was asked for. */
  | { readonly compress: true };

export interface Fault {
  readonly when: (request: Omit<HubRequest, 'status' | 'sentBytes'>) => boolean;
  readonly then: Action;
  /** How many requests it hits; all when absent. */
  times?: number;
}

export interface HubServer {
  readonly endpoint: string;
  readonly repos: Record<string, Repo>;
  /** Tokens that are valid; those in `admitted` may read gated and private repositories. */
  readonly tokens: Set<string>;
  readonly admitted: Set<string>;
  readonly faults: Fault[];
  readonly requests: HubRequest[];
  close(): Promise<void>;
}

export async function startHub(repos: Record<string, Repo>): Promise<HubServer> {
  const requests: HubRequest[] = [];
  const faults: Fault[] = [];
  const tokens = new Set<string>();
  const admitted = new Set<string>();
  /** What links of the storage lead to; each is made for one redirect. */
  const links = new Map<string, { readonly repo: string; readonly path: string; readonly file: RepoFile }>();
  let storageOrigin = '';

  const storage = await listen((request, response) => {
    const link = links.get(request.url ?? '');
    const asked = describe('storage', request, link?.repo ?? '', link?.path ?? null);
    // As the real one: any origin may read, nobody may ask beforehand.
    const cors = {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Content-Range,ETag,Accept-Ranges,Content-Length',
    };
    if (request.method !== 'GET' || !link)
      return end(asked, response, request.method === 'GET' ? 403 : 405, cors);
    void serve(asked, link.file, response, cors);
  });
  storageOrigin = origin(storage);

  const hub = await listen((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub');
    const api = /^\/api\/models\/(.+)\/revision\/([^/]+)$/.exec(url.pathname);
    const resolve = /^\/(.+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [id = '', revision = '', path = null] = ((api ?? resolve)?.slice(1) ?? []).map(decodeURIComponent);
    const asked = describe('hub', request, id, path);
    const cors = {
      'access-control-allow-origin': request.headers.origin ?? endpoint,
      vary: 'Origin',
      'access-control-expose-headers':
        'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag',
    };
    if (request.method === 'OPTIONS')
      return end(asked, response, 204, {
        ...cors,
        'access-control-allow-methods': 'GET',
        'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
      });
    if (request.method !== 'GET') return end(asked, response, 405, cors);
    const refuse = (status: number, reason: string): void =>
      end(asked, response, status, { ...cors, 'x-error-code': reason });

    const token = /^Bearer (.*)$/.exec(asked.authorization ?? '')?.[1] ?? null;
    if (token !== null && !tokens.has(token))
      return end(asked, response, 401, {
        ...cors,
        'x-error-message': 'Invalid credentials in Authorization header',
      });
    const found = repos[id];
    const letIn = token !== null && admitted.has(token);
    if (!found || (found.access === 'private' && !letIn))
      return refuse(token === null ? 401 : 404, 'RepoNotFound');
    if (found.access === 'gated' && path !== null && !letIn)
      return refuse(token === null ? 401 : 403, 'GatedRepo');
    if (revision !== found.commit && !found.revisions.includes(revision))
      return refuse(404, 'RevisionNotFound');
    if (path === null) {
      const listing = JSON.stringify({
        id,
        sha: found.commit,
        gated: found.access === 'gated',
        siblings: Object.entries(found.files).map(([rfilename, { sizeBytes, sha256 }]) => ({
          rfilename,
          ...(url.searchParams.get('blobs') === 'true' && {
            size: sizeBytes,
            ...(sha256 && { lfs: { sha256, size: sizeBytes, pointerSize: 134 } }),
          }),
        })),
      });
      const zip = /\bgzip\b/.test(String(request.headers['accept-encoding']));
      const body = zip ? gzipSync(listing) : Buffer.from(listing);
      return end(
        asked,
        response,
        200,
        {
          ...cors,
          'content-type': 'application/json; charset=utf-8',
          'content-length': String(body.length),
          ...(zip && { 'content-encoding': 'gzip' }),
        },
        body,
      );
    }
    const file = found.files[path];
    if (!file) return refuse(404, 'EntryNotFound');
    if (!file.large) return void serve(asked, file, response, { ...cors, 'x-repo-commit': found.commit });
    const link = `/${found.commit}/${path}?signature=${links.size}`;
    links.set(link, { repo: id, path, file });
    end(asked, response, 302, {
      ...cors,
      location: storageOrigin + link,
      'x-linked-size': String(file.sizeBytes),
      'x-linked-etag': `"${file.etag}"`,
    });
  });
  const endpoint = origin(hub);

  type Asked = Omit<HubRequest, 'status' | 'sentBytes'>;

  function end(
    asked: Asked,
    response: ServerResponse,
    status: number,
    headers: Record<string, string>,
    body: Uint8Array = new Uint8Array(0),
  ): void {
    const action = faultFor(asked);
    if (action && 'status' in action) {
      requests.push({ ...asked, status: action.status, sentBytes: 0 });
      return void response
        .writeHead(action.status, {
          ...headers,
          'content-length': '0',
          'content-encoding': 'identity',
          ...action.headers,
        })
        .end();
    }
    const send = (): void => {
      requests.push({ ...asked, status, sentBytes: body.length });
      response.writeHead(status, headers).end(body);
    };
    if (action && 'hang' in action) action.hang();
    else send();
  }

  async function serve(
    asked: Asked,
    file: RepoFile,
    response: ServerResponse,
    cors: Record<string, string>,
  ): Promise<void> {
    const action = faultFor(asked);
    if (action && 'status' in action) {
      requests.push({ ...asked, status: action.status, sentBytes: 0 });
      return void response.writeHead(action.status, { ...cors, ...action.headers }).end();
    }
    if (action && 'hang' in action) return action.hang();
    const headers = {
      ...cors,
      etag: `"${file.etag}"`,
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
    };
    if (action && 'compress' in action) {
      const body = gzipSync(file.read(0, file.sizeBytes));
      requests.push({ ...asked, status: 200, sentBytes: body.length });
      return void response
        .writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': body.length })
        .end(body);
    }
    const [begin, end] = asked.range ?? [0, file.sizeBytes];
    if (asked.range && begin >= file.sizeBytes) {
      requests.push({ ...asked, status: 416, sentBytes: 0 });
      return void response.writeHead(416, { ...headers, 'content-range': `bytes */${file.sizeBytes}` }).end();
    }
    const body = file.read(begin, Math.min(end, file.sizeBytes));
    const status = asked.range ? 206 : 200;
    response.writeHead(status, {
      ...headers,
      'content-length': body.length,
      ...(asked.range && { 'content-range': `bytes ${begin}-${begin + body.length - 1}/${file.sizeBytes}` }),
    });
    const sent = action && 'cutAfterBytes' in action ? body.subarray(0, action.cutAfterBytes) : body;
    requests.push({ ...asked, status, sentBytes: sent.length });
    // The connection is ended behind what was sent: the reader gets all of it, and then the end.
    if (sent.length < body.length) response.write(sent, () => response.socket?.end());
    else response.end(body);
  }

  function faultFor(asked: Asked): Action | null {
    const fault = faults.find(({ when, times = Infinity }) => times > 0 && when(asked));
    if (fault?.times !== undefined) fault.times -= 1;
    return fault?.then ?? null;
  }

  return {
    endpoint,
    repos,
    tokens,
    admitted,
    faults,
    requests,
    close: async () => {
      for (const server of [hub, storage]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

function describe(
  server: HubRequest['server'],
  { method = '', headers }: IncomingMessage,
  repo: string,
  path: string | null,
): Omit<HubRequest, 'status' | 'sentBytes'> {
  const match = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
  if (headers.range && !match)
    throw new Error(`Only single ranges are asked of the Hub, not ${headers.range}.`);
  return {
    server,
    method,
    repo,
    path,
    range: match ? [Number(match[1]), Number(match[2]) + 1] : null,
    authorization: headers.authorization ?? null,
  };
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

const origin = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
