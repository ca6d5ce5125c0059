'use strict'
// Sends requests: a line of JSON in says which and how many, a line out says what came back.
const { createInterface } = require('node:readline')
const autocannon = require('autocannon')

async function send ({ url, calls, connections, amount }) {
  const requests = calls.map(({ token, body }) => ({
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body
  }))
  let place = 0
  let wrong = 0
  const load = autocannon({
    url,
    requests,
    connections,
    amount,
    timeout: 120,
    // It looks only once in a sample interval whether it has done its work.
    sampleInt: 50,
    // Each connection begins elsewhere, so that no two ask for the same at once.
    setupClient (client) {
      const start = Math.floor(place++ * requests.length / connections)
      client.setRequests([...requests.slice(start), ...requests.slice(0, start)])
      // Instead of making a string of megabytes out of the chunks, which would be most of its work.
      client.pipelinedRequests.addBody = chunk => { wrong += chunk.includes('"errors":') }
    }
  })
  const started = performance.now()
  let ended = started
  load.on('response', () => { ended = performance.now() })
  const result = await load
  return {
    answered: result['2xx'],
    failed: result.errors + wrong,
    seconds: (ended - started) / 1000
  }
}

async function main () {
  for await (const line of createInterface({ input: process.stdin })) {
    const sent = await send(JSON.parse(line))
    process.stdout.write(JSON.stringify(sent) + '\n')
  }
}

main()
