/**
 * The text that stands for NULL in a categorical input of a model, U+0001. (onnxruntime-node ends a text at U+0000,
 * so that U+0000 would arrive as the empty text, which is a legitimate level.)
 */
export const nullText = '\u0001';

/**
 * Yields the form of a level in which it enters a model, and in which a model's own tables hold it: the text itself
 * but for U+0000 and U+0001, which are written as two characters, so that every text stays itself and none is taken for NULL.
 *
 * @example
 * toModelText('JFK'); // 'JFK'
 * toModelText('\u0001') === nullText; // false
 */
export function toModelText(level: string): string {
  return level.replaceAll('\u0001', '\u0001\u0003').replaceAll('\u0000', '\u0001\u0002');
}
