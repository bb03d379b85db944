/** Entry: an engine, a store, the page. `?fake` (development only) runs on the made-up engine. */
import './trusted-types.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../ui/theme.css';
import { lossesChart } from '../panels/losses/losses-chart-late.ts';
import { tradeoffChart } from '../panels/tradeoff/tradeoff-chart-late.ts';
import { browserStorage } from '../shelf/browser-storage.ts';
import { createStudioStore, installStudio, useStudio } from '../state/store.ts';
import { Guard } from '../ui/guard.tsx';
import { Studio } from './studio.tsx';
import { download } from './download.ts';
import { chooseEngine } from './engine.ts';
import { keepPreferences } from './preferences.ts';
import { pageShelf, storeBeforeLeaving } from './session-shelf.ts';
import { keepUnsavedWork } from './unsaved-work.ts';

const { engine, onDied, onQuiet, restart } = await chooseEngine();
installStudio(createStudioStore(engine, { restart, download, shelf: pageShelf(), storage: browserStorage }));
onDied(({ code, message, retryable, details }, what) => {
  const { engineLost, deviceFailed } = useStudio.getState();
  void (what === 'device' ? deviceFailed : engineLost)({ code, message, retryable, details });
});
onQuiet((quiet) => useStudio.getState().computeQuiet(quiet));
keepPreferences();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Guard what="The page">
        <Studio />
      </Guard>
    </StrictMode>,
  );
}
keepUnsavedWork();
storeBeforeLeaving();
// Now, while the server that sent the page is there: neither a chart nor storing
// what was done must be what fails in the middle of a run.
void lossesChart.preload();
void tradeoffChart.preload();
void import('../state/keeping/kept-session.ts').catch(() => undefined);

await useStudio.getState().begin();
