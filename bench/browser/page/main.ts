/** The bench's page: hands calls on to the worker, and draws. */
import type { Role } from '../../../core/family/trio.ts';
import * as Comlink from 'comlink';
import '../../../src/ui/theme.css';
import type { FolderSource } from '../../../protocol/session.ts';
import type { BenchWindow, PageApi, WorkerApi } from '../api.ts';
import { frameIntervals, settle, type Picture } from './frames.ts';
import { drawWithPanels } from './ours.tsx';
import { drawWithRecharts } from './recharts.tsx';
import { makeScene } from './scene.ts';

if (!import.meta.env.PROD) throw new Error('Libraries must be measured in their production form.');

const worker = new Worker(new URL('../worker/bench.worker.ts', import.meta.url), {
  type: 'module',
  name: 'bench',
});
const remote = Comlink.wrap<WorkerApi>(worker);

const picked: Partial<Record<Role, FolderSource>> = {};
let picture: Picture | null = null;
let frames = 0;
const page: PageApi = {
  async usePicked(role) {
    const files = [...(document.querySelector<HTMLInputElement>('#files')?.files ?? [])];
    picked[role] = { label: role, files: files.map((file) => ({ path: file.name, file })) };
    if (role === 'base') await remote.useFolder(picked[role]);
  },
  async decompose(job) {
    const { base, vlm, lrm } = picked;
    if (!base || !vlm || !lrm) throw new Error('Not all three folders were picked.');
    return remote.decomposeTrio({ ...job, trio: { base, vlm, lrm } });
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
