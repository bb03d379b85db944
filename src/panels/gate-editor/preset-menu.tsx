/**
 * Merge methods as gate curves: a thumbnail of each on the first selected spectrum, its number, and what
 * applying it would clamp.
 */
import { WandSparkles } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { makeBrush } from '../../../core/gates/brush.ts';
import { hasTail } from '../../../core/gates/field.ts';
import { presetGates, type PresetName, type PresetParameters } from '../../../core/gates/presets.ts';
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
import css from './gate-editor.module.css';
import { planPreset, presetSlots } from '../../state/selection-edits.ts';
import { targetOf } from '../../state/selection-target.ts';

interface PresetEntry {
  readonly name: PresetName;
  readonly title: string;
  readonly about: string;
  readonly parameter: {
    readonly key: keyof PresetParameters;
    readonly label: string;
    readonly spoken: string;
    readonly step: number;
    readonly min: number;
    readonly integer?: boolean;
  } | null;
}

const entries: readonly PresetEntry[] = [
  {
    name: 'task-arithmetic',
    title: 'Task arithmetic',
    about: 'The same gate everywhere.',
    parameter: { key: 'constant', label: 'gate', spoken: 'Gate', step: 0.05, min: 0 },
  },
  {
    name: 'truncation',
    title: 'Top of the spectrum',
    about: 'Keeps the strongest share of the directions, drops the rest.',
    parameter: { key: 'keptShare', label: 'kept', spoken: 'Share kept', step: 0.05, min: 0.01 },
  },
  {
    name: 'above-noise',
    title: 'Above the noise edge',
    about: 'Opens what exceeds the Marchenko-Pastur edge.',
    parameter: null,
  },
  {
    name: 'isotropic',
    title: 'Isotropic (Iso-C)',
    about: 'Every direction injects the mean singular value.',
    parameter: null,
  },
  {
    name: 'selective',
    title: 'Selective-RL',
    about: 'The leading directions only, with the whole norm restored.',
    parameter: {
      key: 'directions',
      label: 'k',
      spoken: 'Number of directions',
      step: 1,
      min: 1,
      integer: true,
    },
  },
  {
    name: 'level',
    title: 'Level each layer',
    about: 'One gate a layer with the energy it injects now: FRISM without its subspaces.',
    parameter: null,
  },
];

const startParameters: PresetParameters = { constant: 1, keptShare: 0.25, directions: 1 };

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

function PresetList(): ReactNode {
  const [parameters, setParameters] = useState(startParameters);
  const [everywhere, setEverywhere] = useState(false);
  const gateMax = useStudio((state) => state.options.gateMax);
  const selection = useStudio((state) => state.selection);
  const rank = useStudio((state) => state.session?.slots[state.selection.slots[0] ?? -1]?.rank ?? 1);
  const highest: Readonly<Record<keyof PresetParameters, number>> = {
    constant: gateMax,
    keptShare: 1,
    directions: rank,
  };
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
      {entries.map((entry) => {
        const plan = planPreset(useStudio.getState(), entry.name, parameters, everywhere);
        const clamped = plan?.result.clamped ?? 0;
        const { parameter } = entry;
        return (
          <div key={entry.name} className={css.preset}>
            <button
              type="button"
              className={css.presetApply}
              data-testid={`preset-${entry.name}`}
              onClick={(event) => {
                attempt(useStudio.getState(), actions.preset, {
                  name: entry.name,
                  title: entry.title,
                  parameters,
                  everywhere,
                });
                event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
              }}
            >
              <Thumbnail name={entry.name} parameters={parameters} />
              <span className={css.presetText}>
                <span className={css.presetTitle}>{entry.title}</span>
                <span>{entry.about}</span>
                {clamped > 0 && plan && (
                  <span
                    className={css.clamped}
                  >{`${clamped.toLocaleString('en')} of ${plan.brush.indices.length.toLocaleString('en')} gates want more than ${gateMax} and are clamped`}</span>
                )}
              </span>
            </button>
            {parameter && (
              <NumberField
                label={parameter.label}
                name={`${entry.title}: ${parameter.spoken}`}
                value={Math.min(highest[parameter.key], parameters[parameter.key])}
                min={parameter.min}
                max={highest[parameter.key]}
                step={parameter.step}
                integer={parameter.integer ?? false}
                onChange={(value) => setParameters((before) => ({ ...before, [parameter.key]: value }))}
                testId={`preset-${entry.name}-${parameter.key}`}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

/** The curve that the preset would give the first selected matrix. */
function Thumbnail({
  name,
  parameters,
}: {
  readonly name: PresetName;
  readonly parameters: PresetParameters;
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
      const { values } = presetGates(
        name,
        makeBrush([slot], null),
        state.gates.values,
        about,
        parameters,
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
  }, [name, parameters]);
  return <canvas ref={canvas} className={css.thumbnail} aria-hidden="true" />;
}
