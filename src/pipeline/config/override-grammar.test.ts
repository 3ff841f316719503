import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../../base/errors.ts';
import { parseOverride } from './override-grammar.ts';

const values = (text: string) => parseOverride(text).values;

test('a plain override sets one value of the type its text has', () => {
  assert.deepEqual(values('a=null'), [null]);
  assert.deepEqual(values('a=True'), [true]);
  assert.deepEqual(values('a=1_000'), [1000]);
  assert.deepEqual(values('a=-2.5e3'), [-2500]);
  assert.deepEqual(values('a=hello world'), ['hello world']);
  assert.deepEqual(values('a="1,2"'), ['1,2']);
  assert.deepEqual(values('a='), ['']);
});

test('lists and maps nest', () => {
  assert.deepEqual(values('a=[1,[x,"y"],{b: 2}]'), [[1, ['x', 'y'], { b: 2 }]]);
  assert.deepEqual(values('a=[]'), [[]]);
  assert.deepEqual(values('a={}'), [{}]);
});

test('commas, choice and range sweep in the order written', () => {
  assert.deepEqual(values('a=31,63'), [31, 63]);
  assert.deepEqual(values('a=choice(x,y)'), ['x', 'y']);
  assert.deepEqual(values('a=range(1,7,2)'), [1, 3, 5]);
  assert.deepEqual(values('a=range(3,0,-1)'), [3, 2, 1]);
});

test('signs choose the action and dots the path', () => {
  assert.deepEqual(
    ['a.b=1', '+a.b=1', '++a.b=1', '~a.b'].map((text) => parseOverride(text).action),
    ['set', 'add', 'force', 'delete'],
  );
  assert.deepEqual(parseOverride('~a.b').path, ['a', 'b']);
});

test('an override that makes no sense is refused with the reason', () => {
  for (const text of [
    'a',
    '=1',
    'a..b=1',
    'a=[1',
    'a="x',
    'a=range(0)',
    'a=range(a)',
    'a=[1]x',
    'a="x"y',
    'a=choice([1]2)',
    'a={b 1}',
    'a=range(1,5,0)',
  ]) {
    assert.throws(
      () => parseOverride(text),
      (error) => isSluiceError(error, 'CONFIG_OVERRIDE'),
      text,
    );
  }
});
