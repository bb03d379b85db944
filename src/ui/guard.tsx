/**
 * A part of the page that fails by itself: what is thrown while it renders is said in its place, with a way to
 * try again, and everything else on the page stays as it is.
 */
import { RotateCcw } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import css from './guard.module.css';
import { Notice } from './notice.tsx';
import { testIds } from './test-ids.ts';

export interface GuardProps {
  /** What fails, as a sentence begins: "The panel Losses", "The chart". */
  readonly what: string;
  /** Before the part is rendered again: whatever a second try needs to be another one. */
  readonly onRetry?: () => void;
  /** What is put around the words, where the part stood in no place of the page. */
  readonly frame?: (said: ReactNode) => ReactNode;
  readonly children: ReactNode;
}

interface GuardState {
  readonly failure: { readonly reason: string } | null;
}

export class Guard extends Component<GuardProps, GuardState> {
  override state: GuardState = { failure: null };

  static getDerivedStateFromError(thrown: unknown): GuardState {
    return { failure: { reason: thrown instanceof Error ? thrown.message : String(thrown) } };
  }

  override render(): ReactNode {
    const { what, onRetry, frame = (said) => said, children } = this.props;
    const { failure } = this.state;
    if (!failure) return children;
    return frame(
      <div className={css.fallen} data-testid={testIds.fallen}>
        <Notice
          level="error"
          action={
            <Button
              label="Try again"
              icon={<RotateCcw />}
              small
              testId={testIds.tryAgain}
              onClick={() => {
                onRetry?.();
                this.setState({ failure: null });
              }}
            />
          }
        >
          {what} cannot be shown. {sentence(failure.reason)} The rest of the studio goes on, and your gates
          are kept.
        </Notice>
      </div>,
    );
  }
}

const sentence = (reason: string): string => (/[.!?]$/.test(reason) ? reason : `${reason}.`);
