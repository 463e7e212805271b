import { stringify } from 'yaml'

/** A value as YAML: long lines stay whole, nothing is abbreviated by anchors. In a file of its own, so that only who wants YAML loads it. */
export const toYaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
