/** What an export did not take along from the VLM's folder, a line each below one that says so. */
import { visibleLine } from '../core/visible.ts';
import type { PassedOver } from '../core/reading/folder-rules.ts';

export const leftOutText = (leftOut: readonly PassedOver[]): string[] =>
  leftOut.length === 0
    ? []
    : ["Left out of the VLM's folder:", ...leftOut.map(({ name, why }) => visibleLine(`  ${name}: ${why}`))];
