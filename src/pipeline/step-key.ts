import { canonicalJson } from '../base/canonical-json.ts';
import { digestBytes, digestFields, type Digest } from '../base/digest.ts';
import type { StepKeyFields } from '../records/step.ts';

/** Fields longer than this are kept as a digest. */
const shownLength = 80;

/**
 * Yields a value as named key fields, one per leaf, so that `explain` can name what moved: `config.params.leaves`. Lists
 * of named things are keyed by their names, with their order as a field of its own; other lists, what is empty, and anything
 * below the third level are one field.
 */
export function fieldsOf(prefix: string, value: unknown, depth = 3): StepKeyFields {
  const named = namedItems(value);
  if (depth === 0 || named === null || named.length === 0) return { [prefix]: fieldText(value) };
  const fields: Record<string, string> = {};
  if (Array.isArray(value)) fields[prefix] = fieldText(named.map(([name]) => name));
  for (const [name, item] of named) Object.assign(fields, fieldsOf(`${prefix}.${name}`, item, depth - 1));
  return fields;
}

function namedItems(value: unknown): readonly (readonly [string, unknown])[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value)) return Object.entries(value);
  const names = value.map((item: { name?: unknown; id?: unknown } | null) => item?.name ?? item?.id);
  const isNamed = names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
  return isNamed && names.length > 0 ? value.map((item, i) => [String(names[i]), item] as const) : null;
}

function fieldText(value: unknown): string {
  const text = canonicalJson(value);
  return text.length <= shownLength ? text : `sha256:${digestBytes(text)}`;
}

/** Yields the key of a step: sha256 over its fields in the order of their names, names and values length-prefixed. */
export function stepKey(fields: StepKeyFields): Digest {
  return digestFields(
    Object.keys(fields)
      .sort()
      .flatMap((name) => [name, fields[name] ?? '']),
  );
}

/** One key field that differs; null where one side lacks it. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly now: string | null;
}

/** Yields the fields that differ between two keys, sorted by name; none when the keys are equal. */
export function changedFields(before: StepKeyFields, now: StepKeyFields): readonly FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .sort()
    .filter((field) => before[field] !== now[field])
    .map((field) => ({ field, before: before[field] ?? null, now: now[field] ?? null }));
}
