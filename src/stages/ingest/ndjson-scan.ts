import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { SluiceError } from '../../base/errors.ts';
import { shown } from './csv.ts';
import { maxObjectBytes } from './ndjson.ts';
import type { RawFile } from './raw-format.ts';

const newline = 10;

/** Calls back for each line with its number, from 1; the bytes end before the line end. */
async function eachLine(file: RawFile, visit: (line: Buffer, number: number) => void): Promise<void> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let number = 0;
  for await (const piece of createReadStream(file.path, { highWaterMark: 1 << 20 })) {
    const bytes = piece as Buffer;
    let begin = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, begin)) {
      const rest = bytes.subarray(begin, end);
      visit(keptBytes === 0 ? rest : Buffer.concat([...kept, rest]), ++number);
      kept = [];
      keptBytes = 0;
      begin = end + 1;
    }
    kept.push(bytes.subarray(begin));
    keptBytes += bytes.length - begin;
    if (keptBytes > maxObjectBytes) break;
  }
  if (keptBytes > 0) visit(Buffer.concat(kept), number + 1);
}

/** Counts the lines of an NDJSON file that are not blank. @throws INGEST_LINE for one that is too long */
export async function countObjects(file: RawFile): Promise<number> {
  let count = 0;
  await eachLine(file, (line, number) => {
    if (line.length > maxObjectBytes) {
      throw wrong(file, { line, number, reason: `it is longer than ${maxObjectBytes} bytes` });
    }
    // A line that begins with a brace, as nearly all do, needs no closer look.
    if (line[0] === 123 || line.toString('utf8').trim() !== '') count++;
  });
  return count;
}

/** Finds the first line that is no JSON object, once the engine has refused the file. @throws INGEST_LINE */
export async function refuseBrokenLine(file: RawFile): Promise<void> {
  await eachLine(file, (line, number) => {
    const reason = faultOf(line);
    if (reason !== undefined) throw wrong(file, { line, number, reason });
  });
}

function faultOf(line: Buffer): string | undefined {
  if (line.length > maxObjectBytes) return `it is longer than ${maxObjectBytes} bytes`;
  if (!isUtf8(line)) return 'it is not UTF-8';
  const text = line.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? undefined
      : 'it is no JSON object';
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 120) : String(error);
  }
}

interface Fault {
  readonly line: Buffer;
  readonly number: number;
  readonly reason: string;
}

function wrong(file: RawFile, { line, number, reason }: Fault): SluiceError {
  return new SluiceError('INGEST_LINE', { name: file.name, line: number, reason, text: shown(line) });
}
