/** One input of a forest, in the order of the signature. */
export interface ForestFeature {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  /** Of a categorical feature: its known levels without repeats; the code of a level is its place here. */
  readonly levels?: readonly string[];
}

/**
 * A binary tree as parallel arrays over its nodes; node 0 is the root and every child stands after its parent. Plain
 * data: canonical JSON of it is its digest, and typed arrays can be made of any member.
 */
export interface Tree {
  /** Place of the split's feature in `Forest.features`; -1 marks a leaf. */
  readonly feature: readonly number[];
  /** Numeric splits: a value goes left when `value <= threshold` (doubles, always finite). 0 elsewhere. */
  readonly threshold: readonly number[];
  /** Categorical splits: the level codes that go left, ascending; every other and every unseen level goes right. `[]` elsewhere. */
  readonly leftLevels: readonly (readonly number[])[];
  /** 1 where a missing value (NaN of a numeric, null of a categorical) goes left, 0 where it goes right; 0 in leaves. */
  readonly missingLeft: readonly (0 | 1)[];
  /** Nodes below; -1 in leaves. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** What a leaf adds to the margin (learning rate included); 0 in inner nodes. */
  readonly value: readonly number[];
}

/**
 * Boosted trees: `margin = baseScore + sum of one leaf per tree`, added in the order of the trees. The score is
 * `1 / (1 + exp(-margin))` for `binary`, the margin itself for `regression`.
 */
export interface Forest {
  readonly task: 'binary' | 'regression';
  readonly baseScore: number;
  readonly features: readonly ForestFeature[];
  readonly trees: readonly Tree[];
}
