/** Declares style sheets, which are imported for their effect. */
declare module '*.css';
