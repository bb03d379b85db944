/** What waits for the device says what for: jobs that are asked at the same time, on the engine with the demo. */
import { expect, test } from 'vitest';
import type { AnswerEvent, Progress, RunEvent } from '../../protocol/events.ts';
import { archive, asOptions, engine, exampleImage, session, small } from './testing/demo-engine.node.ts';

const lambda = 1;

test('an export, a question and a run that wait for a measurement say so, then go on', async () => {
  const { values: gates } = await engine.gates();
  const exporting: Progress[] = [];
  const answering: AnswerEvent[] = [];
  const running: RunEvent[] = [];
  const options = await asOptions(small({ steps: 1 }));
  const target = { kind: 'merged', lambda, gates } as const;
  const question = { image: exampleImage(), question: 'solve', lambda, gates, maxTokens: 2 };
  // It has begun before anything else is asked.
  let begun = (): void => undefined;
  const measures = new Promise<void>((resolve) => (begun = resolve));
  const measured = engine.evaluate('measure', target, 4, () => begun());
  await measures;
  await Promise.all([
    measured,
    engine.exportMerged('export', options, archive, (progress) => exporting.push(progress)),
    engine.answer('ask', question, (event) => answering.push(event)),
    engine.distill('run', small({ steps: 1 }), (event) => running.push(event)),
  ]);

  const ofAnswer = answering.flatMap((event) => (event.type === 'progress' ? event.progress.stage : []));
  const ofRun = running.flatMap((event) => (event.type === 'progress' ? event.progress.stage : []));
  const forMeasurement = 'Waiting for the measurement to end';
  const forExport = 'Waiting for the export to end';
  const forAnswer = 'Waiting for the answer to end';
  expect(exporting[0]).toMatchObject({ stage: forMeasurement, done: 0, total: 0 });
  expect(ofAnswer.slice(0, 2)).toEqual([forMeasurement, forExport]);
  expect(ofRun.slice(0, 3)).toEqual([forMeasurement, forExport, forAnswer]);
  expect(running.at(-1)).toMatchObject({ type: 'state', state: 'finished' });
  expect(session.slots.length).toBeGreaterThan(0);
});

test('what need not wait says nothing of it', async () => {
  const stages: string[] = [];
  const target = { kind: 'merged', lambda, gates: (await engine.gates()).values } as const;
  await engine.evaluate('alone', target, 2, ({ stage }) => stages.push(stage));
  expect(stages.length).toBeGreaterThan(0);
  expect(stages.filter((stage) => stage.startsWith('Waiting'))).toEqual([]);
});
