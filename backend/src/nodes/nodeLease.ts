/**
 * Defines how long the lease of a node lasts, and how often the node renews it: its heartbeat. The times of leases are
 * the database's, so that the clocks of the machines do not matter.
 */

/** Length of a lease from its renewal, in milliseconds. */
export const leaseMs = 8000;
/** Time between two renewals, in milliseconds. */
export const renewalMs = 2000;

/** SQL for the database's time, in milliseconds. */
export const nowMs = '(extract(epoch from clock_timestamp()) * 1000)::bigint';
/** SQL for the same with the part of a millisecond. */
export const exactNowMs = '(extract(epoch from clock_timestamp()) * 1000)::float8';
/** SQL for the end of a lease that is renewed now. */
export const leaseEnd = `${nowMs} + ${leaseMs}`;
/**
 * SQL that is true once the database has run for a whole lease: right after its start, no node has had time to renew.
 */
export const isSettled = `clock_timestamp() - pg_postmaster_start_time() > interval '${leaseMs} milliseconds'`;
