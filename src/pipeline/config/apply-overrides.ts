import { closest } from 'fastest-levenshtein';
import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import type { LoopSpec } from '../../records/loop-spec.ts';
import type { TrainPartSpec } from '../../records/train-spec.ts';
import { checkedSpec } from '../define/define-loop.ts';
import { parseOverride, type Override } from './override-grammar.ts';

type Tree = { [key: string]: Json };

/** A spec with the overrides applied, and the `train` parts of a sweep. */
export interface OverriddenSpec {
  readonly spec: LoopSpec;
  /** One per combination of swept values, last override fastest; a single one without a sweep. */
  readonly variants: readonly TrainPartSpec[];
}

/** More than anybody trains in one run. */
const mostVariants = 1000;

/** Keys below which any name may be new. */
const open = new Set(['train.params']);

/**
 * Applies overrides to a spec, in order. Choosing another trainer starts from that trainer's default params.
 *
 * @throws CONFIG_OVERRIDE, CONFIG_OVERRIDE_KEY for a key that does not exist (or does, with `+`) or a sweep outside `train`, CONFIG_VALUE
 */
export function applyOverrides(spec: LoopSpec, texts: readonly string[]): OverriddenSpec {
  const overrides = texts.map(parseOverride);
  for (const override of overrides) refuseSweepOutsideTrain(override);
  refuseHugeSweep(overrides);
  const combined = combinations(overrides).map((values) => {
    const tree = JSON.parse(JSON.stringify(spec)) as Tree;
    const isTrainer = (at: number): boolean => overrides[at]?.path.join('.') === 'train.trainer';
    // The trainer first: it resets the params that the others then set.
    const order = overrides
      .map((_, i) => i)
      .sort((a, b) => Number(isTrainer(b)) - Number(isTrainer(a)) || a - b);
    for (const i of order) applyOne(tree, overrides[i] as Override, values[i] ?? null);
    return checkedSpec(tree);
  });
  return { spec: combined[0] ?? spec, variants: combined.map((one) => one.train) };
}

function refuseHugeSweep(overrides: readonly Override[]): void {
  const count = overrides.reduce((product, { values }) => product * Math.max(1, values.length), 1);
  if (count <= mostVariants) return;
  throw new SluiceError('CONFIG_OVERRIDE', {
    override: overrides.map((one) => one.text).join(' '),
    reason: `it asks for ${count} models; a sweep has at most ${mostVariants}`,
  });
}

function combinations(overrides: readonly Override[]): readonly (readonly Json[])[] {
  return overrides.reduce<readonly (readonly Json[])[]>(
    (rows, { values }) =>
      rows.flatMap((row) => (values.length === 0 ? [null] : values).map((value) => [...row, value])),
    [[]],
  );
}

function refuseSweepOutsideTrain({ path, values, text }: Override): void {
  if (values.length < 2 || (path[0] === 'train' && path[1] !== 'split')) return;
  throw new SluiceError('CONFIG_OVERRIDE_KEY', {
    override: text,
    reason: 'only keys of train can be swept',
    nearest: 'train.params',
  });
}

function applyOne(tree: Tree, override: Override, value: Json): void {
  const parent = parentOf(tree, override);
  const key = override.path.at(-1) ?? '';
  const before = parent[key];
  const isNew = !Object.hasOwn(parent, key);
  const mayBeNew = open.has(override.path.slice(0, -1).join('.')) || override.action === 'force';
  if (isNew && !mayBeNew && override.action !== 'add')
    throw keyError(override, parent, 'there is no such key');
  if (!isNew && override.action === 'add')
    throw keyError(override, parent, 'the key is there already; leave the + out');
  if (override.action === 'delete') delete parent[key];
  else parent[key] = value;
  if (override.path.join('.') === 'train.trainer' && before !== value) parent['params'] = {};
}

function parentOf(tree: Tree, override: Override): Tree {
  let at = tree;
  for (const part of override.path.slice(0, -1)) {
    const found = Object.hasOwn(at, part) ? at[part] : null;
    const next = Array.isArray(found) ? null : found;
    if (typeof next !== 'object' || next === null)
      throw keyError(override, at, `"${part}" holds nothing to set a key in`);
    at = next as Tree;
  }
  return at;
}

function keyError(override: Override, at: Tree, reason: string): SluiceError {
  const wanted = override.path.find((part) => !Object.hasOwn(at, part)) ?? override.path.at(-1) ?? '';
  const known = Object.keys(at);
  const nearest = known.length === 0 ? 'none' : closest(wanted, known);
  return new SluiceError('CONFIG_OVERRIDE_KEY', { override: override.text, reason, nearest });
}

/**
 * Yields the overrides that the environment asks for: `SLUICE_TRAIN__PARAMS__LEAVES=31` is `train.params.leaves=31`; the
 * case of the keys is that of the spec.
 */
export function environmentOverrides(
  spec: LoopSpec,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.keys(environment)
    .filter((name) => /^SLUICE_[A-Z0-9_]+__[A-Z0-9_]+$/.test(name))
    .sort()
    .map((name) => {
      const parts = name.slice('SLUICE_'.length).split('__');
      return `${spellKeys(spec, parts).join('.')}=${environment[name] ?? ''}`;
    });
}

function spellKeys(spec: LoopSpec, parts: readonly string[]): readonly string[] {
  let at: unknown = spec;
  return parts.map((part) => {
    const keys = typeof at === 'object' && at !== null ? Object.keys(at) : [];
    const key = keys.find((one) => one.toUpperCase() === part) ?? part.toLowerCase();
    at = (at as Record<string, unknown> | undefined)?.[key];
    return key;
  });
}
