/** Formats the costs beside the lines of a plot: no two lines have the same words, however small the costs are. */
const digits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3, useGrouping: false });

export const axisCost = (usd: number): string => `$${digits.format(usd)}`;
