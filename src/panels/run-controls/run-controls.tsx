/** Transport and settings of a distillation run. */
import { ChevronsRight, Pause, Play, SkipBack, Square, StepForward } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MemoryForecast } from '../../../core/memory/verdict.ts';
import { runForecast } from '../../state/run-memory.ts';
import { isRunActive, isSecondTeacherOn } from '../../state/run-slice.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/switch.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { Tip } from '../../ui/tip.tsx';
import { BudgetMenu } from './budget-menu.tsx';
import { CalibrationButton } from './calibration-button.tsx';
import { OptionField } from './option-field.tsx';
import css from './run-controls.module.css';
import { RunCounter } from './run-counter.tsx';
import { SettingsPopover } from './settings-popover.tsx';

export function RunControls(): ReactNode {
  const forward = useStudio((state) => state.session?.forward);
  const loading = useStudio((state) => state.load.status === 'loading');
  const connected = useStudio((state) => state.connection.status === 'ready');
  const state = useStudio((store) => store.run.state);
  const active = useStudio((store) => isRunActive(store.run));
  // What images would take is not held against models whose images are not known.
  const tooLarge = useStudio((store) =>
    store.session?.memory.run?.sample.assumed ? null : hopeless(runForecast(store)),
  );
  const secondTeacher = useStudio((store) => isSecondTeacherOn(store.options));
  const { play, pause, step, stop, reset, setSecondTeacher } = useStudio.getState();

  const obstacle = !connected
    ? 'Compute is not running'
    : !forward
      ? loading
        ? 'Models are opening'
        : 'Open three models first'
      : !forward.available
        ? forward.reason
        : forward.calibrationItems === 0
          ? 'No calibration images yet'
          : tooLarge;
  const busy = state === 'running' || state === 'preparing';
  const noSecond = forward?.available && !forward.secondTeacher;
  return (
    <div className={css.strip} role="toolbar" aria-label="Run">
      <div className={css.transport}>
        <Button
          label="Reset gates"
          icon={<SkipBack />}
          iconOnly
          tone="quiet"
          disabled={!forward}
          hint="Stop, and set free gates back to half open"
          testId={testIds.reset}
          onClick={reset}
        />
        {busy ? (
          <Button
            className={css.play ?? ''}
            label="Pause"
            icon={<Pause />}
            hint="Pause (Space)"
            testId={testIds.pause}
            disabled={state === 'preparing'}
            onClick={() => void pause()}
          />
        ) : (
          <Button
            className={css.play ?? ''}
            label={state === 'paused' ? 'Resume' : 'Run'}
            icon={<Play />}
            tone="primary"
            disabled={obstacle !== null}
            hint={obstacle ?? 'Learn the gates (Space)'}
            testId={testIds.play}
            onClick={() => void play()}
          />
        )}
        <Button
          label="One step"
          icon={<StepForward />}
          iconOnly
          tone="quiet"
          disabled={obstacle !== null || busy}
          hint={obstacle ?? 'One step (.)'}
          testId={testIds.step}
          onClick={() => void step(1)}
        />
        <Button
          label="Ten steps"
          icon={<ChevronsRight />}
          iconOnly
          tone="quiet"
          disabled={obstacle !== null || busy}
          hint={obstacle ?? 'Ten steps (Shift+.)'}
          testId={testIds.stepTen}
          onClick={() => void step(10)}
        />
        <Button
          label="Stop"
          icon={<Square />}
          iconOnly
          tone="quiet"
          disabled={!active}
          hint={active ? 'End the run; its gates stay' : 'Nothing is running'}
          testId={testIds.stop}
          onClick={() => void stop()}
        />
      </div>
      <CalibrationButton />
      <RunCounter obstacle={obstacle} />
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
      <Tip
        text={
          noSecond
            ? 'This trio brings neither text prompts nor images for a second teacher. Text prompts of your own go with your calibration images.'
            : 'Off: FRISM as published, the VLM alone teaches. On: the LRM teaches its own part too, on its own answers; still no labels. Sets α, β and γ to what suits this trio. This studio’s extension, not the paper’s.'
        }
      >
        <Switch
          label="Second teacher"
          checked={secondTeacher}
          disabled={active || !forward?.available || noSecond === true}
          testId={testIds.secondTeacher}
          onChange={setSecondTeacher}
        />
      </Tip>
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

/** Why a run would only fail, in two sentences; null where it may succeed. */
const hopeless = (forecast: MemoryForecast | null): string | null =>
  forecast?.verdict.code === 'does-not-fit' ? `${forecast.verdict.message} ${forecast.verdict.remedy}` : null;
