import { open } from 'node:fs/promises';
import { SluiceError } from '../../base/errors.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';
import type { CsvSpec } from '../../records/source-spec.ts';
import { placeColumns, type OpenedFile, type RawColumn, type RawFile } from './raw-format.ts';
import { readText } from './typed-column.ts';

/** Longest line of delimited text; ten thousand columns of 200 characters fit. */
export const maxLineBytes: number = 2 * 1024 * 1024;

/**
 * Opens a CSV file by its header. Columns are addressed by place, so that no name of the file reaches the engine; all
 * are read as text, and typed by the declaration afterwards.
 *
 * @throws INGEST_DELIMITER, INGEST_COLUMN_MISSING, INGEST_COLUMN_TWICE, INGEST_LINE for a header that is too long
 */
export async function openCsv(file: RawFile): Promise<OpenedFile> {
  const found = file.csv.header ? await headerOf(file) : file.columns.map(({ name }) => name);
  const places = placeColumns(file, found);
  const columns = new Map<string, RawColumn>();
  for (const spec of file.columns) {
    const raw = `c${places.get(spec.name)}`;
    columns.set(spec.name, { spec, raw, reading: readText(raw, spec.type) });
  }
  const relation = numbered(csvRelation(file, found.length));
  return { relation, rowNumber: 'file_row_number', columns, found };
}

/** A streaming window keeps the order of the file, on any number of threads. */
export function numbered(relation: string): string {
  return `(SELECT *, row_number() OVER () - 1 AS file_row_number FROM ${relation})`;
}

function csvRelation({ path, csv }: RawFile, width: number): string {
  const columns = Array.from({ length: width }, (_, place) => `'c${place}': 'VARCHAR'`);
  const options = [
    'auto_detect = false',
    `header = ${csv.header}`,
    `delim = ${quoteLiteral(csv.delimiter)}`,
    `quote = ${quoteLiteral(csv.quote)}`,
    `escape = ${quoteLiteral(csv.quote)}`,
    `nullstr = ${quoteLiteral(csv.nullText)}`,
    `max_line_size = ${maxLineBytes}`,
    `columns = {${columns.join(', ')}}`,
  ];
  return `read_csv(${quoteLiteral(path)}, ${options.join(', ')})`;
}

async function headerOf(file: RawFile): Promise<readonly string[]> {
  const line = await firstLine(file);
  const fields = splitLine(line, file.csv);
  const missing = file.columns.filter(({ name }) => !fields.includes(name)).length;
  if (missing > 0) refuseDelimiter(file, line);
  return fields;
}

/** Tells a wrong delimiter from a missing column: another one would split the header into declared names. */
function refuseDelimiter(file: RawFile, line: string): void {
  const hits = (delimiter: string): number => {
    const fields = splitLine(line, { ...file.csv, delimiter });
    return file.columns.filter(({ name }) => fields.includes(name)).length;
  };
  const declared = hits(file.csv.delimiter);
  const likely = [',', ';', '\t', '|'].find((delimiter) => hits(delimiter) > Math.max(declared, 1));
  if (likely === undefined) return;
  const show = (delimiter: string): string => JSON.stringify(delimiter);
  throw new SluiceError('INGEST_DELIMITER', {
    name: file.name,
    declared: show(file.csv.delimiter),
    likely: show(likely),
    header: line.slice(0, 100),
  });
}

async function firstLine(file: RawFile): Promise<string> {
  const handle = await open(file.path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxLineBytes + 1), 0, maxLineBytes + 1, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const end = endOfHeader(bytes, file.csv.quote);
    if (end < 0 && bytesRead > maxLineBytes) {
      const reason = `the header is longer than ${maxLineBytes} bytes`;
      throw new SluiceError('INGEST_LINE', { name: file.name, line: 1, reason, text: shown(bytes) });
    }
    return bytes
      .subarray(0, end < 0 ? bytesRead : end)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .replace(/\r$/, '');
  } finally {
    await handle.close();
  }
}

function endOfHeader(bytes: Buffer, quote: string): number {
  const quoteByte = quote === '' ? -1 : quote.charCodeAt(0);
  let isQuoted = false;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === quoteByte) isQuoted = !isQuoted;
    else if (bytes[i] === 10 && !isQuoted) return i;
  }
  return -1;
}

/** Yields the beginning of a text, for messages. */
export function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 320)).toString('utf8').trimEnd();
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/**
 * Yields the fields of one line of delimited text, by RFC 4180.
 *
 * @example
 * splitLine('a,"b,c"', { delimiter: ',', quote: '"', header: true, nullText: '' }); // ['a', 'b,c']
 */
export function splitLine(line: string, { delimiter, quote }: CsvSpec): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const sign = line[i]!;
    if (quote !== '' && sign === quote) {
      if (isQuoted && line[i + 1] === quote) field += line[i++];
      else isQuoted = !isQuoted;
    } else if (sign === delimiter && !isQuoted) {
      fields.push(field);
      field = '';
    } else field += sign;
  }
  return [...fields, field];
}
