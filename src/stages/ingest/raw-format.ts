import { SluiceError } from '../../base/errors.ts';
import { nearest } from '../../expression/nearest.ts';
import type { Batch } from '../../records/batch.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Reading } from './typed-column.ts';

/** Bytes to read: where they are, and what to call them. */
export interface RawFile {
  readonly engine: Engine;
  /** A path without signs of a glob. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly format: Batch['format'];
  readonly csv: SourceSpec['csv'];
  /** What arrives, by declaration. */
  readonly columns: readonly ColumnSpec[];
}

/** How one declared column comes out of the file. */
export interface RawColumn {
  readonly spec: ColumnSpec;
  /** SQL of what is in the file. */
  readonly raw: string;
  readonly reading: Reading;
}

/** An opened file: its header agrees with the declaration. */
export interface OpenedFile {
  /** SQL relation (for FROM) of the file's own columns, with the position in the file as `rowNumber`. */
  readonly relation: string;
  /** SQL of the position of a row in the file, from 0, the same on any number of threads. */
  readonly rowNumber: string;
  readonly columns: ReadonlyMap<string, RawColumn>;
  /** Every column of the file, in its order. */
  readonly found: readonly string[];
}

/**
 * Yields the declared columns by their place in the file.
 *
 * @param found names in the file, in order
 * @throws INGEST_COLUMN_MISSING naming the nearest, INGEST_COLUMN_TWICE
 */
export function placeColumns(file: RawFile, found: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const twice = new Set<string>();
  for (const [place, name] of found.entries()) {
    if (places.has(name)) twice.add(name);
    places.set(name, place);
  }
  for (const { name } of file.columns) {
    if (twice.has(name)) throw new SluiceError('INGEST_COLUMN_TWICE', { name: file.name, column: name });
    if (places.has(name)) continue;
    const named = found.filter((one) => one !== '');
    throw new SluiceError('INGEST_COLUMN_MISSING', {
      name: file.name,
      column: name,
      nearest: nearest(name, named) ?? '(none)',
      found: listed(named) || 'no column at all',
    });
  }
  return places;
}

/** Yields names as a list that fits into a message. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown}, … (${names.length} in all)` : shown;
}
