/**
 * Merge methods as gate curves: a thumbnail of each on the first selected spectrum, its number, and what
 * applying it would clamp.
 */
import { WandSparkles } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { makeBrush } from '../../../core/gates/brush.ts';
import { hasTail } from '../../../core/gates/field.ts';
import { completeSettings } from '../../../core/merging/choose.ts';
import { methodGates } from '../../../core/merging/method-gates.ts';
import { optionTable } from '../../../core/objective/options.ts';
import { methodGroups, type GateMethod, type MethodValues } from '../../../core/merging/method.ts';
import { gateMethods } from '../../../core/merging/methods.ts';
import { curvePath } from '../../plot/curve.ts';
import { readPalette, watchTheme } from '../../plot/palette.ts';
import { linearScale } from '../../plot/scale.ts';
import { spectralAxis } from '../../plot/spectral-axis.ts';
import { createSurface } from '../../plot/surface.ts';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Popover } from '../../ui/popover.tsx';
import css from './preset-menu.module.css';
import { planPreset, presetSlots } from '../../state/selection-edits.ts';
import { targetOf } from '../../state/selection-target.ts';

export function PresetMenu(): ReactNode {
  const obstacle = useObstacle(actions.preset, null);
  const about = useStudio((state) => actions.preset.hint?.(state, null));
  const [open, setOpen] = useState(false);
  return (
    <Popover
      label="Presets"
      align="end"
      trigger={(id) => (
        <Button
          label={actions.preset.label}
          {...(about ? { hint: about } : {})}
          icon={<WandSparkles />}
          small
          obstacle={obstacle}
          popoverTarget={id}
          onClick={() => setOpen(true)}
          testId="presets"
        />
      )}
    >
      {open && obstacle === null && <PresetList />}
    </Popover>
  );
}

/** λ multiplies the whole model and is set beside the run, not here. */
const ownSettings = ({ settings }: GateMethod) =>
  Object.entries(settings).filter(([key]) => key !== 'lambda');

const groups = Object.entries(methodGroups).flatMap(([group, title]) => {
  const own = gateMethods.filter((method) => method.group === group);
  return own.length > 0 ? [{ title, own }] : [];
});

function PresetList(): ReactNode {
  const [everywhere, setEverywhere] = useState(false);
  const selection = useStudio((state) => state.selection);
  const matrices = `${selection.slots.length} selected${selection.band ? ', in the band' : ''}`;
  return (
    <div className={css.presets}>
      <div className={css.scope} role="group" aria-label="Apply to">
        <span>Apply to</span>
        <Button
          label={matrices}
          small
          aria-pressed={!everywhere}
          onClick={() => setEverywhere(false)}
          testId="preset-scope-selection"
        />
        <Button
          label="all matrices"
          small
          aria-pressed={everywhere}
          onClick={() => setEverywhere(true)}
          testId="preset-scope-all"
        />
      </div>
      {groups.map(({ title, own }) => (
        <section key={title} aria-label={title}>
          <h3 className={css.presetGroup}>{title}</h3>
          {own.map((method) => (
            <Preset key={method.id} method={method} everywhere={everywhere} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Preset({
  method,
  everywhere,
}: {
  readonly method: GateMethod;
  readonly everywhere: boolean;
}): ReactNode {
  const [chosen, setChosen] = useState<MethodValues>({});
  const gateMax = useStudio((state) => state.options.gateMax);
  const rank = useStudio((state) => state.session?.slots[state.selection.slots[0] ?? -1]?.rank ?? 1);
  const settings = useMemo(() => completeSettings(method, chosen), [method, chosen]);
  const plan = planPreset(useStudio.getState(), method, settings, everywhere);
  const clamped = plan?.result.clamped ?? 0;
  const bound = { gateMax, rank };
  return (
    <div className={css.preset}>
      <button
        type="button"
        className={css.presetApply}
        title={method.formula}
        data-testid={`preset-${method.id}`}
        onClick={(event) => {
          attempt(useStudio.getState(), actions.preset, { method, settings, everywhere });
          event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
        }}
      >
        <Thumbnail method={method} settings={settings} />
        <span className={css.presetText}>
          <span className={css.presetTitle}>{method.title}</span>
          <span>{method.about}</span>
          {clamped > 0 && plan && (
            <span
              className={css.clamped}
            >{`${clamped.toLocaleString('en')} of ${plan.brush.indices.length.toLocaleString('en')} gates want more than ${gateMax} and are clamped`}</span>
          )}
        </span>
      </button>
      {clamped > 0 && plan && <Widen most={plan.result.most} />}
      <span className={css.presetFields}>
        {ownSettings(method).map(([key, { symbol, label, help, low, high, step, whole, within }]) => {
          const most = Math.min(high, within ? bound[within] : high);
          return (
            <span key={key} title={help}>
              <NumberField
                label={symbol}
                name={`${method.title}: ${label}`}
                value={Math.min(most, settings[key] ?? low)}
                min={low}
                max={most}
                step={step}
                integer={whole ?? false}
                onChange={(value) => setChosen((before) => ({ ...before, [key]: value }))}
                testId={`preset-${method.id}-${key}`}
              />
            </span>
          );
        })}
      </span>
    </div>
  );
}

const [, largestMax] = optionTable.gateMax.range;
const { step: maxStep } = optionTable.gateMax;

/** The way to the range that a preset needs: the gate maximum, raised to the next step above what it wants. */
function Widen({ most }: { readonly most: number }): ReactNode {
  const gateMax = Math.min(largestMax, Math.ceil(most / maxStep) * maxStep);
  const obstacle = useObstacle(actions.setOptions, { gateMax });
  return (
    <Button
      label={`Up to ${gateMax}`}
      hint={`Raises the gate maximum to ${gateMax}, so that nothing of this preset is cut. Gates above 1 amplify a direction beyond what the reasoning model had.`}
      small
      obstacle={obstacle}
      testId="preset-widen"
      onClick={() => attempt(useStudio.getState(), actions.setOptions, { gateMax })}
    />
  );
}

/** The curve that the preset would give the first selected matrix. */
function Thumbnail({
  method,
  settings,
}: {
  readonly method: GateMethod;
  readonly settings: MethodValues;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const surface = createSurface(canvas.current, (context, { width, height }) => {
      const state = useStudio.getState();
      const target = targetOf(state);
      const about = target && presetSlots(state, [target.primary.index]);
      if (!target || !about) return;
      const { gateMax } = state.options;
      const { slot } = target.primary;
      const { values } = methodGates(
        method,
        makeBrush([slot], null),
        state.gates.values,
        about,
        settings,
        gateMax,
      );
      const palette = readPalette();
      const box = { left: 2, top: 3, width: width - 4, height: height - 6 };
      const path = curvePath(
        { values, offset: 0, count: slot.gates },
        spectralAxis('linear', slot.gates, hasTail(slot)),
        linearScale([0, gateMax], [box.top + box.height, box.top]),
        box,
      );
      context.strokeStyle = palette.hand;
      context.lineWidth = 1.75;
      context.lineJoin = 'round';
      context.stroke(path);
    });
    const unwatch = watchTheme(surface.invalidate);
    return () => {
      unwatch();
      surface.dispose();
    };
  }, [method, settings]);
  return <canvas ref={canvas} className={css.thumbnail} aria-hidden="true" />;
}
