import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { SluiceError } from '../../base/errors.ts';
import { maxLineBytes, shown } from './csv.ts';
import type { RawFile } from './raw-format.ts';

/** How to scan. */
export interface CsvScanOptions {
  /** Fields per row. */
  readonly width: number;
  /** Looks too for what the engine refuses without saying where: bytes that are not UTF-8, mixed line ends. */
  readonly isThorough?: boolean;
}

/**
 * Walks through delimited text as the engine's strict mode does (RFC 4180; a quote opens at the start of a field,
 * spaces before it are skipped) and counts its rows. The engine alone cannot be trusted with that: a line longer than
 * its buffers is left out without a word.
 *
 * @returns rows without the header; blank lines are none
 * @throws INGEST_RAGGED, INGEST_LINE for a line that is too long or a quote that is never closed
 */
export async function scanCsv(file: RawFile, options: CsvScanOptions): Promise<number> {
  const scan = new CsvScan(file, options);
  for await (const piece of createReadStream(file.path, { highWaterMark: 1 << 20 }))
    scan.feed(piece as Buffer);
  return scan.end();
}

const newline = 10;
const carriageReturn = 13;
const space = 32;

/** Where in a field a byte is: at its start, in plain text, in quotes, after a quote that may have closed it. */
type Place = 0 | 1 | 2 | 3;
const start = 0;
const plain = 1;
const quoted = 2;
const closed = 3;

class CsvScan {
  readonly #file: RawFile;
  readonly #options: CsvScanOptions;
  readonly #quote: number;
  readonly #delimiter: number;
  /** The beginning of a record that began in an earlier piece. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #place: Place = start;
  #fields = 1;
  #records = 0;
  #line = 1;
  #recordLine = 1;
  #lineEnd: 'LF' | 'CRLF' | undefined;
  /** The last line may end without a line end. */
  #isLast = false;

  constructor(file: RawFile, options: CsvScanOptions) {
    this.#file = file;
    this.#options = options;
    this.#quote = file.csv.quote === '' ? -1 : file.csv.quote.charCodeAt(0);
    this.#delimiter = file.csv.delimiter.charCodeAt(0);
  }

  feed(piece: Buffer): void {
    const quote = this.#quote;
    const delimiter = this.#delimiter;
    let place: Place = this.#place;
    let fields = this.#fields;
    let begin = 0;
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i]!;
      if (byte === quote) {
        if (place === quoted) place = closed;
        else if (place !== plain) place = quoted;
      } else if (place === quoted) {
        if (byte === newline) this.#line++;
      } else if (byte === delimiter) {
        fields++;
        place = start;
      } else if (byte === newline) {
        this.#finish(piece.subarray(begin, i), fields);
        begin = i + 1;
        fields = 1;
        place = start;
      } else if (place === start && byte !== space) place = plain;
    }
    this.#place = place;
    this.#fields = fields;
    this.#keep(piece.subarray(begin));
  }

  end(): number {
    if (this.#place === quoted) throw this.#wrong('a quote is opened and not closed', this.#record());
    this.#isLast = true;
    if (this.#keptBytes > 0) this.#finish(Buffer.alloc(0), this.#fields);
    return this.#file.csv.header ? Math.max(0, this.#records - 1) : this.#records;
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#kept.push(rest);
    this.#keptBytes += rest.length;
    if (this.#keptBytes > maxLineBytes) throw this.#tooLong(this.#record());
  }

  #record(rest?: Buffer): Buffer {
    return Buffer.concat(rest === undefined ? this.#kept : [...this.#kept, rest]);
  }

  #finish(rest: Buffer, fields: number): void {
    const length = this.#keptBytes + rest.length;
    const isBlank = length === 0 || (length === 1 && this.#record(rest)[0] === carriageReturn);
    if (length > maxLineBytes) throw this.#tooLong(this.#record(rest));
    // In a file of one column, a blank line is a row whose value is NULL.
    if (!isBlank || this.#options.width === 1) {
      if (fields !== this.#options.width) throw this.#ragged(this.#record(rest), fields);
      if (this.#options.isThorough === true) this.#lookCloser(this.#record(rest));
      this.#records++;
    }
    if (this.#keptBytes > 0) {
      this.#kept = [];
      this.#keptBytes = 0;
    }
    this.#recordLine = ++this.#line;
  }

  /** Finds what the engine refuses without saying where. */
  #lookCloser(record: Buffer): void {
    if (!isUtf8(record)) throw this.#wrong('it is not UTF-8', record);
    const lineEnd = record.at(-1) === carriageReturn ? 'CRLF' : 'LF';
    if (!record.includes(this.#quote) && record.subarray(0, -1).includes(carriageReturn)) {
      throw this.#wrong('it holds a carriage return in its middle', record);
    }
    this.#lineEnd ??= lineEnd;
    if (this.#lineEnd === lineEnd || this.#isLast) return;
    throw this.#wrong(`it ends with ${lineEnd}, earlier lines with ${this.#lineEnd}`, record);
  }

  #tooLong(record: Buffer): SluiceError {
    const reason =
      this.#place === quoted ? 'a quote is opened and not closed' : `it is longer than ${maxLineBytes} bytes`;
    return this.#wrong(reason, record);
  }

  #ragged(record: Buffer, found: number): SluiceError {
    return new SluiceError('INGEST_RAGGED', {
      name: this.#file.name,
      row: this.#file.csv.header ? this.#records : this.#records + 1,
      line: this.#recordLine,
      found,
      expected: this.#options.width,
      text: shown(record),
    });
  }

  #wrong(reason: string, record: Buffer): SluiceError {
    return new SluiceError('INGEST_LINE', {
      name: this.#file.name,
      line: this.#recordLine,
      reason,
      text: shown(record),
    });
  }
}
