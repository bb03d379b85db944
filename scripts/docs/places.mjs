// Places that the documentation names: a relative link must lead to a file of the repository, and a path in
// backticks that ends in `/` or in the ending of a source file must be the end of one of its paths. A place with
// `<…>`, `*` or `{` in it stands for many and is not looked for.
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
  const prose = text.replace(/^```[^]*?^```/gm, '');
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

const parents = (name) =>
  name
    .split('/')
    .slice(0, -1)
    .map((_, i, segments) => `${segments.slice(0, i + 1).join('/')}/`);
