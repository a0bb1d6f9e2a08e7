/**
 * Defines how long the deltas of a fast answer are collected before they are committed together, in milliseconds. The
 * text still looks continuous, and each commit costs the database little.
 */
export const writeWindowMs = {
  /** For a database in the data folder of this process. */
  local: 25,
  /** For a database that several nodes share: a commit there is a round trip, so there are half as many. */
  shared: 50,
} as const;
