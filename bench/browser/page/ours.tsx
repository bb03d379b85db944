/** The studio's own panels on its own store: what a person sees while a run goes on. */
import { createRoot } from 'react-dom/client';
import { createFakeEngine } from '../../../src/client/fake-engine.ts';
import { GateEditorPanel } from '../../../src/panels/gate-editor/gate-editor-panel.tsx';
import { GateMapPanel } from '../../../src/panels/gate-map/gate-map-panel.tsx';
import { createStudioStore, installStudio } from '../../../src/state/store.ts';
import type { Picture } from './frames.ts';
import type { Scene } from './scene.ts';

export function drawWithPanels(stage: HTMLElement, scene: Scene): Picture {
  const store = createStudioStore(createFakeEngine());
  installStudio(store);
  const locks = scene.session.gates.locks;
  store.setState({
    session: scene.session,
    spectra: scene.spectra,
    gates: scene.session.gates,
    selection: { slots: scene.selected, band: null },
  });
  const root = createRoot(stage);
  root.render(scene.name === 'map' ? <GateMapPanel /> : <GateEditorPanel />);
  return {
    show(frame) {
      const values = scene.gatesAt(frame);
      store.setState((state) => ({
        gates: { values, locks },
        autoGates: values,
        gatesVersion: state.gatesVersion + 1,
      }));
    },
    drawn() {
      const canvas = stage.querySelector('canvas');
      if (!canvas || canvas.width === 0) return '';
      // Reading pixels would cost more than drawing them: the painter draws in the frame after the change,
      // always.
      return null;
    },
    remove: () => root.unmount(),
  };
}
