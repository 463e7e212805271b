import * as z from 'zod'

/** What answers nothing but that it is done. */
export const Nothing = z.unknown().meta({ id: 'Nothing' })
