import { isSluiceError, SluiceError } from '../../base/errors.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { ColumnInfo } from '../../ports/engine.ts';
import { placeColumns, type OpenedFile, type RawColumn, type RawFile } from './raw-format.ts';
import { readTyped } from './typed-column.ts';

/**
 * Opens a Parquet file by its footer.
 *
 * @throws INGEST_UNREADABLE, INGEST_COLUMN_MISSING, INGEST_COLUMN_TYPE
 */
export async function openParquet(file: RawFile): Promise<OpenedFile> {
  const relation = `read_parquet(${quoteLiteral(file.path)}, file_row_number = true)`;
  const infos = await footer(file);
  const places = placeColumns(
    file,
    infos.map(({ name }) => name),
  );
  const columns = new Map<string, RawColumn>();
  for (const spec of file.columns) {
    const raw = quoteIdentifier(spec.name);
    const { engineType } = infos[places.get(spec.name) ?? -1]!;
    const reading = readTyped(raw, engineType, spec.type);
    if (reading === undefined) {
      const details = { name: file.name, column: spec.name, found: engineType, declared: spec.type };
      throw new SluiceError('INGEST_COLUMN_TYPE', details);
    }
    columns.set(spec.name, { spec, raw, reading });
  }
  return { relation, rowNumber: 'file_row_number', columns, found: infos.map(({ name }) => name) };
}

async function footer(file: RawFile): Promise<readonly ColumnInfo[]> {
  try {
    return await file.engine.describe(`SELECT * FROM read_parquet(${quoteLiteral(file.path)})`);
  } catch (error) {
    if (!isSluiceError(error, 'ENGINE_FILE') && !isSluiceError(error, 'ENGINE_QUERY')) throw error;
    throw unreadable(file, error);
  }
}

/** Yields the error for bytes that the engine refuses, under the name the sender gave them. */
export function unreadable(file: RawFile, error: SluiceError): SluiceError {
  const [line = ''] = String(Reflect.get(error.details, 'reason') ?? error.message).split(
    / LINE \d+: | Possible /,
  );
  const reason = line.replaceAll(file.path, file.name).replace(/^(Invalid Input|IO|Invalid) Error: /, '');
  return new SluiceError(
    'INGEST_UNREADABLE',
    { name: file.name, format: file.format, reason },
    { cause: error },
  );
}
