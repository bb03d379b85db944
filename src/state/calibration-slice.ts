/**
 * What a run calibrates on: what the trio brings, or a person's own images and questions, until other models
 * are opened. The gates and what was measured stay as they are.
 */
import { toPlainError } from '../../protocol/wire.ts';
import type { CalibrationReport, CalibrationSource } from '../../protocol/session.ts';
import { refused } from './actions/action.ts';
import { modelActions } from './actions/model-actions.ts';
import { newJob, type SliceContext } from './context.ts';
import { isSecondTeacherOn } from './run-state.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'calibration'> & Pick<StudioActions, 'calibrate' | 'cancelCalibrating'>;

export const trioCalibration = (items: number): StudioState['calibration'] => ({
  status: 'idle',
  progress: null,
  error: null,
  own: null,
  trioItems: items,
});

export function createCalibrationSlice({ set, get, engine }: SliceContext): Part {
  let job: string | null = null;
  const patch = (part: Partial<StudioState['calibration']>): void =>
    set(({ calibration }) => ({ calibration: { ...calibration, ...part } }));

  function adopt(source: CalibrationSource | null, report: CalibrationReport): void {
    const { session, options } = get();
    if (!session?.forward.available) return;
    const { defaults, secondTeacherDefaults, items, traces, memory, secondTeacher } = report;
    // A batch that nobody chose is the one that suits the samples; a smaller one than that was chosen.
    const batchSize =
      options.batchSize === session.defaults.batchSize
        ? defaults.batchSize
        : Math.min(options.batchSize, defaults.batchSize);
    const noSecond =
      isSecondTeacherOn(options) && !secondTeacher ? { alpha: defaults.alpha, beta: 0, gamma: 0 } : {};
    set({
      session: {
        ...session,
        memory,
        defaults,
        secondTeacherDefaults,
        forward: { ...session.forward, calibrationItems: items, tracePrompts: traces, secondTeacher },
      },
      options: { ...options, batchSize, ...noSecond },
    });
    // Only what was taken: what was refused is refused once, not whenever compute starts again.
    const left = new Set(report.refused.map(({ index }) => index));
    const taken = source && { ...source, images: source.images.filter((_, index) => !left.has(index)) };
    patch({ status: 'idle', progress: null, error: null, own: taken && { source: taken, report } });
    const refused = report.refused.length === 0 ? '' : ` ${report.refused.length} could not be used.`;
    get().notify(
      'info',
      source
        ? `A run now calibrates on ${report.images} images of your own, which make ${items} items.${refused}`
        : `A run calibrates on the trio’s own ${items} items again.`,
    );
    for (const { message, remedy } of report.findings) get().notify('warning', `${message} ${remedy}`);
    for (const { name, reason } of report.refused)
      get().notify('info', `The image ${name} is not used: ${reason}`);
  }

  return {
    calibration: trioCalibration(0),

    async calibrate(source) {
      const id = get().session?.id;
      if (refused(get(), modelActions.calibrate, source)) return false;
      const mine = newJob('calibrate');
      job = mine;
      patch({ status: 'reading', progress: null, error: null });
      try {
        const report = await engine.setCalibration(
          mine,
          source,
          (progress) => job === mine && patch({ progress }),
        );
        if (job !== mine || get().session?.id !== id) return false;
        adopt(source, report);
        return true;
      } catch (thrown) {
        const error = toPlainError(thrown);
        const cancelled = error.code === 'cancelled';
        if (job === mine)
          patch({ status: cancelled ? 'idle' : 'failed', progress: null, error: cancelled ? null : error });
        return false;
      } finally {
        if (job === mine) job = null;
      }
    },
    cancelCalibrating() {
      if (job) void engine.cancel(job).catch(() => undefined);
    },
  };
}
