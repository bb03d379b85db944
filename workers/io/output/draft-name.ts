/** Names of what is being written, beside where it is to stand: `.merged.partial-4711-0123abcd`. */
const pattern = /^\.(.+)\.partial-([0-9]+)-[0-9a-f]{8}$/;

/** @param mark eight hexadecimal digits */
export const draftName = (target: string, pid: number, mark: string): string =>
  `.${target}.partial-${pid}-${mark}`;

/** Null for any other name. */
export function readDraftName(name: string): { readonly target: string; readonly pid: number } | null {
  const [, target, pid] = pattern.exec(name) ?? [];
  return target === undefined ? null : { target, pid: Number(pid) };
}
