import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, openTerminal, shownWidth, type Terminal } from './terminal.ts';

interface FakeStream {
  readonly written: string[];
  readonly stream: NodeJS.WriteStream;
}

function aStream(isTTY: boolean, columns?: number): FakeStream {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { written, stream: { isTTY, columns, write } as NodeJS.WriteStream };
}

function aTerminal(options: {
  readonly output?: FakeStream;
  readonly errors?: FakeStream;
  readonly hasColour?: boolean;
  readonly showsProgress?: boolean;
}): Terminal {
  return openTerminal({
    output: (options.output ?? aStream(false)).stream,
    errors: (options.errors ?? aStream(false)).stream,
    hasColour: options.hasColour ?? false,
    showsProgress: options.showsProgress ?? true,
  });
}

test('progress is silent where nobody watches, notes are plain lines', () => {
  const errors = aStream(false);
  const terminal = aTerminal({ errors });
  assert.equal(terminal.isLive, false);
  terminal.live('50 %');
  terminal.note('done');
  terminal.settle();
  assert.deepEqual(errors.written, ['done\n']);
});

test('a live line is redrawn in place, cut to the screen, and gone before anything else is written', () => {
  const [output, errors] = [aStream(true, 80), aStream(true, 20)];
  const terminal = aTerminal({ output, errors });
  terminal.live('x'.repeat(50));
  terminal.live('short');
  terminal.print('answer');
  terminal.settle();
  assert.deepEqual(errors.written, [`\r\x1b[2K${'x'.repeat(18)}…`, '\r\x1b[2Kshort', '\r\x1b[2K']);
  assert.deepEqual(output.written, ['answer\n']);
});

test('colours meant for the screen do not reach an error stream that goes to a file', () => {
  const [output, errors] = [aStream(true), aStream(false)];
  const terminal = aTerminal({ output, errors, hasColour: true });
  terminal.note(terminal.style('red', 'bad'));
  terminal.complain(() => terminal.style('red', 'worse'));
  terminal.print(terminal.style('green', 'good'));
  assert.deepEqual(errors.written, ['bad\n', 'worse\n']);
  assert.deepEqual(output.written, ['\x1b[32mgood\x1b[39m\n']);
});

test('quiet silences progress and notes, never the answer or the reason of a failure', () => {
  const [output, errors] = [aStream(false), aStream(true, 80)];
  const terminal = aTerminal({ output, errors, showsProgress: false });
  terminal.live('50 %');
  terminal.note('by the way');
  terminal.complain(() => 'why');
  terminal.print('answer');
  assert.deepEqual([errors.written, output.written], [['why\n'], ['answer\n']]);
});

test('the width is that of the screen, at least 40, and 100 where there is none', () => {
  assert.equal(aTerminal({ output: aStream(true, 123) }).width, 123);
  assert.equal(aTerminal({ output: aStream(true, 10) }).width, 40);
  assert.equal(aTerminal({}).width, 100);
});

test('a text that is too wide ends in an ellipsis and loses its colours', () => {
  assert.equal(cut('short', 5), 'short');
  assert.equal(cut('longer', 5), 'long…');
  assert.equal(cut('\x1b[31mred\x1b[39m', 3), '\x1b[31mred\x1b[39m');
  assert.equal(cut('\x1b[31mredder\x1b[39m', 3), 're…');
  assert.equal(cut('anything', 0), '…');
  assert.equal(shownWidth('😀\x1b[31mé\x1b[39m'), 2);
});
