/** A URL as it may be shown: its password, in front of the host or among the parameters, is hidden. */
export const withoutPassword = (text: string): string => text.replace(/(:\/\/[^:@/?]*):.*@/, '$1:***@').replace(/([?&](?:ssl)?password=)[^&]*/gi, '$1***')
