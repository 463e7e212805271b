import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'

/** Answers the API server's questions for logs of pods that kwok plays: a line, as a real kubelet would give. */
export const fakeKubelet = async ({ key, certificate, address }: { key: string; certificate: string; address: string }) => {
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (_request, response) => {
    response.setHeader('content-type', 'text/plain')
    response.end('done\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(10_250, address, resolve)
  })
  return server
}
