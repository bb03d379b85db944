/**
 * The merge as a PEFT adapter on the VLM: `adapter_config.json` and `adapter_model.safetensors`, float32,
 * with one LoRA pair for each changed layer, which has its own rank and a scale of 1. The adapter is exact to
 * float32 rounding where no rank is given. A truncated adapter states the energy that it keeps.
 */
import { StudioError } from '../../../core/errors.ts';
import { moduleName } from '../../../core/family/module-names.ts';
import { encodeHeader, type TensorLayout } from '../../../core/safetensors/write.ts';
import { embeddedRecipe } from '../../../core/recipe/recipe.ts';
import type { OutputFolder } from '../../io/contract.ts';
import { adapterConfig, adapterWeights } from '../../io/checkpoints/adapter.ts';
import { adapterFactors, effectiveValues, keptSubspaces } from '../../merge/adapter-factors.ts';
import { breathe } from '../../nn/breathe.ts';
import type { OpenSession } from '../opening/open-session.ts';

export interface AdapterJob {
  readonly gates: Float32Array;
  readonly lambda: number;
  readonly maxRank: number | null;
  readonly recipe: string;
  /** Called with the share of the layers written, in [0, 1]. */
  readonly onShare: (share: number) => void;
  readonly signal: AbortSignal;
}

export interface WrittenAdapter {
  readonly changed: number;
  readonly untouched: number;
  /** Σ‖kept ΔW‖² / Σ‖ΔW‖² over all layers; 1 where nothing was cut or nothing is merged. */
  readonly energyKept: number;
  /** Written when all the rest is: a folder without it is taken for no adapter. */
  readonly config: { readonly path: string; readonly text: string };
}

interface Planned {
  readonly index: number;
  readonly module: string;
  readonly values: Float64Array;
  readonly kept: readonly number[];
}

export async function exportAdapter(
  { facts, factors: store, checkpoints }: OpenSession,
  output: OutputFolder,
  { gates, lambda, maxRank, recipe, onShare, signal }: AdapterJob,
): Promise<WrittenAdapter> {
  const planned: Planned[] = [];
  for (const [index, place] of facts.layout.slots.entries()) {
    const [slot, known] = [facts.slots[index], store.slots[index]];
    if (!slot || !known) continue;
    const values = effectiveValues(known, place, gates, lambda);
    const kept = keptSubspaces(values, maxRank);
    if (kept.length === 0) continue;
    const module =
      moduleName(facts.models.vlm.architecture, slot.tensors.vlm) ??
      slot.tensors.vlm.replace(/\.weight$/, '');
    planned.push({ index, module, values, kept });
  }
  if (planned.length === 0) {
    throw new StudioError(
      'bad-request',
      'There is nothing to put into an adapter: λ or every gate is 0, so the merged model is the VLM.',
      {},
    );
  }
  const shapeOf = ({ index }: Planned): readonly [number, number] => facts.slots[index]?.shape ?? [0, 0];
  const layouts = planned.flatMap((plan): TensorLayout[] => [
    {
      name: `base_model.model.${plan.module}.lora_A.weight`,
      dtype: 'F32',
      shape: [plan.kept.length, shapeOf(plan)[1]],
    },
    {
      name: `base_model.model.${plan.module}.lora_B.weight`,
      dtype: 'F32',
      shape: [shapeOf(plan)[0], plan.kept.length],
    },
  ]);

  const file = await output.create(adapterWeights, signal);
  await file.write(
    encodeHeader(layouts, new Map([['format', 'pt'], ...Object.entries(embeddedRecipe(recipe))])),
  );
  let [energy, energyKept] = [0, 0];
  for (const [done, { index, values, kept }] of planned.entries()) {
    await breathe(signal);
    const pair = adapterFactors(await store.read(index, signal), values, kept);
    energy += pair.energy;
    energyKept += pair.energyKept;
    await file.write(new Uint8Array(pair.a.buffer));
    await file.write(new Uint8Array(pair.b.buffer));
    onShare((done + 1) / planned.length);
  }
  await file.close();
  return {
    changed: planned.length,
    untouched: checkpoints.vlm.tensors.size - planned.length,
    energyKept: energy > 0 ? energyKept / energy : 1,
    config: {
      path: adapterConfig,
      text: `${JSON.stringify(configOf(planned, facts.models.vlm.label), null, 2)}\n`,
    },
  };
}

/**
 * Every module by its full name, so that nothing of the vision tower is taken along; ranks and scales by
 * module too.
 */
function configOf(planned: readonly Planned[], vlm: string): unknown {
  const ranks = Object.fromEntries(planned.map(({ module, kept }) => [module, kept.length]));
  const largest = Math.max(...Object.values(ranks));
  return {
    peft_type: 'LORA',
    auto_mapping: null,
    base_model_name_or_path: vlm,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: largest,
    lora_dropout: 0,
    modules_to_save: null,
    r: largest,
    rank_pattern: ranks,
    alpha_pattern: ranks,
    revision: null,
    target_modules: planned.map(({ module }) => module),
    task_type: null,
    use_dora: false,
    use_rslora: false,
  };
}
