import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { openCsv } from './csv.ts';
import { scanCsv } from './csv-scan.ts';
import { countObjects, refuseBrokenLine } from './ndjson-scan.ts';
import { openNdjson } from './ndjson.ts';
import { openParquet, unreadable } from './parquet.ts';
import type { OpenedFile, RawFile } from './raw-format.ts';

/** Opens a file as declared, by its header or footer. @throws INGEST_* naming the file and what is wrong with it */
export async function openFile(file: RawFile): Promise<OpenedFile> {
  if (file.format === 'parquet') return openParquet(file);
  return file.format === 'csv' ? openCsv(file) : openNdjson(file);
}

/** How many columns are read at once to prove that a text file can be read whole. */
const readAtOnce = 400;

/**
 * Proves that a file can be read as declared and counts its rows. Text is read whole; of Parquet only the footer is,
 * whose pages carry their own checks.
 *
 * @throws INGEST_RAGGED, INGEST_LINE, INGEST_UNREADABLE naming file and line, besides what `openFile` throws
 */
export async function checkFile(
  file: RawFile,
): Promise<{ readonly opened: OpenedFile; readonly rows: number }> {
  const opened = await openFile(file);
  const rows = await countRows(file, opened);
  const expected = await rowsByScan(file, opened);
  if (expected !== undefined && expected !== rows) {
    if (file.format === 'ndjson') await refuseBrokenLine(file);
    const reason = `it has ${expected} rows, of which the engine reads ${rows}`;
    throw new SluiceError('INGEST_UNREADABLE', { name: file.name, format: file.format, reason });
  }
  return { opened, rows };
}

async function rowsByScan(file: RawFile, opened: OpenedFile): Promise<number | undefined> {
  if (file.format === 'parquet') return undefined;
  return file.format === 'csv' ? scanCsv(file, { width: opened.found.length }) : countObjects(file);
}

async function countRows(file: RawFile, opened: OpenedFile): Promise<number> {
  const raws = [...opened.columns.values()].map(({ raw }) => `count(${raw})`).slice(0, readAtOnce);
  const counts = file.format === 'parquet' ? ['count(*) AS rows'] : ['count(*) AS rows', ...raws];
  try {
    const [answer] = await file.engine.rows(`SELECT ${counts.join(', ')} FROM ${opened.relation}`);
    return Number(answer?.['rows']);
  } catch (error) {
    if (!isSluiceError(error, 'ENGINE_FILE') && !isSluiceError(error, 'ENGINE_QUERY')) throw error;
    if (file.format === 'csv') await scanCsv(file, { width: opened.found.length, isThorough: true });
    if (file.format === 'ndjson') await refuseBrokenLine(file);
    throw unreadable(file, error);
  }
}

/** Refuses columns that the row schema does not know. @throws INGEST_COLUMN_UNKNOWN */
export function refuseUnknown(source: SourceSpec, name: string, found: readonly string[]): void {
  const declared = new Set(source.columns.map((column) => column.name));
  const unknown = found.filter((column) => !declared.has(column));
  if (unknown.length === 0) return;
  throw new SluiceError('INGEST_COLUMN_UNKNOWN', {
    name,
    columns: unknown.slice(0, 8).join(', '),
    declared: [...declared].slice(0, 12).join(', '),
  });
}
