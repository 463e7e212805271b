import { describe, expect, test } from 'vitest'
import { pullRefusal } from './engine-words.ts'

describe('a failed pull is told apart', () => {
  const said = [
    [
      "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      'image-not-found',
    ],
    ['manifest for alpine:nosuch not found: manifest unknown: manifest unknown', 'image-not-found'],
    ['initializing source docker://x/y:1: reading manifest 1 in x/y: manifest unknown', 'image-not-found'],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'image-not-found'],
    [
      'failed to resolve reference "r/x:1": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
      'image-access-denied',
    ],
    ['Get "https://r.example/v2/": unauthorized: authentication required', 'image-access-denied'],
    ['error pulling image: denied: permission_denied: read_package', 'image-access-denied'],
    ['Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host', 'image-registry-unreachable'],
    ['Get "http://localhost:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', 'image-registry-unreachable'],
    ['Get "https://r.example/v2/": net/http: TLS handshake timeout', 'image-registry-unreachable'],
    ['toomanyrequests: You have reached your pull rate limit', 'image-registry-unreachable'],
    ['received unexpected HTTP status: 503 Service Unavailable', 'image-registry-unreachable'],
    ['failed to register layer: no space left on device', 'disk-full'],
    ['words that nobody knows', 'image-registry-unreachable'],
  ] as const
  for (const [words, code] of said) test(`${words.slice(0, 60)} → ${code}`, () => expect(pullRefusal(words)).toEqual({ code, evidence: [words] }))
})
