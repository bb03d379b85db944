import type { ActionRow } from '../state/actions/action.ts';
import { useStudio } from '../state/store.ts';

/** Why the action cannot be done now, for a control that is no button; null where it can. */
export const useObstacle = <Argument>(action: ActionRow<Argument>, argument: Argument): string | null =>
  useStudio((state) => action.obstacle(state, argument));
