/** One image, one question, three answers side by side: VLM, LRM (which cannot see) and the merged model. */
import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Answer } from '../../../protocol/asking.ts';
import type { HeardEvent } from '../../../protocol/events.ts';
import type { ForwardSupport } from '../../../protocol/session.ts';
import { gatesInForce, sameGates } from '../../state/gates-in-force.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { methodTitle } from '../../state/method-slice.ts';
import { useStudio } from '../../state/store.ts';
import type { StudioState } from '../../state/types.ts';
import { formatDuration } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { useElapsed } from '../../ui/use-elapsed.ts';
import { Board } from './board.tsx';
import css from './try-it.module.css';

/** What an answer on the screen no longer belongs to, or null when it is fresh. */
function outdated(state: StudioState): 'input' | 'gates' | null {
  const { asked, image, question } = state.tryIt;
  if (!asked) return null;
  if (asked.image !== image || asked.question !== question.trim()) return 'input';
  // Gates and λ have no part in a merge by another method.
  if (asked.method) return null;
  return !sameGates(asked.gates, gatesInForce(state)) || asked.lambda !== state.options.lambda
    ? 'gates'
    : null;
}

export function TryItPanel(): ReactNode {
  const forward = useStudio((state) => state.session?.forward);
  const loading = useStudio((state) => state.load.status === 'loading');
  const old = useStudio(outdated);
  const note =
    old === 'gates'
      ? 'Gates or λ were changed since these answers. Ask again.'
      : old === 'input'
        ? 'The image or the question was changed since these answers.'
        : undefined;
  return (
    <Panel title="Try it" note={note} still>
      {forward?.available ? (
        <Workbench forward={forward} old={old} />
      ) : (
        <p className={css.empty}>
          {forward
            ? forward.reason
            : loading
              ? 'The models are being opened.'
              : 'Open three models to ask them something.'}
        </p>
      )}
    </Panel>
  );
}

function Workbench({
  forward,
  old,
}: {
  forward: Extract<ForwardSupport, { available: true }>;
  old: ReturnType<typeof outdated>;
}): ReactNode {
  const { question, status, live, result, error, asked } = useStudio((state) => state.tryIt);
  const elapsedMs = useElapsed(live?.beganAt ?? null);
  const { setTryIt } = useStudio.getState();
  const answering = status === 'answering';
  return (
    <div className={css.body}>
      <Board forward={forward} />
      <form
        className={css.ask}
        onSubmit={(event) => {
          event.preventDefault();
          attempt(useStudio.getState(), actions.ask);
        }}
      >
        <div className={css.chips} role="group" aria-label="Questions">
          {forward.prompts.map(({ prompt, label, kind }) => (
            <button
              key={prompt}
              type="button"
              className={css.chip}
              data-kind={kind}
              aria-pressed={question === prompt}
              title={`${label} (${kind})`}
              onClick={() => setTryIt({ question: prompt })}
            >
              {prompt}
            </button>
          ))}
        </div>
        <div className={css.row}>
          <input
            className={css.text}
            aria-label="Question"
            placeholder="Question"
            value={question}
            data-testid={testIds.question}
            onChange={(event) => setTryIt({ question: event.target.value })}
          />
          {answering ? (
            <>
              <span className={css.elapsed} data-testid={testIds.askElapsed}>
                <LoaderCircle className={css.spin} aria-hidden /> {elapsedMs ? formatDuration(elapsedMs) : ''}
              </span>
              <ActionControl action={actions.cancelAsking} icon={null} testId={testIds.cancelAsk} />
            </>
          ) : (
            <ActionControl action={actions.ask} tone="primary" testId={testIds.ask} />
          )}
        </div>
        {asked?.known && old !== 'input' && !answering && (
          <p className={css.known}>
            The right answer is <code>{asked.known.answer}</code>
          </p>
        )}
        {error && status === 'failed' && <Notice level="error">{error.message}</Notice>}
      </form>
      <div className={css.answers} aria-live="polite" aria-busy={answering}>
        <Card
          who="vlm"
          title="VLM"
          answer={result?.vlm}
          answering={answering}
          heard={live?.heard.vlm}
          old={old === 'input'}
          right={result?.right.vlm ?? null}
        />
        <Card
          who="lrm"
          title="LRM"
          answer={result?.lrm}
          answering={answering}
          heard={live?.heard.lrm}
          old={old === 'input'}
          right={result?.right.lrm ?? null}
          given={
            result && !answering ? (
              <>
                It cannot see. It was given what the VLM read,{' '}
                <code>{result.lrm.transcript || 'nothing'}</code>, and the question.
              </>
            ) : (
              'It cannot see. It is given what the VLM reads.'
            )
          }
        />
        <Card
          who="merged"
          title={asked?.method ? methodTitle(asked.method) : 'Merged'}
          answer={result?.merged}
          answering={answering}
          heard={live?.heard.merged}
          old={old !== null}
          right={result?.right.merged ?? null}
        />
      </div>
    </div>
  );
}

interface CardProps {
  readonly who: 'vlm' | 'lrm' | 'merged';
  readonly title: string;
  readonly answer: Answer | undefined;
  readonly answering: boolean;
  /** What was heard of this model since the question was asked. */
  readonly heard: HeardEvent | undefined;
  readonly old: boolean;
  /** Null where it is not known. */
  readonly right: boolean | null;
  readonly given?: ReactNode;
}

function Card({ who, title, answer: last, answering, heard, old, right, given }: CardProps): ReactNode {
  const said = heard?.type === 'said' ? heard : null;
  const answer = answering ? said : last;
  return (
    <article className={css.card} data-who={who} aria-label={title}>
      <h3>
        {title}
        {!answering && !old && right !== null && (
          <span className={css.mark} data-right={right}>
            {right ? '✓ right' : '✗ wrong'}
          </span>
        )}
        {answer && (!answering || answer.tokens > 0) && (
          <small title={`${answer.tokens} tokens in ${formatDuration(answer.elapsedMs)}`}>
            {answering && !said?.ended && `${answer.tokens} tokens, `}
            {formatDuration(answer.elapsedMs)}
          </small>
        )}
      </h3>
      {given && <p className={css.given}>{given}</p>}
      <p
        className={`${css.answer} ${old && !answering ? css.old : ''}`}
        data-testid={testIds.answer(who)}
        data-stale={old}
        data-said={answering ? (said?.tokens ?? 0) : undefined}
      >
        {answer?.text || <span className={css.quiet}>{instead(answering, heard, last)}</span>}
      </p>
    </article>
  );
}

/** What stands in the place of an answer that has no words. */
function instead(answering: boolean, heard: HeardEvent | undefined, last: Answer | undefined): string {
  if (!answering) return last ? '(empty answer)' : '–';
  if (!heard) return 'waits for its turn…';
  if (heard.type === 'said') return heard.ended ? '(empty answer)' : 'answering…';
  const { stage, done, total } = heard.progress;
  return done > 0 && total > 1 ? `${stage}, ${Math.floor((100 * done) / total)} %…` : `${stage}…`;
}
