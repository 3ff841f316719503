import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import { nearest } from '../../expression/nearest.ts';

/** What a parameter may be, and its value when absent. */
export type ParamRule =
  | {
      readonly type: 'integer' | 'number';
      readonly default: number;
      /** Bounds, inclusive. */
      readonly min: number;
      readonly max: number;
    }
  | { readonly type: 'boolean'; readonly default: boolean }
  | { readonly type: 'classWeight'; readonly default: 'none' };

/** Parameters by name. */
export type ParamRules = Readonly<Record<string, ParamRule>>;

/**
 * Yields the parameters with defaults filled in, in the order of the rules.
 *
 * @throws TRAIN_PARAM for an unknown key or a value that its rule forbids
 */
export function resolveParams(
  rules: ParamRules,
  params: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  for (const [key, value] of Object.entries(params)) {
    if (Object.hasOwn(rules, key)) continue;
    const known = Object.keys(rules);
    throw new SluiceError('TRAIN_PARAM', {
      key,
      value: JSON.stringify(value),
      allowed: `one of the keys ${known.join(', ')}; nearest: ${nearest(key, known) ?? 'none'}`,
    });
  }
  return Object.fromEntries(
    Object.entries(rules).map(([key, rule]) => {
      const value = params[key] ?? rule.default;
      if (!fits(value, rule))
        throw new SluiceError('TRAIN_PARAM', { key, value: JSON.stringify(value), allowed: allowedBy(rule) });
      return [key, value];
    }),
  );
}

function fits(value: Json, rule: ParamRule): boolean {
  if (rule.type === 'boolean') return typeof value === 'boolean';
  if (rule.type === 'classWeight') return value === 'none' || value === 'balanced' || isWeightPair(value);
  if (typeof value !== 'number' || value < rule.min || value > rule.max) return false;
  return rule.type === 'number' || Number.isInteger(value);
}

function isWeightPair(value: Json): value is { '0': number; '1': number } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value).sort().join();
  return keys === '0,1' && Object.values(value).every((w) => typeof w === 'number' && w > 0 && w <= 1e6);
}

function allowedBy(rule: ParamRule): string {
  if (rule.type === 'boolean') return 'true or false';
  if (rule.type === 'classWeight')
    return '"none", "balanced" or {"0": weight, "1": weight} with weights above 0';
  return `a ${rule.type === 'integer' ? 'whole number' : 'number'} from ${rule.min} to ${rule.max}`;
}

/**
 * Yields the weights of the two classes; `balanced` makes both weigh the same in sum and their mean over rows 1.
 *
 * @param ones rows labelled 1 among `rows`; both classes must occur
 */
export function classWeights(
  classWeight: Json | undefined,
  { rows, ones }: { rows: number; ones: number },
): { negative: number; positive: number } {
  if (classWeight === 'balanced')
    return { negative: rows / (2 * (rows - ones)), positive: rows / (2 * ones) };
  if (classWeight !== undefined && isWeightPair(classWeight))
    return { negative: classWeight['0'], positive: classWeight['1'] };
  return { negative: 1, positive: 1 };
}
