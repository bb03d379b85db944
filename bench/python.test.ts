import { afterEach, describe, expect, it, vi } from 'vitest';
import { startRival } from './python.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a rival that cannot be started', () => {
  it('is named as missing, with what to do about it, when there is no such interpreter', async () => {
    vi.stubEnv('FRISM_PYTHON', '/nonexistent/python3');
    const rival = await startRival('numpy');
    expect(rival).toMatchObject({
      available: false,
      label: 'numpy (not installed: there is no /nonexistent/python3; install Python 3 or set FRISM_PYTHON)',
    });
  });

  it('is named with its last words when it ends at once', async () => {
    // Node knows no option -u, says so and ends.
    vi.stubEnv('FRISM_PYTHON', process.execPath);
    const rival = await startRival('safetensors');
    expect(rival.available).toBe(false);
    expect(rival.label).toMatch(/^safetensors \(ended with \d+: .*bad option.*\)$/s);
  });

  it('takes the interpreter that is meant for mergekit alone', async () => {
    vi.stubEnv('FRISM_PYTHON', process.execPath);
    vi.stubEnv('FRISM_MERGEKIT_PYTHON', '/nonexistent/mergekit');
    expect((await startRival('mergekit')).label).toContain('/nonexistent/mergekit');
  });
});
