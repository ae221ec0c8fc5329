/** How the library names and numbers what these tests edit in the item: read here and nowhere else. */
export const ATTRIBUTE = {
  schemaVersion: 2,
  openUntilMs: 'openUntilMs',
  probeLeaseUntilMs: 'probeLeaseUntilMs',
  overrideUntilMs: 'overrideUntilMs',
  streakStartedAtMs: 'streakStartedAtMs',
  updatedAtMs: 'updatedAtMs',
} as const;
