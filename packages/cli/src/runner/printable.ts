// What containers and servers say must not move a cursor, clear a screen or ring: all control characters but tab and newline.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
const CONTROL_BUT_COLOURS = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[[\d;]*m)/g

/** Text of others, safe to show on a terminal. */
export const printable = (text: string): string => text.replaceAll(CONTROL, '')

/** As `printable`, on one line, for a cell that may have been coloured. */
export const printableCell = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(CONTROL_BUT_COLOURS, '')
