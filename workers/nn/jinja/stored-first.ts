/**
 * Names that a template sets at its top level, whatever happens, before it reads them there. Jinja makes them variables
 * of the template (jinja2/idtracking.py): until then they are undefined, in loops and macros as well, although the
 * context has a value of that name.
 */
import type { Place, Statement } from './syntax.ts';

export function storedFirst(template: readonly Statement[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const stored = new Set<string>();
  const store = (name: string, isSure: boolean): void => {
    if (isSure && !seen.has(name)) stored.add(name);
    seen.add(name);
  };
  const storeIn = (place: Place, isSure: boolean): void => {
    if (place.kind === 'name') store(place.name, isSure);
    else if (place.kind === 'member') seen.add(place.of);
    else for (const one of place.places) storeIn(one, isSure);
  };
  const read = (part: unknown): void => {
    for (const open = [part]; open.length > 0;) {
      const next = open.pop();
      if (typeof next !== 'object' || next === null) continue;
      if ('kind' in next && next.kind === 'name' && 'name' in next) seen.add(next.name as string);
      else for (const inner of Object.values(next)) open.push(inner);
    }
  };
  const visit = (statements: readonly Statement[], isSure: boolean): void => {
    for (const statement of statements)
      switch (statement.kind) {
        case 'print':
          read(statement.value);
          break;
        case 'if':
          read(statement.test);
          visit(statement.then, false);
          visit(statement.otherwise, false);
          break;
        // What stands within these has variables of its own.
        case 'for':
          read(statement.over);
          break;
        case 'with':
          read(statement.values);
          break;
        case 'call-block':
          read(statement.call);
          break;
        case 'filter-block':
          read(statement.filters);
          break;
        case 'set':
          read(statement.value);
          storeIn(statement.place, isSure);
          break;
        case 'set-block':
          storeIn(statement.place, isSure);
          break;
        case 'macro':
          store(statement.name, isSure);
          break;
        default:
      }
  };
  visit(template, true);
  return stored;
}
