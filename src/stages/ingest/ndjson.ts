import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import { numbered } from './csv.ts';
import type { OpenedFile, RawColumn, RawFile } from './raw-format.ts';
import { readJson } from './typed-column.ts';

/** Longest line of a newline-delimited JSON file, the engine's least. */
export const maxObjectBytes: number = 16 * 1024 * 1024;

/** Opens newline-delimited JSON: one object per line; a member that is absent is NULL, one that is not declared is kept in raw only. */
export function openNdjson(file: RawFile): OpenedFile {
  const columns = new Map<string, RawColumn>();
  for (const spec of file.columns) {
    const raw = quoteIdentifier(spec.name);
    columns.set(spec.name, { spec, raw, reading: readJson(raw, spec.type) });
  }
  const members = file.columns.map(({ name }) => `${quoteLiteral(name)}: 'JSON'`);
  const options = [
    "format = 'newline_delimited'",
    'auto_detect = false',
    `maximum_object_size = ${maxObjectBytes}`,
    `columns = {${members.join(', ')}}`,
  ];
  const relation = numbered(`read_json(${quoteLiteral(file.path)}, ${options.join(', ')})`);
  return { relation, rowNumber: 'file_row_number', columns, found: file.columns.map(({ name }) => name) };
}
