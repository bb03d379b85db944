/**
 * The policies of the page and of its workers: what a hostile file could try, were it ever taken for markup or for
 * script, is tried from inside.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byId, onDemo, untilDemoReady, type Studio } from './support.ts';

let studio: Studio;
let page: Page;
let other: Server;
let elsewhere: string;

beforeAll(async () => {
  // Another origin that would let anybody read.
  other = createServer((_request, response) =>
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('read'),
  );
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
});
afterAll(() => other.close());
onDemo((opened) => ({ studio, page } = opened));

/**
 * Until the policies have kept something from happening, and then until both that say so have said it: the browser
 * and the event. Takes it, because it was meant to.
 */
async function untilViolated(directive: RegExp): Promise<void> {
  await expect.poll(() => studio.violations.join('\n')).toMatch(directive);
  const aTaskLater = () => new Promise<void>((resolve) => setTimeout(resolve));
  await page.evaluate(aTaskLater);
  await engine().evaluate(aTaskLater);
  studio.violations.length = 0;
}

const engine = () => {
  const worker = page.workers().find((candidate) => candidate.url().includes('engine.worker'));
  if (!worker) throw new Error('The engine worker is not there.');
  return worker;
};

/**
 * What `eval` comes to, in a page or a worker. Later, because what a debugger calls may evaluate while it is called.
 */
const evaluates = () =>
  new Promise<string>((resolve) =>
    setTimeout(() => {
      try {
        resolve(`evaluated to ${String(eval('6 * 7'))}`);
      } catch (thrown) {
        resolve((thrown as Error).name);
      }
    }),
  );
const reads = (url: string): Promise<string> =>
  fetch(url).then(
    (answer) => answer.text(),
    (thrown: unknown) => (thrown as Error).name,
  );

describe('the page', () => {
  test('was sent with headers that let nobody guess, frame or follow', async () => {
    const headers = (await page.request.get(studio.url)).headers();
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toMatch(/'unsafe-(eval|inline)'/);
  });

  test('makes nothing of markup', async () => {
    const thrown = await page.evaluate(() => {
      try {
        document.body.insertAdjacentHTML('beforeend', '<b>markup</b>');
        return 'it was inserted';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(thrown).toBe('TypeError');
    await untilViolated(/trusted/i);
  });

  test('runs no inline script and no inline handler', async () => {
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.append(document.createTextNode('document.body.dataset.ran = "script"'));
      document.body.append(script);
    });
    await untilViolated(/script-src|trusted/i);
    await page.evaluate(() => {
      const image = document.createElement('img');
      document.body.append(image);
      try {
        image.setAttribute('onerror', 'document.body.dataset.ran = "handler"');
      } catch {
        // Refused at once where there are Trusted Types, and when it would run where there are none.
      }
      image.src = 'blob:nothing';
    });
    await untilViolated(/script-src|trusted/i);
    expect(await page.evaluate(() => document.body.dataset.ran)).toBeUndefined();
  });

  test('evaluates no text', async () => {
    expect(await page.evaluate(evaluates)).toBe('EvalError');
    await untilViolated(/script-src|trusted/i);
  });

  test('makes no worker from a blob', async () => {
    const made = await page.evaluate(() => {
      try {
        new Worker(URL.createObjectURL(new Blob(['0'])));
        return 'it was made';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(made).toBe('TypeError');
    await untilViolated(/worker-src|trusted/i);
  });

  test('talks to no other server', async () => {
    expect(await page.evaluate(reads, elsewhere)).toBe('TypeError');
    await untilViolated(/connect-src/);
  });
});

describe('the engine’s worker', () => {
  test('evaluates no text', async () => {
    expect(await engine().evaluate(evaluates)).toBe('EvalError');
    await untilViolated(/script-src/);
  });

  test('reads from another server, as it does from the Hub', async () => {
    expect(await engine().evaluate(reads, elsewhere)).toBe('read');
    expect(studio.violations).toEqual([]);
  });

  test('reads nothing over http but from this machine', async () => {
    expect(await engine().evaluate(reads, 'http://mirror.test/')).toBe('TypeError');
    await untilViolated(/connect-src/);
  });

  test('starts the threads of tfjs, also where the tests have too few cores for any', async () => {
    const context = await studio.browser.newContext();
    await context.route('**/assets/engine.worker-*.js', async (route) => {
      const answer = await route.fetch();
      const cores = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4, configurable: true });`;
      await route.fulfill({ response: answer, body: `${cores}\n${await answer.text()}` });
    });
    const threaded = await context.newPage();
    await threaded.goto(studio.url);
    await untilDemoReady(threaded);
    await byId(threaded, 'backend-chip').click();
    await threaded.getByText(/^3 of /).waitFor();
    await context.close();
    expect(studio.violations).toEqual([]);
  });
});
