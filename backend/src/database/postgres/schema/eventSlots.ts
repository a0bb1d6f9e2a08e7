/**
 * Defines the tables of the event log: slots that are used in turn, one for each span of time. The events of a run are in
 * the slot that the time in its id selects. A slot is emptied as a whole, which costs far less than deleting its rows.
 */
const text = 'text COLLATE "C"';

/** Number of slots. */
export const slotCount = 6;
/** Time span of one slot, in minutes. A slot is used again after `slotCount` spans. */
export const slotMinutes = 15;

export const eventSlots: readonly string[] = Array.from(
  { length: slotCount },
  (_, slot) => `run_events_${slot}`,
).flatMap((name) => [
  `CREATE TABLE ${name} (
    run_id ${text} NOT NULL,
    seq integer NOT NULL,
    type ${text} NOT NULL,
    data text NOT NULL,
    content_length integer NOT NULL,
    reasoning_length integer NOT NULL,
    PRIMARY KEY (run_id, seq)
  )`,
  // Exactly one terminal event: a second one is refused here even if every other guard failed.
  `CREATE UNIQUE INDEX ${name}_one_terminal ON ${name} (run_id) WHERE type IN ('done', 'error')`,
]);
