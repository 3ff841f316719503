import { isSluiceError, SluiceError } from '../../base/errors.ts';

/** What a translated error says besides the engine's own words. */
export interface EnginePlace {
  readonly sql: string;
  readonly memoryMb: number;
}

const reasonLength = 400;
const ofFile =
  /^(IO Error|HTTP Error|Invalid Error)|CSV Error|parquet|magic bytes|malformed json|json.*(line|file)|decompress|TProtocolException|reading file|read file|corrupt/i;
const ofDisk = /no space left|disk quota|read-only file system|temp_directory|temporary (file|director)/i;

/**
 * Translates an error of DuckDB by the words it begins with, since the binding passes a text and no code.
 * A path is taken from the text, else from the first file that the statement names.
 */
export function translateDuckdb(error: unknown, place: EnginePlace): unknown {
  if (!(error instanceof Error) || isSluiceError(error)) return error;
  const text = error.message;
  const reason = shortened(text);
  const options = { cause: error };
  if (ofDisk.test(text)) return new SluiceError('ENGINE_UNAVAILABLE', { reason }, options);
  if (text.startsWith('Out of Memory Error')) {
    return new SluiceError('ENGINE_MEMORY', { reason, limit: `${place.memoryMb} MB` }, options);
  }
  if (text.startsWith('INTERRUPT Error')) {
    return new SluiceError('ENGINE_UNAVAILABLE', { reason: 'it was closed during a query' }, options);
  }
  const path = pathIn(text) ?? pathIn(place.sql);
  if (ofFile.test(text) && path !== undefined)
    return new SluiceError('ENGINE_FILE', { path, reason }, options);
  return new SluiceError('ENGINE_QUERY', { reason, sql: place.sql }, options);
}

/** Keeps the beginning of an engine's text, on one line: a 100 MB line of a CSV must not become a 100 MB message. */
function shortened(text: string): string {
  const line = text
    .slice(0, reasonLength * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > reasonLength ? `${line.slice(0, reasonLength)}…` : line;
}

function pathIn(text: string): string | undefined {
  const found =
    /file\s*=\s*(\S[^\n]*)/i.exec(text.slice(0, 1_000_000)) ??
    /(?:file|pattern|path)\s+["']([^"'\n]+)["']/i.exec(text) ??
    /(?:read_\w+|parquet_\w+|from|join)\s*\(?\s*\[?\s*'((?:[^']|'')+)'/i.exec(text);
  return found?.[1]?.trim();
}
