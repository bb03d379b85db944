/** Where an export goes in a browser. */
import type { ExportTarget } from '../../../protocol/engine.ts';
import { archiveOutput } from '../../io/output/archive-output.ts';
import { handleOutput } from '../../io/output/handle-output.ts';
import type { ExportOutput } from './whole-or-nothing.ts';

export function browserOutput(target: ExportTarget, name: string): Promise<ExportOutput> {
  // The page's handle, passed on by the browser; protocol types know no DOM.
  return target.kind === 'folder'
    ? handleOutput(target.directory as FileSystemDirectoryHandle, name)
    : archiveOutput(name);
}
