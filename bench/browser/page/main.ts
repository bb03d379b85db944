/** The bench's page: hands calls on to the worker, and draws. */
import * as Comlink from 'comlink';
import '../../../src/ui/theme.css';
import type { BenchWindow, PageApi, WorkerApi } from '../api.ts';
import { frameIntervals, settle, type Picture } from './frames.ts';
import { drawWithPanels } from './ours.tsx';
import { drawWithRecharts } from './recharts.tsx';
import { makeScene } from './scene.ts';

if (!import.meta.env.PROD) throw new Error('Libraries must be measured in their production form.');

const worker = new Worker(new URL('../worker/bench.worker.ts', import.meta.url), { type: 'module', name: 'bench' });
const remote = Comlink.wrap<WorkerApi>(worker);

let picture: Picture | null = null;
let frames = 0;
const page: PageApi = {
  async usePicked() {
    const files = [...(document.querySelector<HTMLInputElement>('#files')?.files ?? [])];
    await remote.useFolder({ label: 'picked', files: files.map((file) => ({ path: file.name, file })) });
  },
  async mount(library, scene) {
    picture?.remove();
    const stage = document.createElement('div');
    // Tall enough for every row of the map: the studio draws what fits and scrolls the rest.
    stage.style.cssText = `position: absolute; inset: 0; height: ${scene === 'map' ? 1640 : 620}px`;
    document.querySelector('#stage')?.replaceChildren(stage);
    frames = 0;
    picture = (library === 'studio' ? drawWithPanels : drawWithRecharts)(stage, makeScene(scene));
    frames = await settle(picture);
  },
  async frameMs(count) {
    if (!picture) throw new Error('Nothing is mounted.');
    const intervals = await frameIntervals(picture, count, frames);
    frames += count;
    return intervals;
  },
};

const bench: BenchWindow['frismBench'] = { worker: remote, page };
Object.assign(window, { frismBench: bench });
