/** What is drawn: gates that all move from frame to frame, as a run moves them. */
import { makeLayout } from '../../../core/gates/field.ts';
import { fakeSession, fakeSpectrum } from '../../../src/client/fake-session.ts';
import type { Session, SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';
import { smolLm2 } from '../../shapes.ts';
import type { SceneName } from '../api.ts';

export interface Scene {
  readonly name: SceneName;
  readonly session: Session;
  readonly spectra: readonly SlotSpectrum[];
  /** Slots that the editor shows. */
  readonly selected: readonly number[];
  /**
   * All gates at a frame, in [0, 1]; frames repeat, so that making them up takes no time of a frame. Not to
   * be written to.
   */
  gatesAt(frame: number): Float32Array;
}

/** Lines that the gate editor draws at most: the first selected matrix and 28 others. */
const editorLines = 29;
const distinctFrames = 8;
/** As many gates in one matrix as SmolLM2-135M has in all. */
const allGates = 97_920;

export function makeScene(name: SceneName): Scene {
  const slots =
    name === 'one-curve'
      ? [slotOf(0, 'q', [allGates, allGates])]
      : smolLm2.map(({ layer, kind, shape }) => slotOf(layer, kind, shape));
  const layout = makeLayout(slots);
  const values = new Float32Array(layout.size).fill(0.5);
  const moments = Array.from({ length: distinctFrames }, (_, frame) =>
    values.map((_value, i) => 0.5 + 0.3 * Math.sin(i / 97 + frame / 5) + 0.2 * Math.sin(i * 12.9898 + frame)),
  );
  const session: Session = {
    ...fakeSession('bench', 'bench'),
    slots,
    layout,
    gates: { values, locks: new Uint8Array(layout.size) },
  };
  return {
    name,
    session,
    spectra: slots.map(fakeSpectrum),
    selected:
      name === 'curves'
        ? slots.flatMap(({ rank }, i) => (rank === 576 ? [i] : [])).slice(0, editorLines)
        : [0],
    gatesAt: (frame) => moments[frame % distinctFrames] as Float32Array,
  };
}

function slotOf(layer: number, kind: SlotInfo['kind'], shape: readonly [number, number]): SlotInfo {
  const id = `layers.${layer}.${kind}_proj`;
  return { id, layer, kind, shape, rank: Math.min(...shape), tensors: { base: id, vlm: id, lrm: id } };
}
