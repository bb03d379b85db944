/** What the fake engine writes: recipes and exports of a few bytes. */
import type {
  EngineApi,
  ExportOptions,
  ExportReport,
  ExportTarget,
  JobId,
  MethodExport,
  RecipeRequest,
} from '../../protocol/engine.ts';
import { readKeptFigures } from '../../core/recipe/kept-figures.ts';
import type { Progress } from '../../protocol/events.ts';
import { fakeIdentity } from './fake-session.ts';
import type { FakeState } from './fake-state.ts';

export function fakeOutput(
  fake: FakeState,
): Pick<
  EngineApi,
  'recipe' | 'figures' | 'restoreFigures' | 'vlmSample' | 'identify' | 'exportMerged' | 'exportMethod'
> {
  return {
    recipe: (job: JobId, { run: { lambda } }: RecipeRequest) =>
      fake.within(job, async () => {
        fake.opened();
        return JSON.stringify({ fake: true, lambda });
      }),

    figures: async () => structuredClone(fake.figures),
    restoreFigures: async (kept) => {
      fake.fail('restoreFigures');
      fake.figures = readKeptFigures(kept);
    },
    vlmSample: async () => fake.vlm,
    identify: (job: JobId, onProgress: (progress: Progress) => void) =>
      fake.within(job, async (check) => {
        fake.fail('identify');
        for (let done = 0; done <= 3; done++) {
          onProgress(fake.progress('Hashing the models', done, 3, 'items'));
          await fake.wait(fake.stepMs);
          check();
        }
        return { ...fakeIdentity(fake.opened()), findings: [] };
      }),

    exportMerged: (
      job: JobId,
      { run: { lambda } }: ExportOptions,
      target: ExportTarget,
      onProgress: (progress: Progress) => void,
    ) =>
      fake.within(job, async (check) => {
        fake.fail('exportMerged');
        const { slots } = fake.opened();
        await fake.wait(fake.stepMs);
        check();
        onProgress(fake.progress('Merging', slots.length, slots.length, 'matrices'));
        const recipe = JSON.stringify({ fake: true, lambda });
        const report: ExportReport = {
          place: target.kind === 'folder' ? target.directory.name : 'frism-merged.zip',
          files: [{ path: 'recipe.json', sizeBytes: recipe.length }],
          archive: target.kind === 'archive' ? new Blob([recipe]) : null,
          changed: slots.length,
          untouched: 67,
          leftOut: [{ name: 'README.md', why: 'the card of the VLM; the card of the merge is in its place' }],
          findings: [],
          energyKept: null,
          recipe,
        };
        return report;
      }),

    exportMethod: (
      job: JobId,
      { method }: MethodExport,
      target: ExportTarget,
      onProgress: (progress: Progress) => void,
    ) =>
      fake.within(job, async (check) => {
        fake.fail('exportMethod');
        const { slots } = fake.opened();
        await fake.wait(fake.stepMs);
        check();
        onProgress(fake.progress('Merging weights', slots.length, slots.length, 'bytes'));
        const recipe = JSON.stringify({ fake: true, ...method });
        const report: ExportReport = {
          place: target.kind === 'folder' ? target.directory.name : 'frism-merged.zip',
          files: [{ path: 'merge.json', sizeBytes: recipe.length }],
          archive: target.kind === 'archive' ? new Blob([recipe]) : null,
          changed: slots.length,
          untouched: 67,
          leftOut: [{ name: 'README.md', why: 'the card of the VLM; the card of the merge is in its place' }],
          findings: [],
          energyKept: null,
          recipe,
        };
        return report;
      }),
  };
}
