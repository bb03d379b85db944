/** The short form of `npm run kills`. How long a signal takes is measured by the long form. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCliIfStale } from '../frism.mjs';
import { commandLineKills, type CommandLineKills } from './command-line.ts';
import { killedCommands } from './commands.ts';

let bench: CommandLineKills;
beforeAll(async () => {
  bench = commandLineKills(await buildCliIfStale(), 1);
});
afterAll(() => bench.end());

const [merge] = killedCommands;

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a merge that %s ends leaves nothing half, and the next one leaves nothing of it',
  async (signal) => {
    expect((await bench.kill(1, merge, signal)).faults).toEqual([]);
  },
);
