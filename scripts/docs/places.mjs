// Places that the documentation names: a relative link must lead to a file of the repository, and a path in
// backticks that ends in `/` or in the ending of a source file must be the end of one of its paths. A place with
// `<…>`, `*` or `{` in it stands for many and is not looked for. And the other way round: the page of a room names
// every folder in it.
import { posix } from 'node:path';

const link = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;
const path = /`((?:[\w.-]+\/)*(?:[\w.-]+\/|[\w.-]+\.(?:ts|tsx|mjs|py|md|css)))`/g;
/** What a build, a merge or a person writes; none of it is in the repository. */
const written = new Set(['README.md', 'dist/', 'dist-cli/', 'hub/', 'node_modules/']);

/**
 * @param {string} file path of a Markdown file from the root
 * @param {string} text its content
 * @param {readonly string[]} tracked paths of all files of the repository
 * @returns {string[]} a sentence for each place that is not there
 */
export function missingPlaces(file, text, tracked) {
  const folders = new Set(tracked.flatMap((name) => parents(name)));
  const isThere = (place) =>
    place.endsWith('/')
      ? [...folders].some((folder) => `/${folder}`.endsWith(`/${place}`))
      : tracked.some((name) => `/${name}`.endsWith(`/${place}`));
  const prose = text.replace(/^```[\s\S]*?\n```/gm, '');
  const links = [...prose.matchAll(link)]
    .map(([, to]) => to)
    .filter((to) => !/^[a-z]+:/.test(to))
    .filter((to) => {
      const from = posix.normalize(posix.join(posix.dirname(file), to));
      return !tracked.includes(from) && !folders.has(`${from.replace(/\/$/, '')}/`);
    })
    .map((to) => `${file} links to ${to}, which is not there.`);
  const paths = [...prose.matchAll(path)]
    .map(([, place]) => place)
    .filter((place) => !written.has(place) && !isThere(place))
    .map((place) => `${file} names ${place}, which is not there.`);
  return [...new Set([...links, ...paths])];
}

/** Page under docs/architecture/ → the room whose folders it describes. */
const rooms = {
  core: 'core',
  io: 'workers/io',
  kernels: 'workers/kernels',
  nn: 'workers/nn',
  engine: 'workers/engine',
  panels: 'src/panels',
  state: 'src/state',
  cli: 'cli',
  zoo: 'zoo/reference',
};

/**
 * @param {string} file path of a Markdown file from the root
 * @param {string} text its content
 * @param {readonly string[]} tracked paths of all files of the repository
 * @returns {string[]} a sentence for each folder of the page's room that it says nothing of; what only tests of the
 *   room share (`testing/`) needs no words
 */
export function undescribedFolders(file, text, tracked) {
  const [, page = ''] = /^docs\/architecture\/([\w-]+)\.md$/.exec(file) ?? [];
  if (!Object.hasOwn(rooms, page)) return [];
  const room = `${rooms[page]}/`;
  const folders = new Set(
    tracked
      .filter((name) => name.startsWith(room) && name.slice(room.length).includes('/'))
      .map((name) => name.slice(room.length).split('/')[0]),
  );
  return [...folders]
    .filter((folder) => folder !== 'testing' && !new RegExp(`[\`/]${folder}/`).test(text))
    .map((folder) => `${file} says nothing of the folder ${room}${folder}/.`);
}

const parents = (name) =>
  name
    .split('/')
    .slice(0, -1)
    .map((_, i, segments) => `${segments.slice(0, i + 1).join('/')}/`);
