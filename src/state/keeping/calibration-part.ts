/** A person's own images and questions to calibrate on. The images themselves are kept, for nobody can be asked again. */
import * as v from 'valibot';
import type { CalibrationSource } from '../../../protocol/session.ts';
import { part } from './part.ts';
import { list, text, whole } from './shapes.ts';

const source: v.GenericSchema<unknown, CalibrationSource> = v.strictObject({
  images: list(v.strictObject({ name: text(2000), file: v.instance(Blob) }), 100_000),
  questions: list(text(1e5), 10_000),
  traces: list(text(1e6), 100_000),
  maxAnswerTokens: whole(1e6),
  wholeImages: v.boolean(),
});

const isFile = (file: unknown): file is Blob => file instanceof Blob;

export const calibrationPart = part({
  shape: v.strictObject({ own: v.nullable(source) }),
  keep: ({ calibration: { own } }) => ({
    own: own && {
      ...own.source,
      images: own.source.images.filter(({ file }) => isFile(file)),
    },
  }),
  async restore({ own }, { context: { get } }) {
    if (!own || own.images.length === 0) return;
    if (!(await get().calibrate(own)))
      get().notify(
        'warning',
        `The session calibrates on ${own.images.length} images of your own, which could not be read again: ${get().calibration.error?.message ?? 'it was cancelled'}. Choose them under “Calibration images”; until then a run calibrates on what the models bring.`,
      );
  },
});
