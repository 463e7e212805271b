/** How an API server refuses what a quota has no room for, or has not counted yet: both pass by themselves. */
export const OVER_QUOTA = /exceeded quota|status unknown for quota|insufficient quota/i
