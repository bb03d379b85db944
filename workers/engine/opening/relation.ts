/**
 * How the changes of VLM and reasoning model lie to each other, d_v = θ_vlm − θ_base and d_r = θ_lrm − θ_base.
 * Two models that were tuned from one base with different data changed it in nearly perpendicular directions.
 * Where the models were given in other roles than they have, the changes say so:
 *
 *   ⟨d_v, d_r⟩ > ½‖d_r‖²    the VLM lies nearer to the reasoning model than to the base: base and reasoning model were
 *                            exchanged, or the VLM already contains this reasoning model. Both look the same from
 *                            here: the VLM was tuned from what was given as reasoning model.
 *   ⟨d_v, d_r⟩ > ½‖d_v‖²    the reasoning model lies nearer to the VLM than to the base: it was tuned from the VLM.
 *   ⟨d_v, d_r⟩ ≪ 0          the base lies between both, as a merge of them does.
 *
 * Where both of the first two hold, the one whose share of the change is nearer to 1 does.
 *
 * In the demo trio the cosine lies between −0.03 and 0.06; with base and reasoning model exchanged it is 0.98 to 0.99,
 * and the VLM has 1.00 of the change (`relation.test.ts` measures both, `kinship.test.ts` made-up models). Rounding alone cannot meet the first two: where both changes are
 * far below the rounding of the files, the shared place between two representable numbers gives a cosine of 0.29 and
 * a share of at most a half.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import { median } from './weight-sample.ts';

/** Of one sampled tensor: sums of products over the sample. */
export interface Changes {
  /** Tensor of the VLM. */
  readonly tensor: string;
  /** ‖d_v‖², ‖d_r‖², ⟨d_v, d_r⟩. */
  readonly vv: number;
  readonly rr: number;
  readonly vr: number;
}

/** Both differences, parallel to each other. */
export function changesOf(tensor: string, ofVlm: Float32Array, ofLrm: Float32Array): Changes {
  let [vv, rr, vr] = [0, 0, 0];
  for (let i = 0; i < Math.min(ofVlm.length, ofLrm.length); i++) {
    const [v, r] = [ofVlm[i] as number, ofLrm[i] as number];
    vv += v * v;
    rr += r * r;
    vr += v * r;
  }
  return { tensor, vv, rr, vr };
}

/** Cosines from here on are said, and from `shared` on are errors: in the demo trio independent changes have 0.06. */
const noticed = 0.2;
const shared = 0.3;

/** Shares that differ by less say that both changes are one, up to rounding. */
const alike = 0.01;

export interface Relation {
  /** cos of the angle between both changes, the middle one of the sampled tensors. */
  readonly cosine: number;
  /** ⟨d_v, d_r⟩/‖d_r‖²: how much of the reasoning model's change the VLM has. */
  readonly inVlm: number;
  /** ⟨d_v, d_r⟩/‖d_v‖²: how much of the VLM's change the reasoning model has. */
  readonly inLrm: number;
}

/** Null where nowhere both models have changed by numbers that can be compared. */
export function relationOf(all: readonly Changes[]): Relation | null {
  // Values beyond what the coarsest file can hold have no difference.
  const both = all.filter(({ vv, rr, vr }) => vv > 0 && rr > 0 && Number.isFinite(vv + rr + vr));
  if (both.length === 0) return null;
  return {
    cosine: median(both.map(({ vv, rr, vr }) => vr / Math.sqrt(vv * rr))),
    inVlm: median(both.map(({ rr, vr }) => vr / rr)),
    inLrm: median(both.map(({ vv, vr }) => vr / vv)),
  };
}

export function judgeRelation(all: readonly Changes[]): Finding[] {
  const relation = relationOf(all);
  if (!relation || Math.abs(relation.cosine) < noticed) return [];
  const { cosine, inVlm, inLrm } = relation;
  const tensors = all.map(({ tensor }) => tensor);
  const measured = `their differences from the base correlate by ${cosine.toFixed(2)} in ${all.length} sampled layers, where models that were tuned apart have about 0`;
  const severity = Math.abs(cosine) >= shared ? 'error' : 'warning';
  if (cosine < 0)
    return [
      {
        code: 'base-between-models',
        severity,
        tensors,
        message: `The base lies between the VLM and the reasoning model, as a merge of the two does: ${measured}.`,
        remedy:
          'The difference from such a base takes away what the VLM learnt. Choose the model that both were tuned from as base.',
      },
    ];
  // Where the reasoning model has far more than the whole of the VLM's change, the VLM holds a part of its.
  const vlmHolds =
    inLrm > 1.5 || (inVlm > 0.5 && (inLrm <= 0.5 || Math.abs(inVlm - 1) <= Math.abs(inLrm - 1) + alike));
  if (vlmHolds)
    return [
      {
        code: 'vlm-from-lrm',
        severity,
        tensors,
        message: `The VLM was tuned from the model that was given as reasoning model, or holds its change already: it has ${inVlm.toFixed(2)} of that change (${measured}).`,
        remedy:
          'If base and reasoning model were exchanged, exchange them. If the VLM was built on this reasoning model or merged with it, it has its change already, and a merge would add it again.',
      },
    ];
  if (inLrm > 0.5)
    return [
      {
        code: 'lrm-from-vlm',
        severity,
        tensors,
        message: `The reasoning model was tuned from the VLM's language model, or holds its change already: it has ${inLrm.toFixed(2)} of that change (${measured}).`,
        remedy:
          'A merge would add what the VLM learnt once more. Choose the model that the reasoning model was tuned from as base.',
      },
    ];
  return [
    {
      code: 'changes-shared',
      severity: 'warning',
      tensors,
      message: `VLM and reasoning model share a part of their change, and the VLM has ${inVlm.toFixed(2)} of the reasoning model's: ${measured}.`,
      remedy:
        'A merge adds the shared part once more. If both were tuned from a later model, such as an instruct model, choose that one as base. If the VLM was merged with this reasoning model before, it holds that part of it.',
    },
  ];
}
