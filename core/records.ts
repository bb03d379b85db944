/** Parsed JSON of somebody else: objects in it, and what they hold themselves and not by their prototype. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const own = (object: JsonRecord, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** What is no object holds nothing. */
export const asRecord = (value: unknown): JsonRecord => (isRecord(value) ? value : {});
