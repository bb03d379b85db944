/** Entry: an engine, a store, the page. `?fake` (development only) runs on the made-up engine. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../ui/theme.css';
import { createStudioStore, installStudio, useStudio } from '../state/store.ts';
import { Studio } from './Studio.tsx';
import { chooseEngine } from './engine.ts';

const engine = await chooseEngine();
installStudio(createStudioStore(engine));
document.documentElement.dataset['theme'] = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Studio />
    </StrictMode>,
  );
}

await useStudio.getState().connect();
await useStudio.getState().open({ kind: 'manifest', url: new URL('models/demo/manifest.json', document.baseURI).href });
