/** Creates the tables that only a database of several processes has, and those of the event log. */
import { eventSlots, slotMinutes } from './eventSlots.ts';

const text = 'text COLLATE "C"';

/** Connections to the provider's key page that were begun; any node may complete one. */
export const keyConnections = `CREATE TABLE key_connections (
  state_hash ${text} PRIMARY KEY,
  verifier text NOT NULL,
  session_id ${text},
  expires_at_ms bigint NOT NULL
)`;

export const sharedTables: readonly string[] = [
  // The version of the database, for processes of other versions.
  `CREATE TABLE rill_meta (
    id integer PRIMARY KEY CHECK (id = 1),
    oldest_release ${text} NOT NULL
  )`,
  `INSERT INTO rill_meta (id, oldest_release) VALUES (1, '0.1.0')`,
  `CREATE TABLE nodes (
    boot_id ${text} PRIMARY KEY,
    name ${text},
    version ${text} NOT NULL,
    started_at_ms bigint NOT NULL,
    fenced_at_ms bigint,
    fenced_by ${text}
  )`,
  // Separate from the node's row, which appends lock.
  `CREATE TABLE heartbeats (
    boot_id ${text} PRIMARY KEY,
    expires_at_ms bigint NOT NULL
  )`,
  `CREATE TABLE fence_wishes (boot_id ${text} PRIMARY KEY)`,
  `CREATE TABLE log_settings (
    id integer PRIMARY KEY CHECK (id = 1),
    slot_minutes integer NOT NULL
  )`,
  `INSERT INTO log_settings (id, slot_minutes) VALUES (1, ${slotMinutes})`,
  ...eventSlots,
  // For the runs that a process checks for cancel marks, and that others look for when it is gone.
  `CREATE INDEX runs_active_by_boot ON runs (boot_id, id) WHERE ended_at_ms IS NULL`,
  `CREATE TABLE owner_feeds (
    owner_id ${text} PRIMARY KEY REFERENCES owners ON DELETE CASCADE,
    -- Names the feed in cursors, so that none of another database is taken for one of this.
    id ${text} NOT NULL,
    last_no bigint NOT NULL
  )`,
  `CREATE TABLE feed_events (
    owner_id ${text} NOT NULL,
    no bigint NOT NULL,
    type ${text} NOT NULL,
    data text NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (owner_id, no)
  )`,
  `CREATE INDEX feed_events_by_time ON feed_events (at_ms)`,
];
