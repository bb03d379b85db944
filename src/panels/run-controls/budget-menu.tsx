/**
 * How many subspaces of each matrix have a gate of their own: each choice with its gates and its memory,
 * before it is taken.
 */
import { Layers3, TriangleAlert } from 'lucide-react';
import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import type { Session } from '../../../protocol/session.ts';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { needsModels } from '../../state/actions/obstacles.ts';
import { useStudio } from '../../state/store.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Popover } from '../../ui/popover.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { useTip } from '../../ui/use-tip.tsx';
import { runForecast } from '../../state/run-memory.ts';
import { MemorySection } from './memory-section.tsx';
import { budgetChoices, budgetFacts, parseBudget, type BudgetFacts } from './budget-choices.ts';
import css from './budget-menu.module.css';

export function BudgetMenu(): ReactNode {
  const session = useStudio((state) => state.session);
  const budget = session?.layout.budget ?? null;
  const text = budget === null ? 'All subspaces' : `${budget} subspaces`;
  const verdict = useStudio((state) => runForecast(state)?.verdict.code);
  const closed = useStudio(needsModels);
  const tight = verdict === 'does-not-fit' || verdict === 'may-not-fit';
  const spokenBudget =
    budget === null
      ? 'All subspaces have a gate of their own'
      : `${budget} subspaces have a gate of their own, and the tail has one`;
  return (
    <Popover
      label="Subspaces with a gate of their own"
      trigger={(id) => (
        <Button
          className={css.trigger ?? ''}
          label={text}
          icon={tight ? <TriangleAlert /> : <Layers3 />}
          aria-label={tight ? `${spokenBudget}. A run may take more memory than there is` : spokenBudget}
          hint={
            tight
              ? 'A run may take more memory than there is. The menu says what would fit.'
              : 'Shows how many subspaces of each matrix have a gate of their own, and how much memory a run takes.'
          }
          obstacle={closed}
          popoverTarget={id}
          aria-haspopup="dialog"
          testId={testIds.budget}
        />
      )}
    >
      {session && <BudgetChoices session={session} />}
    </Popover>
  );
}

function BudgetChoices({ session }: { readonly session: Session }): ReactNode {
  const obstacle = useObstacle(actions.setBudget, null);
  const choices = budgetChoices(session);
  const { budget } = session.layout;
  const choose = (facts: BudgetFacts, from: Element): void => {
    attempt(useStudio.getState(), actions.setBudget, facts.budget);
    from.closest<HTMLElement>('[popover]')?.hidePopover();
  };
  const now = budgetFacts(session, budget);
  return (
    <div className={css.menu}>
      <h2>Subspaces with a gate of their own</h2>
      <p>
        The k strongest subspaces of each matrix keep a gate each. All other subspaces of the matrix, its
        tail, share one gate.
      </p>
      <div className={css.head} aria-hidden="true">
        <span>gates</span>
        <span title="How much memory the factors take on the device. Each matrix is held in the form that takes less.">
          device memory
        </span>
      </div>
      <div role="group" aria-label={`Now ${spoken(now)}`}>
        {choices.map((facts) => (
          <ActionButton
            key={facts.budget ?? 'all'}
            className={css.choice}
            aria-pressed={facts.budget === budget}
            obstacle={obstacle}
            testId={testIds.budgetChoice(facts.budget)}
            onClick={(event) => choose(facts, event.currentTarget)}
          >
            <span>
              {facts.budget === null ? 'All' : `${facts.budget} + tail`}
              <span className="visually-hidden"> subspaces: </span>
            </span>
            <Figures facts={facts} />
          </ActionButton>
        ))}
        <TypedBudget key={budget} session={session} obstacle={obstacle} onChoose={choose} />
      </div>
      {obstacle !== null ? (
        <p className={css.obstacle}>{obstacle}</p>
      ) : (
        <p>
          The shared gate starts as the mean of the gates that it replaces, weighted by their energy. A larger
          budget changes no gate. The list of edits that can be undone starts anew. Snapshots and measured
          points stay.
        </p>
      )}
      <MemorySection />
    </div>
  );
}

function Figures({ facts: { budget, gates, bytes, share } }: { readonly facts: BudgetFacts }): ReactNode {
  return (
    <>
      <span className={css.figure}>
        {gates.toLocaleString('en')}
        <span className="visually-hidden"> gates, </span>
      </span>
      <span className={css.figure} title={`${bytes.toLocaleString('en')} bytes`}>
        {formatBytes(bytes)}
        <span className="visually-hidden"> of device memory for the factors </span>
      </span>
      <span className={css.share}>
        {budget === null ? '' : share > -0.005 ? 'same' : `−${Math.round(-100 * share)} %`}
      </span>
    </>
  );
}

/** A number of one's own; its figures follow the typing, Enter or the button takes it. */
function TypedBudget({
  session,
  obstacle,
  onChoose,
}: {
  readonly session: Session;
  readonly obstacle: string | null;
  readonly onChoose: (facts: BudgetFacts, from: Element) => void;
}): ReactNode {
  const [draft, setDraft] = useState('');
  const { about, tip } = useTip(obstacle);
  const typed = parseBudget(draft);
  const invalid = draft.trim() !== '' && typed === null;
  const facts = typed === null ? null : budgetFacts(session, typed);
  const longest = session.slots.reduce((most, { rank }) => Math.max(most, rank), 1);
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (facts && obstacle === null) onChoose(facts, event.currentTarget);
  };
  return (
    <form className={css.typed} onSubmit={onSubmit}>
      <span className={css.entry}>
        <input
          inputMode="numeric"
          autoComplete="off"
          placeholder="k"
          aria-label={`Number of subspaces with a gate of their own, from 1. From ${Math.max(1, longest - 1)} on, all subspaces have one.`}
          aria-invalid={invalid}
          {...about}
          readOnly={obstacle !== null}
          aria-disabled={obstacle !== null}
          value={draft}
          data-testid={testIds.budgetInput}
          onChange={(event) => setDraft(event.target.value)}
          // Letters typed here are no shortcuts.
          onKeyDown={(event: KeyboardEvent) => event.key !== 'Escape' && event.stopPropagation()}
        />
        {facts && facts.budget === null ? 'is all' : '+ tail'}
        {tip}
        <Button
          type="submit"
          label="Use"
          small
          obstacle={obstacle ?? (facts ? null : 'Type a whole number from 1 first.')}
          testId={testIds.budgetUse}
        />
      </span>
      {facts ? (
        <Figures facts={facts} />
      ) : (
        <span className={css.note}>{invalid ? 'a whole number from 1' : 'your own number'}</span>
      )}
    </form>
  );
}

const spoken = ({ budget, gates, bytes }: BudgetFacts): string =>
  `${budget === null ? 'all subspaces' : `${budget} subspaces and a tail`}: ${gates.toLocaleString('en')} gates, ${formatBytes(bytes)} of device memory for the factors`;
