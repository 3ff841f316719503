/** What governs the growth of a forest; the trainer's parameters of the same names. */
export interface BoostParams {
  readonly rounds: number;
  /** Leaves per tree at most, >= 2. */
  readonly leaves: number;
  readonly learningRate: number;
  /** Splits from root to leaf at most; 0 for no bound. */
  readonly maxDepth: number;
  readonly l2: number;
  readonly minChildWeight: number;
  readonly minRowsPerLeaf: number;
  readonly minSplitGain: number;
  /** Share of the rows and of the features that each tree sees, in (0, 1]. */
  readonly rowFraction: number;
  readonly featureFraction: number;
  readonly catSmooth: number;
  readonly catL2: number;
  readonly catMaxLeft: number;
  readonly catMinRows: number;
  /** Stops after so many rounds without a better validation loss; 0 never stops early. */
  readonly earlyStoppingRounds: number;
}
