/** What the merged model is for: answering a question, and leaving as files. */
import { toPlainError } from '../../protocol/wire.ts';
import type { MethodChoice } from '../../core/merging/choose.ts';
import type { ExportReport, JobId } from '../../protocol/engine.ts';
import type { Progress } from '../../protocol/events.ts';
import type { KnownAnswer, RgbaImage, Session } from '../../protocol/session.ts';
import { refused } from './actions/action.ts';
import { methodActions } from './actions/method-actions.ts';
import { notWhileExporting, objected } from './actions/obstacles.ts';
import { outputActions } from './actions/output-actions.ts';
import { newJob, type SliceContext } from './context.ts';
import { defaultFormat } from './export-formats.ts';
import type { GateKeeper } from './gates-slice.ts';
import { chosenMethod } from './method-slice.ts';
import type { StudioActions, StudioState } from './types.ts';

const MAX_ANSWER_TOKENS = 64;

/** The right answer to a question about one of the trio's examples. */
function knownAnswer({ forward }: Session, image: RgbaImage, question: string): KnownAnswer | null {
  const example = forward.available ? forward.examples.find((other) => other.image === image) : undefined;
  return example?.answers.find(({ prompt }) => prompt === question) ?? null;
}

type TryPart = Pick<StudioState, 'tryIt'> &
  Pick<StudioActions, 'setTryIt' | 'bringImage' | 'ask' | 'askMethod' | 'cancelAsking'>;

export function createTryItSlice({ set, get, engine }: SliceContext, keeper: GateKeeper): TryPart {
  const patch = (part: Partial<StudioState['tryIt']>): void =>
    set((state) => ({ tryIt: { ...state.tryIt, ...part } }));
  let brought = 0;
  let job: JobId | null = null;
  return {
    tryIt: { image: null, question: '', status: 'idle', live: null, result: null, asked: null, error: null },
    setTryIt: patch,
    async bringImage(file) {
      const mine = ++brought;
      const image = await engine.decodeImage({ name: file.name, file });
      // Of two files the one that was chosen last is shown, whichever is decoded first.
      if (mine === brought) patch({ image });
    },
    async ask() {
      if (!refused(get(), outputActions.ask)) await answer(null);
    },
    async askMethod() {
      if (!refused(get(), methodActions.askMethod)) await answer(chosenMethod(get()));
    },
    cancelAsking() {
      if (job) void engine.cancel(job).catch(() => undefined);
    },
  };

  async function answer(method: MethodChoice | null): Promise<void> {
    const { tryIt, options, session } = get();
    const { image, question } = tryIt;
    if (!session || !image) return;
    const mine = newJob('answer');
    job = mine;
    patch({ status: 'answering', live: { beganAt: Date.now(), heard: {} }, error: null });
    const asked = {
      image,
      question: question.trim(),
      lambda: options.lambda,
      gates: keeper.current(),
      budget: session.layout.budget,
      known: knownAnswer(session, image, question.trim()),
      method,
    };
    try {
      const request = {
        image,
        question: asked.question,
        lambda: asked.lambda,
        gates: asked.gates.values,
        method,
        known: asked.known,
        maxTokens: MAX_ANSWER_TOKENS,
      };
      const result = await engine.answer(mine, request, (event) => {
        const { live } = get().tryIt;
        if (job !== mine) return;
        if (event.type === 'finding')
          get().notify('warning', event.finding.message + ' ' + event.finding.remedy);
        else if (live) patch({ live: { ...live, heard: { ...live.heard, [event.who]: event } } });
      });
      if (job === mine && get().session === session) patch({ status: 'idle', live: null, result, asked });
    } catch (thrown) {
      if (job !== mine) return;
      const error = toPlainError(thrown);
      const cancelled = error.code === 'cancelled';
      patch({ status: cancelled ? 'idle' : 'failed', live: null, error: cancelled ? null : error });
    } finally {
      if (job === mine) job = null;
    }
  }
}

/** Before anything was exported from a session. */
export const nothingExported: StudioState['exporting'] = {
  status: 'idle',
  progress: null,
  error: null,
  note: null,
  summary: null,
  accepted: [],
  format: defaultFormat,
};

type ExportPart = Pick<StudioState, 'exporting'> &
  Pick<
    StudioActions,
    'exportMerged' | 'exportMethod' | 'saveRecipe' | 'cancelExport' | 'acceptFinding' | 'setExportFormat'
  >;

/** @param download hands a text to the browser as a file of this name */
export function createExportSlice(
  { set, get, engine }: SliceContext,
  keeper: GateKeeper,
  download: (name: string, text: string) => void,
): ExportPart {
  let job: string | null = null;
  const patch = (part: Partial<StudioState['exporting']>): void =>
    set((state) => ({ exporting: { ...state.exporting, ...part } }));
  return {
    exporting: nothingExported,
    setExportFormat(format) {
      if (!objected(get(), notWhileExporting)) set({ exporting: { ...get().exporting, format } });
    },
    async exportMerged(target, format) {
      if (refused(get(), outputActions.exportMerged, { target, format })) return null;
      const { options, recipe, exporting } = get();
      const { accepted } = exporting;
      const request = { run: options, gates: keeper.current(), format, applied: recipe.applied, accepted };
      const report = await write(null, (mine, tell) => engine.exportMerged(mine, request, target, tell));
      if (report) set({ savedGates: request.gates });
      return report;
    },
    async exportMethod(target, maxShardBytes) {
      if (refused(get(), methodActions.exportMethod, { target, maxShardBytes })) return null;
      const method = chosenMethod(get());
      const { accepted } = get().exporting;
      return write(method, (mine, report) =>
        engine.exportMethod(mine, { method, maxShardBytes, accepted }, target, report),
      );
    },
    acceptFinding(code, wanted) {
      const others = get().exporting.accepted.filter((known) => known !== code);
      patch({ accepted: wanted ? [...others, code] : others });
    },
    async saveRecipe() {
      if (refused(get(), outputActions.saveRecipe)) return;
      const { options, recipe } = get();
      const request = { run: options, gates: keeper.current(), applied: recipe.applied };
      const mine = newJob('recipe');
      job = mine;
      patch({ status: 'exporting', progress: null, error: null, note: null, summary: null });
      try {
        const text = await engine.recipe(mine, request, (progress) => job === mine && patch({ progress }));
        download('recipe.json', `${text}\n`);
        patch({
          status: 'idle',
          progress: null,
          note: 'The recipe was downloaded as recipe.json. Drop it on this page to have these gates again.',
        });
        set({ savedGates: request.gates });
      } catch (thrown) {
        const error = toPlainError(thrown);
        const cancelled = error.code === 'cancelled';
        patch({ status: cancelled ? 'idle' : 'failed', progress: null, error: cancelled ? null : error });
        if (!cancelled) get().notify('error', error.message);
      } finally {
        if (job === mine) job = null;
      }
    },
    cancelExport() {
      if (job) void engine.cancel(job).catch(() => undefined);
    },
  };

  async function write(
    method: MethodChoice | null,
    begin: (job: JobId, report: (progress: Progress) => void) => Promise<ExportReport>,
  ): Promise<ExportReport | null> {
    const mine = newJob('export');
    job = mine;
    patch({ status: 'exporting', progress: null, error: null, note: null, summary: null });
    try {
      const report = await begin(mine, (progress) => {
        if (job === mine) patch({ progress });
      });
      const { place, files, changed, untouched, leftOut, findings, energyKept, recipe } = report;
      patch({
        status: 'done',
        progress: null,
        summary: { method, place, files, changed, untouched, leftOut, findings, energyKept, recipe },
      });
      return report;
    } catch (thrown) {
      const error = toPlainError(thrown);
      const cancelled = error.code === 'cancelled';
      const whole = cancelled && error.details['left'] === undefined;
      const note = whole ? 'The export was cancelled, and what had been written was removed.' : null;
      patch({ status: cancelled ? 'idle' : 'failed', progress: null, note, error: whole ? null : error });
      if (!cancelled) get().notify('error', error.message);
      return null;
    } finally {
      job = null;
    }
  }
}
