import { isSluiceError, SluiceError } from '../../base/errors.ts';

/** What a translated error says besides the engine's own words. */
export interface EnginePlace {
  readonly sql: string;
  readonly memoryMb: number;
  /** The file that the statement writes, if any: what fails there is the machine's fault and not an input's. */
  readonly writes?: string;
}

const reasonLength = 400;
const lineLength = 120;
const ofFile =
  /^(IO Error|HTTP Error|Invalid Error|Missing Extension Error)|CSV Error|parquet|magic bytes|malformed json|decompress|TProtocolException|(read|in|reading) file|corrupt/i;
/** Of the statement, whatever names of files or columns the text goes on to quote. */
const ofStatement = /^(Failed to extract statements: )?(Parser|Binder|Catalog|Syntax) Error/;
const ofDisk = /no space left|disk quota|read-only file system|temp_directory|temporary (file|director)/i;

/**
 * Translates an error of DuckDB by the words of its text, since the binding passes no code. A path is taken from the
 * text, else from the first file that the statement names.
 */
export function translateDuckdb(error: unknown, place: EnginePlace): unknown {
  if (!(error instanceof Error) || isSluiceError(error)) return error;
  const text = error.message;
  const reason = csvReason(text) ?? shortened(text);
  const options = { cause: error };
  if (ofDisk.test(text)) return new SluiceError('ENGINE_UNAVAILABLE', { reason }, options);
  if (text.startsWith('Out of Memory Error')) {
    return new SluiceError('ENGINE_MEMORY', { reason, limit: `${place.memoryMb} MB` }, options);
  }
  if (text.startsWith('INTERRUPT Error')) {
    return new SluiceError('ENGINE_UNAVAILABLE', { reason: 'it was closed during a query' }, options);
  }
  if (place.writes !== undefined && text.startsWith('IO Error') && text.includes(place.writes)) {
    return new SluiceError('ENGINE_UNAVAILABLE', { reason }, options);
  }
  const path = pathIn(text) ?? pathIn(place.sql);
  if (!ofStatement.test(text) && ofFile.test(text) && path !== undefined)
    return new SluiceError('ENGINE_FILE', { path, reason }, options);
  return new SluiceError('ENGINE_QUERY', { reason, sql: place.sql }, options);
}

/** `line 3: Expected Number of Columns: 2 Found: 1 (it reads: 3)`, from the engine's page-long text on a CSV error. */
function csvReason(text: string): string | undefined {
  const number = /CSV Error on Line: (\d+)/.exec(text)?.[1];
  const begin = text.indexOf('Original Line: ');
  if (number === undefined || begin < 0) return undefined;
  const [first = '', ...rest] = text.slice(begin + 'Original Line: '.length).split('\n');
  const what = shortened(rest.join('\n').split('\n\n')[0] ?? '');
  const line = first.length > lineLength ? `${first.slice(0, lineLength)}…` : first;
  return `line ${number}: ${what} (it reads: ${line.trim()})`;
}

/** Keeps what the engine says and drops its advice, which names settings that only Sluice can reach. */
function shortened(text: string): string {
  const said = text.slice(0, reasonLength * 4).replace(/\n(LINE \d+:|Possible |See also)[\s\S]*$/, '');
  const line = said.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length > reasonLength ? `${line.slice(0, reasonLength)}…` : line;
}

function pathIn(text: string): string | undefined {
  const found =
    /\n {2}file = ([^\n]+)/.exec(text) ??
    /(?:file|pattern|path)\s+["']([^"'\n]+)["']/i.exec(text) ??
    /(?:read_\w+|parquet_\w+|from|join)\s*\(?\s*\[?\s*'((?:[^']|'')+)'/i.exec(text);
  return found?.[1]?.trim();
}
