/**
 * How long it takes until files that mean harm are refused: model folders by a whole process of `frism inspect`,
 * beside a process of Node that does nothing; chat templates and tokenizers in this process. Tests count what is done with
 * them and assert no time.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseBoundedJson } from '../../core/bounded-json.ts';
import { hostileFolders, writeHostileFolder } from '../../test/hostile-folders.ts';
import { crowdedTemplates, endlessTemplates } from '../../test/hostile-templates.ts';
import { harmlessTokenizers, hostileTokenizers } from '../../test/hostile-tokenizers.ts';
import { prompterOf } from '../../test/prompter-of.ts';
import { licenceOf } from '../../workers/engine/exporting/licence.ts';
import { ChatTemplate } from '../../workers/nn/chat-template.ts';
import { alternate, type Plan, type Side } from '../alternate.ts';
import { makeRow } from '../row.ts';
import type { GroupParts, RunGroup } from './group.ts';

const nobody = 'none: it has to be refused';

export const runHostile: RunGroup = async (parts) => {
  const plan: Plan = parts.quick
    ? { rounds: [3, 3], budgetMs: 0, warmUp: 1 }
    : { rounds: [7, 7], budgetMs: 0, warmUp: 1 };
  await folders(parts, plan);
  for (const [name, text] of [...endlessTemplates, ...crowdedTemplates])
    await here(parts, plan, 'chat template', name, () => new ChatTemplate(text).render({ messages: [] }));
  for (const [name, json, text] of [...hostileTokenizers, ...harmlessTokenizers]) {
    const file = JSON.stringify(json());
    await here(parts, plan, 'tokenizer', name, async () =>
      (await prompterOf({ 'tokenizer.json': file })).encode(text),
    );
  }
  const card = `---\nlicense: a${' '.repeat(65_000)}b\n---`;
  await here(parts, plan, 'model card', 'a licence of 65,000 spaces', () => licenceOf(card));
  const lists = `[${'[],'.repeat(20_000_000)}[]]`;
  await here(parts, plan, 'JSON', 'twenty million empty lists', () => parseBoundedJson(lists));
  const brackets = '['.repeat(60_000_000);
  await here(parts, plan, 'JSON', 'sixty million open brackets', () => parseBoundedJson(brackets));
};

async function folders({ site, report }: GroupParts, plan: Plan): Promise<void> {
  const frism = fileURLToPath(new URL('../../scripts/frism.mjs', import.meta.url));
  const scratch = mkdtempSync(join(site.scratch, 'hostile-'));
  try {
    for (const [name, folder] of hostileFolders) {
      const path = writeHostileFolder(scratch, name, folder());
      const inspect: Side = async () => processMs([frism, 'inspect', path, '--json'], 1);
      const [timings] = await alternate(inspect, [async () => processMs(['--eval', '0'], 0)], plan);
      if (timings)
        report(makeRow('frism inspect', name, `Node ${process.versions.node} doing nothing`, timings));
      rmSync(path, { recursive: true, force: true });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** In this process; whether it is read or refused is for the tests to say. */
async function here(
  { report }: GroupParts,
  plan: Plan,
  what: string,
  name: string,
  work: () => unknown,
): Promise<void> {
  const ours: Side = async () => {
    const begun = performance.now();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    return performance.now() - begun;
  };
  const [timings] = await alternate(ours, [null], plan);
  if (timings) report(makeRow(what, name, nobody, timings));
}

/** Wall time from start to end of a process of Node, which must end with this code. */
function processMs(args: readonly string[], code: number): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== code) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr.slice(-500)}`);
  return performance.now() - begun;
}
