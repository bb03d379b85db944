import { StudioError, toStudioError } from '../../core/errors.ts';
import { nothingPulls } from '../../core/objective/describe-options.ts';
import type { Losses } from '../../core/objective/terms.ts';
import { runChoice, usualChoice } from '../../core/memory/run-choice.ts';
import { basisHelp, basisOptions, readBasisOption } from '../basis-option.ts';
import { calibrate, calibrationOptions, idleTraces, readCalibration } from '../calibration.ts';
import type { Command } from '../command.ts';
import { onDisk } from '../engine.ts';
import { acceptedCodes, acceptOption, findingsJson } from '../findings.ts';
import { leftOutText } from '../left-out.ts';
import { memoryJson, memoryText, forecast, refuseHopeless, refuseTooLarge } from '../memory.ts';
import {
  job,
  applyRecipe,
  basisNotes,
  changeBasis,
  openSession,
  readRecipe,
  sessionOptions,
} from '../session.ts';
import { keepResult, writeResult } from '../outputs.ts';
import { readRunSettings, setOption, settingsHelp } from '../run-options.ts';
import { UsageError } from '../usage.ts';

export const distill: Command = {
  name: 'distill',
  about:
    'Learns the gates without labels (FRISM, Eq. 7-10): keeps the VLM’s answers on calibration images, and lets in as much of the reasoning model as that allows.',
  options: {
    ...sessionOptions,
    ...acceptOption,
    set: setOption,
    ...calibrationOptions,
    budget: {
      value: 'K',
      about: 'one gate for each of the K strongest subspaces of a matrix, and one for the rest',
    },
    ...basisOptions,
    recipe: { value: 'FILE', about: 'start from the gates of this recipe' },
    'recipe-out': { value: 'FILE', writes: 'file', about: 'write the recipe here, a new file' },
    out: { value: 'DIR', writes: 'directory', about: 'write the merged model here as well' },
  },
  more: `${settingsHelp}\n${basisHelp}`,
  async run(given, context) {
    const withSettings = readRunSettings(given);
    const recipe = await readRecipe(given);
    const asked = given.whole('budget', 1, 1e6);
    if (recipe !== null && asked !== null && asked !== recipe.budget)
      throw new UsageError(
        `--budget ${asked} does not go with this recipe, whose gates are ${recipe.budget === null ? 'one for each subspace, without a budget' : `laid out by a budget of ${recipe.budget}`}. Leave --budget out, or --recipe.`,
      );
    const basis = readBasisOption(given, recipe);
    const budget = asked ?? recipe?.budget ?? null;
    const own = await readCalibration(given);
    const opened = await openSession(given, context, {
      recipe,
      needs: own === null ? ['calibration'] : ['running'],
      merges: true,
      look: (found, selection) =>
        refuseHopeless(
          forecast(found.memory, found.slots, { selection, choice: { ...usualChoice, budget } }),
        ),
    });
    const { engine, session, device } = opened;
    const calibration = await calibrate(opened, own, context);
    // A recipe brings its own.
    if (recipe === null && basis !== null) await changeBasis(opened, basis);
    if (budget !== null) await engine.setBudget(job, budget);
    const applied = recipe === null ? null : await applyRecipe(opened, recipe);
    const options = withSettings(applied?.options ?? calibration.defaults);
    const unread = [...idleTraces(own, options), ...calibration.findings];
    context.onFindings(unread);
    // A recipe brings its own budget.
    const choice = runChoice(options, applied ? applied.layout.budget : budget);
    const memory = forecast(calibration.memory, session.slots, { choice, device });
    // What images would take is not held against models whose images are only assumed.
    if (calibration.memory.run?.sample.assumed) refuseHopeless(memory, device);
    else refuseTooLarge(memory);
    // The recipe needs it in any case; what the weights show is told before a run is made of them.
    const { findings: shown } = await engine.identify(job, context.onProgress);
    context.onFindings(shown);
    // Between two jobs there is none that could be cancelled.
    context.signal.throwIfAborted();
    let [done, losses]: [number, Losses | null] = [0, null];
    const begunMs = performance.now();
    await engine.distill(job, options, (event) => {
      if (event.type === 'progress') context.onProgress(event.progress);
      if (event.type !== 'step') return;
      [done, losses] = [event.step, event.losses];
      context.onProgress({
        stage: `Distilling, loss ${event.losses.total.toFixed(4)}`,
        done: event.step,
        total: event.steps,
        unit: 'steps',
        elapsedMs: performance.now() - begunMs,
        etaMs: event.etaMs,
      });
    });
    const elapsedMs = performance.now() - begunMs;
    const merged = { run: options, gates: await engine.gates(), applied: applied?.recipe ?? null };
    const text = await engine.recipe(job, merged, context.onProgress);
    const recipeOut = given.text('recipe-out');
    if (recipeOut !== null) await writeResult(recipeOut, `${text}\n`);
    const out = given.text('out');
    const writeModel = (place: string) =>
      engine.exportMerged(
        job,
        { ...merged, format: { kind: 'checkpoint', maxShardBytes: null }, accepted: acceptedCodes(given) },
        onDisk(place),
        context.onProgress,
      );
    const report =
      out === null
        ? null
        : await writeModel(out).catch(async (thrown: unknown) => {
            // The model can be written again from its gates; they took a run.
            const kept = recipeOut ?? (await keepResult('recipe.json', `${text}\n`));
            const error = toStudioError(thrown);
            throw new StudioError(
              error.code,
              `${error.message}${kept === null ? '' : ` The gates are in ${kept}: write the model with frism merge --recipe.`}`,
              { retryable: error.retryable, details: error.details, cause: thrown },
            );
          });
    const found = (report?.findings ?? []).filter(
      ({ message }) => !shown.some((known) => known.message === message),
    );
    context.onFindings(found);
    const { values } = merged.gates;
    const gates = {
      count: values.length,
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    };
    const leftOut = report?.leftOut ?? [];
    const idle = nothingPulls(options);
    const notes = [
      ...(applied === null && basis !== null ? basisNotes(basis) : []),
      ...calibration.notes,
      ...(applied?.notes ?? []),
      ...opened.notes,
      ...(idle === null ? [] : [idle]),
    ];
    const json = {
      steps: done,
      losses,
      elapsedMs,
      gates,
      findings: findingsJson([...session.pairing.findings, ...unread, ...shown, ...found], given),
      notes,
      memory: memoryJson(memory),
      recipe: JSON.parse(text) as unknown,
      out: report?.place ?? null,
      leftOut,
    };
    const lines = [
      `${done} steps in ${(elapsedMs / 1000).toFixed(1)} s, loss ${(losses as Losses | null)?.total.toFixed(4) ?? '–'}, mean gate ${gates.mean.toFixed(3)} of ${gates.count}`,
      ...notes,
      memoryText(memory),
      ...(recipeOut === null ? [] : [`Recipe: ${recipeOut}`]),
      ...(report === null ? [] : [`Model: ${report.place}, ${report.changed} tensors changed`]),
      ...leftOutText(leftOut),
    ];
    return { json, text: lines.join('\n') };
  },
};
