import { SluiceError } from '../../base/errors.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { Engine } from '../../ports/engine.ts';
import type { FeatureColumn, Task } from '../../ports/trainer.ts';

/** Rows of one or more Parquet files, in their order. */
export interface RowSource {
  readonly engine: Engine;
  readonly paths: readonly string[];
}

/** A feature as read: numbers with NaN for missing, or places in a dictionary with -1 for NULL; in shared memory. */
export type FeatureValues =
  | { readonly kind: 'numeric'; readonly values: Float64Array }
  | { readonly kind: 'categorical'; readonly codes: Int32Array; readonly dictionary: readonly string[] };

/** Labels of training rows followed by validation rows. */
export interface Labels {
  readonly values: Float64Array;
  readonly rows: number;
  readonly validationRows: number;
  /** Training rows labelled 1. */
  readonly ones: number;
}

/**
 * Reads the labels of the training part and of the validation part.
 *
 * @throws TRAIN_NO_ROWS, TRAIN_LABEL, TRAIN_ONE_CLASS
 */
export async function readLabels(
  engine: Engine,
  of: { task: Task; label: string; training: readonly string[]; validation: readonly string[] },
): Promise<Labels> {
  const training = await readNumbers({ engine, paths: of.training }, of.label);
  const validation =
    of.validation.length === 0
      ? new Float64Array(0)
      : await readNumbers({ engine, paths: of.validation }, of.label);
  if (training.length === 0) throw new SluiceError('TRAIN_NO_ROWS', { paths: of.training.join(', ') });
  checkLabels(training, of.task, 'training');
  checkLabels(validation, of.task, 'validation');
  const ones = training.reduce((sum, label) => sum + label, 0);
  if (of.task === 'binary' && (ones === 0 || ones === training.length))
    throw new SluiceError('TRAIN_ONE_CLASS', { rows: training.length, label: ones === 0 ? 0 : 1 });
  const values = sharedDoubles(training.length + validation.length);
  values.set(training);
  values.set(validation, training.length);
  return { values, rows: training.length, validationRows: validation.length, ones };
}

function checkLabels(labels: Float64Array, task: Task, part: string): void {
  const isBad = (label: number): boolean =>
    task === 'binary' ? label !== 0 && label !== 1 : !Number.isFinite(label);
  const row = labels.findIndex(isBad);
  if (row < 0) return;
  const allowed = task === 'binary' ? '0 or 1' : 'a finite number';
  const value = Number.isNaN(labels[row]) ? 'missing' : labels[row]!;
  throw new SluiceError('TRAIN_LABEL', { row, part, value, allowed });
}

/** Reads one feature; booleans count as 0 and 1. @throws TRAIN_FEATURE for an infinite number */
export async function readFeature(source: RowSource, feature: FeatureColumn): Promise<FeatureValues> {
  if (feature.kind === 'numeric') {
    const values = sharedCopy(await readNumbers(source, feature.name));
    const row = values.findIndex((value) => value === Infinity || value === -Infinity);
    if (row >= 0) throw new SluiceError('TRAIN_FEATURE', { row, column: feature.name, value: values[row]! });
    return { kind: 'numeric', values };
  }
  const column = await readColumn(source, feature.name, 'VARCHAR');
  if (column.type !== 'string') return { kind: 'categorical', codes: new Int32Array(0), dictionary: [] };
  const codes = new Int32Array(new SharedArrayBuffer(column.codes.length * 4));
  codes.set(column.codes);
  return { kind: 'categorical', codes, dictionary: column.dictionary };
}

/**
 * Reads features for scoring: categorical ones as the codes of known levels, NaN for NULL and -1 for unseen levels.
 *
 * @param levels by feature; undefined for a numeric one
 */
export async function readForScoring(
  source: RowSource,
  features: readonly FeatureColumn[],
  levels: readonly (readonly string[] | undefined)[],
): Promise<readonly Float64Array[]> {
  const columns: Float64Array[] = [];
  for (const [place, feature] of features.entries()) {
    if (feature.kind === 'numeric') columns.push(sharedCopy(await readNumbers(source, feature.name)));
    else columns.push(await readCodes(source, feature.name, levels[place] ?? []));
  }
  return columns;
}

async function readCodes(source: RowSource, name: string, levels: readonly string[]): Promise<Float64Array> {
  const column = await readColumn(source, name, 'VARCHAR');
  if (column.type !== 'string') return new Float64Array(0);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const known = Float64Array.from(column.dictionary, (level) => codeOf.get(level) ?? -1);
  const codes = sharedDoubles(column.codes.length);
  column.codes.forEach((code, row) => {
    codes[row] = code < 0 ? Number.NaN : known[code]!;
  });
  return codes;
}

async function readNumbers(source: RowSource, name: string): Promise<Float64Array> {
  const column = await readColumn(source, name, 'DOUBLE');
  return column.type === 'string' ? new Float64Array(0) : column.values;
}

async function readColumn({ engine, paths }: RowSource, name: string, type: 'DOUBLE' | 'VARCHAR') {
  const files = paths.map(quoteLiteral).join(', ');
  const sql = `SELECT CAST(${quoteIdentifier(name)} AS ${type}) AS value FROM read_parquet([${files}])`;
  return (await engine.columns(sql)).columns.get('value')!;
}

function sharedDoubles(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}

function sharedCopy(values: Float64Array): Float64Array {
  const copy = sharedDoubles(values.length);
  copy.set(values);
  return copy;
}
