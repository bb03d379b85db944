/** The store against the fake engine: measuring, trying, exporting, and compute that dies. */
import { describe, expect, test } from 'vitest';
import { all, at, opened } from '../../test/opened-store.ts';
import type { Target } from '../../protocol/engine.ts';
import { StudioError } from '../../core/errors.ts';

describe('measuring, trying, exporting', () => {
  test('the sweep is a labelled row of points; cancelling keeps what was measured', async () => {
    const { now } = await opened({ stepMs: 3 });
    const sweep = now().sweepTaskArithmetic();
    await expect.poll(() => now().measurements.length).toBeGreaterThan(1);
    now().cancelMeasuring();
    await sweep;
    const kept = now().measurements.length;
    expect(kept).toBeLessThan(7);
    expect(now().measuring).toBeNull();
    await now().sweepTaskArithmetic();
    expect(
      now()
        .measurements.filter(({ kind }) => kind === 'task-arithmetic')
        .map(({ lambda }) => lambda),
    ).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1.2]);
  });

  test('restoring a snapshot brings its gates back as one undoable edit', async () => {
    const { now } = await opened();
    now().takeSnapshot('A');
    now().editGates(
      'Close all',
      Uint32Array.from(now().gates.values.keys()),
      all(now().gates.values.length, 0),
      true,
    );
    now().restoreSnapshot(now().snapshots[0]?.id ?? '');
    expect(now().gates.values.every((value) => value === 0.5)).toBe(true);
    now().undo();
    expect(now().gates.values.every((value) => value === 0)).toBe(true);
  });

  test('an error among the findings stops run and export until it is accepted by its code, once for both', async () => {
    const asked: (readonly string[] | undefined)[] = [];
    let runs = 0;
    const { now } = await opened({}, (engine) => ({
      ...engine,
      async open(...args) {
        const session = await engine.open(...args);
        const heads = {
          code: 'heads-differ',
          severity: 'error' as const,
          tensors: [],
          message: 'The heads differ.',
          remedy: 'Choose others.',
        };
        const findings = [...session.pairing.findings, heads];
        return { ...session, pairing: { ...session.pairing, findings } };
      },
      async distill() {
        runs++;
      },
      exportMerged(job, options, ...rest) {
        asked.push(options.accepted);
        return engine.exportMerged(job, options, ...rest);
      },
      exportMethod(job, options, ...rest) {
        asked.push(options.accepted);
        return engine.exportMethod(job, options, ...rest);
      },
    }));
    const format = { kind: 'checkpoint', maxShardBytes: null } as const;
    const target = { kind: 'archive' } as const;
    expect(await now().exportMerged(target, format)).toBeNull();
    expect(await now().exportMethod(target, null)).toBeNull();
    expect(now().toasts.at(-1)).toMatchObject({
      text: expect.stringContaining('would be wrong (heads-differ)'),
      way: 'pairing',
    });
    await now().play();
    await now().step(1);
    await now().startAfresh();
    expect(runs).toBe(0);
    now().acceptFinding('heads-differ', true);
    expect(await now().exportMerged(target, format)).not.toBeNull();
    expect(await now().exportMethod(target, null)).not.toBeNull();
    expect(asked).toEqual([['heads-differ'], ['heads-differ']]);
    await now().play();
    expect(runs).toBe(1);
    now().acceptFinding('heads-differ', false);
    expect(await now().exportMerged(target, format)).toBeNull();
    now().acceptFinding('heads-differ', true);
    // Other models have other findings.
    await now().open({ kind: 'manifest', url: '/another' });
    expect(now().exporting.accepted).toEqual([]);
  });

  test('an image that is brought is what the engine decodes of it; of two the last chosen is shown', async () => {
    const waiting: (() => void)[] = [];
    const { now } = await opened({}, (engine) => ({
      ...engine,
      decodeImage: async (image) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        const decoded = await engine.decodeImage(image);
        return { ...decoded, data: decoded.data.fill(Number(image.name[0])) };
      },
    }));
    const bring = (name: string): Promise<void> => now().bringImage(new File(['x'], name));
    const both = [bring('1.png'), bring('2.png')];
    waiting.reverse().forEach((go) => go());
    await Promise.all(both);
    expect(now().tryIt.image?.data[0]).toBe(2);
    const broken = bring('3 broken.png');
    waiting.at(-1)?.();
    await expect(broken).rejects.toThrow('3 broken.png: is damaged.');
    expect(now().tryIt.image?.data[0]).toBe(2);
  });

  test('an answer remembers what it was asked of; a failed one keeps the last', async () => {
    let failing = false;
    const { now } = await opened({}, (engine) => ({
      ...engine,
      answer: (...args) =>
        failing ? Promise.reject(new StudioError('device', 'The device was lost.')) : engine.answer(...args),
    }));
    now().setTryIt({ question: 'solve' });
    await now().ask();
    expect(now().tryIt).toMatchObject({
      status: 'idle',
      asked: { question: 'solve' },
      result: { merged: { text: 'merged:solve' } },
    });
    failing = true;
    await now().ask();
    expect(now().tryIt).toMatchObject({
      status: 'failed',
      error: { message: 'The device was lost.' },
      result: { merged: { text: 'merged:solve' } },
    });
  });

  test('a merge by another method is measured, asked and exported as it is set, each method with its own settings', async () => {
    const targets: Target[] = [];
    const { now } = await opened({}, (engine) => ({
      ...engine,
      evaluate: (job, target, ...rest) => {
        targets.push(target);
        return engine.evaluate(job, target, ...rest);
      },
    }));
    now().chooseMethod('dare');
    now().setMethodSetting('density', 0.25);
    now().chooseMethod('ties');
    now().setMethodSetting('lambda', 0.5);
    await now().evaluateMethod();
    const ties = {
      id: 'ties',
      settings: { density: 0.2, lambda: 0.5, 'vlm-weight': 1, 'lrm-weight': 1 },
    } as const;
    expect(targets).toEqual([{ kind: 'vlm' }, { kind: 'method', method: ties }]);
    expect(now().measurements.at(-1)).toMatchObject({
      kind: 'method',
      label: 'TIES, d 0.2, λ 0.5, w_v 1, w_r 1',
      method: ties,
      gates: null,
    });
    // Measured again it is the same point, with other settings another.
    await now().evaluateMethod();
    now().setMethodSetting('lambda', 1);
    await now().evaluateMethod();
    expect(now().measurements.map(({ kind }) => kind)).toEqual(['vlm', 'method', 'method']);

    now().chooseMethod('dare');
    now().setTryIt({ question: 'solve' });
    await now().askMethod();
    const dare = { id: 'dare', settings: { density: 0.25, lambda: 1, seed: 0 } };
    expect(now().tryIt).toMatchObject({
      asked: { question: 'solve', method: dare },
      result: { merged: { text: 'dare:solve' } },
    });
    await now().exportMethod({ kind: 'archive' }, null);
    expect(now().exporting).toMatchObject({ status: 'done', summary: { method: dare, changed: 28 } });
    await now().exportMerged({ kind: 'archive' }, { kind: 'checkpoint', maxShardBytes: null });
    expect(now().exporting.summary?.method).toBeNull();
  });

  test('export reports what changed; a failure can be tried again', async () => {
    const { now } = await opened();
    const report = await now().exportMerged({ kind: 'archive' }, { kind: 'checkpoint', maxShardBytes: null });
    expect(report?.files.map(({ path }) => path)).toEqual(['recipe.json']);
    expect(now().exporting).toMatchObject({ status: 'done', summary: { changed: 28, untouched: 67 } });
  });

  test('a dead worker is said so, and reconnecting reopens the last source with the gates set by hand', async () => {
    const { now } = await opened();
    now().editGates('Close', at(5), all(1, 0), true);
    const { session } = now();
    now().engineLost({
      code: 'internal',
      message: 'The compute worker stopped.',
      retryable: true,
      details: {},
    });
    expect(now().connection.status).toBe('lost');
    await now().reconnect();
    expect(now().connection.status).toBe('ready');
    expect(now().session).not.toBe(session);
    expect([now().gates.values[5], now().gates.locks[5]]).toEqual([0, 1]);
  });
});
