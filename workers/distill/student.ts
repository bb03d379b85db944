/**
 * The student of one step: the VLM's linear layers, of which those that have gates are merged at the given
 * gates.
 */
import { StudioError } from '../../core/errors.ts';
import { keptMergedBytes } from '../../core/memory/batches.ts';
import type { DeviceFactors } from '../merge/factors.ts';
import { GatedLinear } from '../merge/gated-linear.ts';
import type { Linear, Linears } from '../nn/contract.ts';

export interface Student {
  readonly gates: Float32Array;
  /** Merged ones by slot id, in gate order. */
  readonly layers: ReadonlyMap<string, GatedLinear>;
  /** These, and the VLM's own where nothing is merged: all that a forward pass needs. */
  readonly linears: Linears;
  /** Called when these layers have been computed, there or back. */
  done(ids: readonly string[]): void;
  dispose(): void;
}

export function createStudent(
  vlm: Linears,
  factors: DeviceFactors,
  gates: Float32Array,
  lambda: number,
): Student {
  const layers = new Map(
    factors.slots.map((slot) => {
      const { id, offset, gates: count } = slot.place;
      const own = vlm.get(id);
      if (!own)
        throw new StudioError('internal', `The VLM's forward pass has no layer ${id}.`, {
          details: { tensor: id },
        });
      return [id, new GatedLinear(own, slot, gates.slice(offset, offset + count), lambda)];
    }),
  );
  const keeps =
    [...layers.values()].reduce((sum, { shape: [rows, columns] }) => sum + 4 * rows * columns, 0) <=
    keptMergedBytes;
  return {
    gates,
    layers,
    linears: new Map<string, Linear>([...vlm, ...layers]),
    done: (ids) => {
      if (!keeps) for (const id of ids) layers.get(id)?.release();
    },
    dispose: () => layers.forEach((layer) => layer.dispose()),
  };
}
