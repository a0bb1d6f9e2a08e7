/** Says from which share of a monthly budget on a warning is shown. */
export const warnedBudgetShare = 0.8;
