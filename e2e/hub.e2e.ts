/**
 * Models from the Hub, in the built site, by a server of our own that behaves like it: checked from headers,
 * downloaded with faults on the way, and not downloaded again.
 */
import { roles } from '../core/family/trio.ts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderRepo } from '../test/hub-repo.ts';
import { startHub, type HubRequest, type HubServer } from '../test/hub-server.ts';
import { sparseTrio } from '../test/sparse-trio.ts';
import { byId, demoFolder, onDemo, untilModelsOpen, untilStored } from './support.ts';

let hub: HubServer;
let page: Page;

beforeAll(async () => {
  hub = await startHub({
    ...sparseTrio(),
    ...Object.fromEntries(
      roles.map((role) => [
        `demo/${role}`,
        folderRepo(
          demoFolder(role),
          role === 'vlm' ? 'e'.repeat(40) : role === 'lrm' ? 'a'.repeat(40) : 'b'.repeat(40),
        ),
      ]),
    ),
  });
  hub.repos['demo/gated'] = { ...hub.repos['demo/lrm']!, access: 'gated' };
  hub.tokens.add('hf_secret');
  hub.admitted.add('hf_secret');
});
afterAll(() => hub.close());
onDemo((opened) => ({ page } = opened));

async function choose(repos: Partial<Record<(typeof roles)[number], string>>): Promise<void> {
  if (!(await byId(page, 'open-dialog').isVisible())) await byId(page, 'open-models').click();
  for (const [role, repo] of Object.entries(repos)) {
    await byId(page, `source-${role}-hub`).check();
    await byId(page, `hub-repo-${role}`).fill(repo);
  }
  if (!(await byId(page, 'hub-endpoint').isVisible())) await page.getByText('Advanced').click();
  await byId(page, 'hub-endpoint').fill(hub.endpoint);
}
async function untilOpened(): Promise<void> {
  await untilModelsOpen(page);
}
const sentBytes = (): number => hub.requests.reduce((sum, request) => sum + request.sentBytes, 0);
const isWeights = ({ server, path }: Pick<HubRequest, 'server' | 'path'>): boolean =>
  server === 'storage' && path === 'model.safetensors';
const demos = { base: 'demo/base', vlm: 'demo/vlm', lrm: 'demo/lrm' };

describe('models from the Hub', () => {
  test('how three models of 2 GB fit together is seen before they are downloaded, and one layer of them', async () => {
    await choose({ base: 'org/base-2gb', vlm: `${hub.endpoint}/org/vlm-2gb/tree/main`, lrm: 'org/lrm-2gb' });
    await byId(page, 'check-models').click();
    await byId(page, 'preview').getByText('140 linear layers of all three match').waitFor();
    expect(hub.requests.length).toBeLessThanOrEqual(64);
    expect(sentBytes()).toBeLessThanOrEqual(2e6);
    // No preflight, no HEAD: a token would cost the one, nothing the other.
    expect(hub.requests.every(({ method }) => method === 'GET')).toBe(true);
    const before = sentBytes();
    await byId(page, 'preview-layer-layers.3.self_attn.v_proj').click();
    await byId(page, 'preview-spectrum').waitFor();
    expect(await byId(page, 'preview-spectrum').textContent()).toMatch(/stable rank .* of 256/);
    expect(sentBytes() - before).toBeLessThan(36e6);
  });

  test('what is wrong is said at the model it is wrong with', async () => {
    await choose({ ...demos, lrm: 'demo/gated' });
    expect(await byId(page, 'preview').count()).toBe(0);
    await byId(page, 'check-models').click();
    const slot = page.getByRole('region', { name: 'LRM' });
    await slot.getByText(/is gated\. Accept its licence/).waitFor();
    await choose({ lrm: 'demo/nothing' });
    expect(await slot.getByRole('alert').count()).toBe(0);
    await byId(page, 'open-folders').click();
    await slot.getByText(/no public repository demo\/nothing/).waitFor();
    await choose({ lrm: 'not a name' });
    await slot.getByText('must look like owner/name').waitFor();
    expect(await byId(page, 'open-folders').isDisabled()).toBe(true);
  });

  test('a token opens what is gated, and goes to the Hub alone', async () => {
    await choose({ lrm: 'demo/gated' });
    await byId(page, 'hub-token').fill('hf_secret');
    hub.requests.length = 0;
    await byId(page, 'check-models').click();
    await byId(page, 'preview').getByText('28 linear layers of all three match').waitFor();
    const gated = hub.requests.filter(({ repo, method }) => repo === 'demo/gated' && method === 'GET');
    expect(
      gated
        .filter(({ server }) => server === 'hub')
        .every(({ authorization }) => authorization === 'Bearer hf_secret'),
    ).toBe(true);
    expect(gated.some(({ server }) => server === 'storage')).toBe(true);
    expect(
      hub.requests.some(
        ({ server, authorization, method }) =>
          server === 'storage' && (authorization !== null || method !== 'GET'),
      ),
    ).toBe(false);
    expect(
      await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href])),
    ).not.toContain('hf_secret');
    await byId(page, 'hub-token').fill('');
  });

  test('a download can be cancelled', async () => {
    await choose(demos);
    hub.requests.length = 0;
    const hanging = new Promise<void>((resolve) =>
      hub.faults.push({
        when: (request) =>
          isWeights(request) && request.repo === 'demo/base' && (request.range?.[0] ?? 0) > 0,
        then: { hang: resolve },
        times: 1,
      }),
    );
    await byId(page, 'open-folders').click();
    await hanging;
    const dialog = byId(page, 'open-dialog');
    await dialog.getByText(/of about .* downloaded/).waitFor();
    await dialog.getByTestId('cancel-loading').click();
    await dialog.getByTestId('cancel-loading').waitFor({ state: 'hidden' });
    expect(await byId(page, 'model-vlm').textContent()).not.toContain('demo/vlm');
    hub.faults.length = 0;
  });

  test('connections that are cut go on where they ended; the models open', async () => {
    const cutAfterBytes = 400_000;
    hub.faults.push({
      when: (request) => isWeights(request) && (request.range?.[0] ?? 0) > 0,
      then: { cutAfterBytes },
      times: 2,
    });
    await choose(demos);
    await byId(page, 'open-folders').click();
    await untilOpened();
    expect(hub.faults[0]?.times).toBe(0);
    hub.faults.length = 0;
    // Of the base, nothing was under way at the cancel but the request that hung, so what came of it was kept. Only
    // the tail of a connection that is cut may come twice: a browser drops what it has not handed on by then.
    const { sizeBytes } = hub.repos['demo/base']!.files['model.safetensors']!;
    const weights = hub.requests.filter((request) => isWeights(request) && request.repo === 'demo/base');
    const whole = weights.filter(({ sentBytes }) => sentBytes !== cutAfterBytes);
    expect(whole.reduce((sum, request) => sum + request.sentBytes, 0)).toBeLessThanOrEqual(sizeBytes);
    expect(Math.max(...weights.map(({ range }) => range?.[1] ?? 0))).toBe(sizeBytes);
  });

  test('after a reload they are open again, and nothing is downloaded again', async () => {
    await untilStored(page, 'idle', 0);
    hub.requests.length = 0;
    await page.reload();
    await page
      .getByText(/is put back as it was/)
      .first()
      .waitFor();
    await untilModelsOpen(page);
    // Only what each branch points to now.
    expect(hub.requests.map(({ server, path }) => [server, path])).toEqual([
      ['hub', null],
      ['hub', null],
      ['hub', null],
    ]);
    expect(await byId(page, 'model-base').getAttribute('aria-haspopup')).toBe('dialog');
  });
});
