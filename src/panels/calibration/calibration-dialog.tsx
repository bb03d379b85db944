/**
 * Images and questions of one's own for a run: what the merged model should go on seeing as the VLM does.
 * Nothing is labelled, nothing leaves the page.
 */
import { useState, type ReactNode } from 'react';
import { linesOf } from '../../../core/calibration/own-images.ts';
import type { CalibrationReport } from '../../../protocol/session.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { notWhileReadingImages } from '../../state/actions/obstacles.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { Switch } from '../../ui/switch.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './calibration.module.css';
import { draftProblem, emptyDraft, isInForce, sourceOf, withoutRefused } from './draft.ts';
import { useCalibrationDraft } from './draft-store.ts';
import { ImagePick } from './image-pick.tsx';
import { LinesField } from './lines-field.tsx';

/** From here on preparing is worth a word: the VLM answers each item once before the first step. */
const MANY_ITEMS = 500;

export function CalibrationDialog(): ReactNode {
  const { draft, change } = useCalibrationDraft();
  const forward = useStudio((state) => state.session?.forward);
  const label = useStudio((state) => state.session?.label ?? '');
  const calibration = useStudio((state) => state.calibration);
  const [tried, setTried] = useState(false);
  const { calibrate, cancelCalibrating, showDialog } = useStudio.getState();
  const reading = calibration.status === 'reading';
  const { own, trioItems } = calibration;
  const questions = linesOf(draft.questions).length;
  const items = draft.images.length * questions;
  const fixed = useStudio(notWhileReadingImages);
  const prompts = forward?.available ? forward.tracePrompts : 0;
  const cuts = forward?.available === true && forward.cutsImages;
  const refused = own?.report.refused ?? [];
  const inForce = own !== null && isInForce(draft, own.source);

  const use = async (mine: boolean): Promise<void> => {
    setTried(true);
    const done = await calibrate(mine ? sourceOf(draft) : null);
    const left = useStudio.getState().calibration.own?.report.refused ?? [];
    // What was refused is read before the dialog goes, and is not asked for again.
    if (done && mine) change({ images: withoutRefused(draft.images, left) });
    if (done && left.length === 0) showDialog(null);
  };
  const close = (): void => {
    cancelCalibrating();
    showDialog(null);
  };
  return (
    <Dialog
      title="Calibration images"
      widthPx={920}
      testId={testIds.calibrationDialog}
      onClose={close}
      footer={
        <>
          <span className={css.sum}>
            {draft.images.length > 0 &&
              `${draft.images.length} images × ${questions} questions = ${items.toLocaleString('en')} items. `}
            The files are read on this machine and go nowhere else.
          </span>
          {own && trioItems > 0 && (
            <ActionControl
              action={actions.calibrate}
              argument={null}
              label="Use the trio’s own again"
              hint={`Calibrates on the ${trioItems} items that ${label} brings.`}
              testId={testIds.calibrationTrio}
              press={() => void use(false)}
            />
          )}
          {inForce ? (
            <Button label="Done" tone="primary" testId={testIds.calibrationUse} onClick={close} />
          ) : (
            <ActionControl
              action={actions.calibrate}
              argument={null}
              {...(own ? { label: 'Use these' } : {})}
              tone="primary"
              obstacle={draftProblem(draft)}
              testId={testIds.calibrationUse}
              press={() => void use(true)}
            />
          )}
        </>
      }
    >
      <p className={css.intro}>
        A run asks the VLM these questions about these images once. It then keeps the merged model’s answers
        near to the VLM’s answers while it lets the reasoning model in. Nobody gives an answer here, for
        nothing is labelled.{' '}
        {own
          ? `In force: ${own.report.images} images of your own, ${own.report.items} items.`
          : trioItems > 0
            ? `In force: the ${trioItems} items that this trio brings.`
            : 'These models bring no images, so a run needs yours.'}{' '}
        {own && !inForce && 'What is chosen below is another choice, and is not in force yet.'}
      </p>
      <div className={css.columns}>
        <ImagePick images={draft.images} obstacle={fixed} onChange={(images) => change({ images })} />
        <div className={css.texts}>
          <LinesField
            label="Questions, one a line"
            help="Every question is asked about every image. Ask for what can be seen, not for thinking, because reasoning is what the other model brings."
            value={draft.questions}
            rows={7}
            obstacle={fixed}
            testId={testIds.calibrationQuestions}
            action={
              draft.questions !== emptyDraft.questions && (
                <Button
                  label="General ones"
                  small
                  tone="quiet"
                  obstacle={fixed}
                  hint="Goes back to the questions that suit any image."
                  onClick={() => change({ questions: emptyDraft.questions })}
                />
              )
            }
            onChange={(text) => change({ questions: text })}
          />
          <div className={css.row}>
            <NumberField
              label="answer"
              name="Tokens of an answer that are compared"
              unit="tokens"
              min={1}
              max={512}
              step={8}
              integer
              value={draft.maxAnswerTokens}
              obstacle={fixed}
              testId={testIds.calibrationTokens}
              onChange={(maxAnswerTokens) => change({ maxAnswerTokens })}
            />
            <span>Longer answers are cut here. More tokens take more time and memory a step.</span>
          </div>
          {cuts && (
            <div className={css.row}>
              <Switch
                label="Whole images"
                checked={draft.wholeImages}
                obstacle={fixed}
                onChange={(wholeImages) => change({ wholeImages })}
              />
              <span>
                {draft.wholeImages
                  ? 'Each image is scaled to fit one tile. That is enough to keep what the VLM sees, and takes far less to compute.'
                  : 'Large images are cut into tiles, as when the model is used. That takes many times the tokens, time and memory of a whole image. Lower the batch if memory runs out.'}
              </span>
            </div>
          )}
          <details className={css.details} open={draft.traces !== ''}>
            <summary>Text prompts for the second teacher (optional)</summary>
            <p className={css.tracesInForce} data-testid={testIds.calibrationTracesInForce}>
              {tracesSentence(own?.source.traces ?? [], prompts)}
            </p>
            <LinesField
              label="Prompts, one a line"
              help="Problems of the kind that the reasoning model is good at, without answers. With the second teacher on (β), the merged model learns to answer them as the reasoning model does."
              value={draft.traces}
              rows={4}
              obstacle={fixed}
              testId={testIds.calibrationTraces}
              onChange={(text) => change({ traces: text })}
            />
          </details>
        </div>
      </div>
      <div className={css.below}>
        {items > MANY_ITEMS && (
          <Notice level="info">
            There are {items.toLocaleString('en')} items. The VLM answers each of them once before the first
            step, which takes a while without a graphics card. A run of 100 steps at batch 4 sees 400 items.
          </Notice>
        )}
        {reading && (
          <ProgressLine
            progress={calibration.progress}
            label={calibration.progress?.stage ?? 'Looking through images'}
            action={<ActionControl action={actions.cancelCalibrating} icon={null} small />}
          />
        )}
        {tried && calibration.error && (
          <Notice level="error" testId={testIds.calibrationError}>
            {calibration.error.message}
          </Notice>
        )}
        {tried && !reading && refused.length > 0 && (
          <Refused refused={refused} taken={own?.report.images ?? 0} />
        )}
      </div>
    </Dialog>
  );
}

/** Which prompts the second teacher is asked now, whatever stands in the field. */
function tracesSentence(own: readonly string[], inForce: number): string {
  const count = `${inForce.toLocaleString('en')} prompt${inForce === 1 ? '' : 's'}`;
  if (own.length > 0) return `In force: ${count} of your own.`;
  return inForce > 0
    ? `In force: the ${count} that this trio brings. They stay in force while this field is empty.`
    : 'In force: none. This trio brings no prompts.';
}

function Refused({
  refused,
  taken,
}: {
  readonly refused: CalibrationReport['refused'];
  readonly taken: number;
}): ReactNode {
  return (
    <div data-testid={testIds.calibrationRefused}>
      <Notice level="warning">
        {taken} images are used; {refused.length === 1 ? 'one' : refused.length} could not be and{' '}
        {refused.length === 1 ? 'is' : 'are'} left out:
        <ul className={css.refused}>
          {refused.map(({ index, name, reason }) => (
            <li key={index}>
              <b>{name}</b> {reason}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
