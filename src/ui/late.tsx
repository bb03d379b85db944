/**
 * A component whose code is fetched beside the page's first code. `preload` fetches it ahead of need, so that
 * nothing depends on the server later. What cannot be fetched throws where it is shown, into the nearest
 * `Guard`; `again` makes the next rendering fetch anew.
 */
import { createElement, use, type ComponentType, type ReactNode } from 'react';

export interface Late<Props> {
  readonly View: (props: Props) => ReactNode;
  readonly preload: () => Promise<void>;
  readonly again: () => void;
}

export function late<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
): Late<Props> {
  let pending: Promise<ComponentType<Props>> | null = null;
  const fetched = (): Promise<ComponentType<Props>> =>
    (pending ??= load().then(
      (module) => module.default,
      (cause: unknown) => {
        throw new Error(
          'Its code could not be fetched: the network or the server that this page came from does not answer. Try again when it does.',
          { cause },
        );
      },
    ));
  const again = (): void => {
    pending = null;
  };
  return {
    View: (props) => createElement(use(fetched()), props),
    // Whoever shows it tries by himself.
    preload: () => fetched().then(() => undefined, again),
    again,
  };
}
