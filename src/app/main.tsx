/** Entry: an engine, a store, the page. `?fake` (development only) runs on the made-up engine. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../ui/theme.css';
import { demoSource } from '../state/demo-source.ts';
import { createStudioStore, installStudio, useStudio } from '../state/store.ts';
import { Studio } from './studio.tsx';
import { chooseEngine } from './engine.ts';
import { keepTheme } from './theme.ts';

const { engine, onDied } = await chooseEngine();
installStudio(createStudioStore(engine));
onDied(({ code, message, retryable, details }) =>
  useStudio.getState().engineLost({ code, message, retryable, details }),
);
keepTheme();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Studio />
    </StrictMode>,
  );
}

await useStudio.getState().connect();
if (useStudio.getState().connection.status === 'ready') await useStudio.getState().open(demoSource());
