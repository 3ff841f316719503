/** A standardised number: adds `weight * (value - mean) / scale`, and `missingWeight` alone where the value is NaN. */
export interface LinearNumeric {
  readonly name: string;
  readonly mean: number;
  /** Standard deviation, > 0 (1 for a constant column). */
  readonly scale: number;
  readonly weight: number;
  /** What a missing value adds in place of the term above (mean imputation plus an indicator). */
  readonly missingWeight: number;
}

/** A one-hot category: adds the weight of its level; 0 for a level that training did not see. */
export interface LinearCategorical {
  readonly name: string;
  readonly levels: readonly string[];
  /** As long as `levels`. */
  readonly weights: readonly number[];
  readonly unseenWeight: number;
  /** What a null adds. */
  readonly nullWeight: number;
}

/**
 * A linear model as plain data: `margin = intercept + numeric terms + categorical terms`. The score is
 * `1 / (1 + exp(-margin))` for `binary`, the margin itself for `regression`.
 */
export interface LinearModel {
  readonly task: 'binary' | 'regression';
  readonly intercept: number;
  readonly numeric: readonly LinearNumeric[];
  readonly categorical: readonly LinearCategorical[];
  /** The inputs in the order of the signature, each the name of one term above. */
  readonly order: readonly string[];
}
