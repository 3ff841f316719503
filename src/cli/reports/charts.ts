const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * Yields a bar of at most `width` columns.
 *
 * @param share in [0, 1]; values beyond are cut
 * @example
 * bar(0.5, 4); // '██'
 */
export function bar(share: number, width: number): string {
  const steps = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '');
}

const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * Yields values as a line of at most `width` small bars from the least to the greatest; where there are more values than
 * columns each bar is the mean of its share.
 *
 * @example
 * sparkline([1, 2, 3], 10); // '▁▅█'
 */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, i) => {
    const part = values.slice(
      Math.floor((i * values.length) / columns),
      Math.floor(((i + 1) * values.length) / columns),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const [least, greatest] = [Math.min(...means), Math.max(...means)];
  const span = greatest - least || 1;
  return means.map((mean) => levels[Math.round(((mean - least) / span) * 7)] ?? '').join('');
}
