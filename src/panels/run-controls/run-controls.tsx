/** Transport and settings of a distillation run. */
import { Pause } from 'lucide-react';
import type { ReactNode } from 'react';
import { nothingPulls } from '../../../core/objective/describe-options.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { isAllLocked } from '../../state/gates-in-force.ts';
import { goesOn } from '../../state/run-words.ts';
import { isRunBusy, isSecondTeacherOn } from '../../state/run-state.ts';
import { useStudio } from '../../state/store.ts';
import { Switch } from '../../ui/switch.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { BudgetMenu } from './budget-menu.tsx';
import { CalibrationButton } from './calibration-button.tsx';
import { OptionField } from './option-field.tsx';
import css from './run-controls.module.css';
import { RunCounter } from './run-counter.tsx';
import { SettingsPopover } from './settings-popover.tsx';

export function RunControls(): ReactNode {
  const busy = useStudio((store) => isRunBusy(store.run));
  const locked = useStudio(isAllLocked);
  const again = useStudio(goesOn);
  const secondTeacher = useStudio((store) => isSecondTeacherOn(store.options));
  const idle = useStudio((store) => nothingPulls(store.options));
  const noSecondTeacher = useObstacle(actions.secondTeacher, !secondTeacher);
  const aboutSecondTeacher = useStudio((store) => actions.secondTeacher.hint?.(store, !secondTeacher));
  return (
    <div className={css.strip} role="toolbar" aria-label="Run">
      <div className={css.drive}>
        <div className={css.transport}>
          <ActionControl action={actions.reset} iconOnly tone="quiet" testId={testIds.reset} />
          <ActionControl
            action={actions.run}
            className={css.play ?? ''}
            {...(busy
              ? { icon: <Pause />, testId: testIds.pause }
              : { tone: 'primary', testId: testIds.play })}
          />
          <ActionControl action={actions.step} iconOnly tone="quiet" testId={testIds.step} />
          <ActionControl action={actions.stepTen} iconOnly tone="quiet" testId={testIds.stepTen} />
          <ActionControl action={actions.stop} iconOnly tone="quiet" testId={testIds.stop} />
        </div>
        <CalibrationButton />
        <RunCounter />
      </div>
      {locked && <ActionControl action={actions.unlockAll} label="Unlock all" testId={testIds.unlock} />}
      {again && <ActionControl action={actions.startAfresh} testId={testIds.startAfresh} />}
      {idle !== null && (
        <p className={css.note} role="status" title={idle} data-testid={testIds.nothingPulls}>
          {idle}
        </p>
      )}
      <span className={css.rule} />
      <div className={css.fields}>
        <OptionField option="lambda" />
        <OptionField option="alpha" />
        <OptionField option="steps" />
        <span className={css.wide}>
          <OptionField option="learningRate" />
        </span>
        <span className={css.wide}>
          <OptionField option="batchSize" />
        </span>
        <span className={css.wide}>
          <OptionField option="seed" />
        </span>
        <span className={css.wide}>
          <OptionField option="gateMax" />
        </span>
      </div>
      <BudgetMenu />
      <span className={css.rule} />
      <Switch
        label={actions.secondTeacher.label}
        checked={secondTeacher}
        obstacle={noSecondTeacher}
        {...(aboutSecondTeacher ? { hint: aboutSecondTeacher } : {})}
        testId={testIds.secondTeacher}
        onChange={(on) => attempt(useStudio.getState(), actions.secondTeacher, on)}
      />
      {secondTeacher && (
        <div className={css.fields}>
          <OptionField option="beta" />
          <OptionField option="gamma" />
        </div>
      )}
      <span className={css.spacer} />
      <SettingsPopover />
    </div>
  );
}
