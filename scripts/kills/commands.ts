/** The commands that are ended: over the demo trio, in a few seconds each, with an empty cache. */
const demo = 'public/models/demo';
const trio = ['base', 'vlm', 'lrm'].flatMap((role) => [`--${role}`, `${demo}/${role}`]);

export interface KilledCommand {
  readonly name: string;
  /** @param out where its result should stand; what it prints besides is the same each time where `says` */
  readonly words: (out: string) => readonly string[];
  readonly says?: true;
}

export const killedCommands: readonly KilledCommand[] = [
  { name: 'merge in pieces', words: (out) => ['merge', ...trio, '--method', 'dare', '--out', out] },
  { name: 'merge by gates', words: (out) => ['merge', ...trio, '--method', 'iso-c', '--out', out] },
  { name: 'export', words: (out) => ['export', ...trio, '--out', out] },
  {
    name: 'export of an adapter',
    words: (out) => ['export', ...trio, '--format', 'adapter', '--rank', '4', '--out', out],
  },
  {
    name: 'distill',
    words: (out) => [
      ...['distill', '--manifest', demo, '--set', 'steps=2', '--set', 'batch-size=4'],
      ...['--set', 'teacher-top-k=16', '--recipe-out', out],
    ],
  },
  {
    name: 'logits',
    words: (out) => ['logits', '--model', `${demo}/lrm`, '--prompt', '1+2*3 solve', '--out', out],
  },
  {
    name: 'evaluate',
    says: true,
    words: () => ['evaluate', '--manifest', demo, '--limit', '2', '--json'],
  },
];
