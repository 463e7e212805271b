import * as z from 'zod'

const Empty = z.literal('').transform(() => undefined)

/** Whether what belongs to an entity goes with it. An empty text is what dhcli sends where it has nothing to say. */
export const cascade = { cascade: z.union([Empty, z.stringbool()]).optional() } as const
