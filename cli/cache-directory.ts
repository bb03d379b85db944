/** Where the command line keeps what can be made or fetched again. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A variable that is set to nothing is as one that is not set. */
export const cacheDirectory = (): string =>
  process.env.FRISM_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'frism');
